package drift

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token of SQL is.
type tokenKind int

const (
	word   tokenKind = iota + 1 // a keyword or a name, in lower case; a number too
	quoted                      // a name in quotes or brackets, as it stands
	text                        // a string
	symbol                      // anything else; "::" is one
)

type token struct {
	kind tokenKind
	text string
	line int // from 1
	// doubt is what stands before it that one database skips and another reads; nil: nothing.
	doubt *problem
}

// is tells whether the token is this keyword or symbol.
func (t token) is(text string) bool { return (t.kind == word || t.kind == symbol) && t.text == text }

// name is a name without its case; "" for what is none.
func (t token) name() string {
	if t.kind == word || t.kind == quoted {
		return strings.ToLower(t.text)
	}
	return ""
}

// problem says why a text could not be read, and where.
type problem struct {
	line int
	text string
}

// scanner splits SQL. It knows what can hide a keyword or a quote: comments of both kinds
// (nested ones too, and MySQL's that hold code and that begin a line with #), strings with doubled
// quotes, PostgreSQL's strings with escapes and in dollars, and names in the quotes of PostgreSQL
// and MySQL or the brackets of SQL Server.
type scanner struct {
	rest  string
	last  token // the one before
	line  int
	code  bool     // within a comment of MySQL's that holds code
	doubt *problem // of the token that comes next
}

// tokenize leaves comments out, and the data behind COPY … FROM stdin. Where something does not
// end, it says where that begins.
func tokenize(sql string) (tokens []token, wrong *problem) {
	s, from := scanner{rest: sql, line: 1}, 0 // from: where the statement begins
	for {
		begin := s.line
		t, ok := s.next()
		if ok && t.is(";") {
			ok = from == len(tokens) || !tokens[from].is("copy") || !slices.ContainsFunc(tokens[from:], token.stdin) || s.data()
			from = len(tokens) + 1
		}
		switch {
		case !ok:
			return nil, &problem{begin, "a string, a quoted name, a comment or the data of a COPY does not end"}
		case t.kind != 0:
			t.line, t.doubt, s.doubt = begin, s.doubt, nil
			tokens, s.last = append(tokens, t), t
		case s.rest == "" && s.code:
			return nil, &problem{begin, "a comment with code does not end"}
		case s.rest == "":
			return tokens, nil
		}
	}
}

func (t token) stdin() bool { return t.is("stdin") }

var data = regexp.MustCompile(`^[^\n]*\n(?s:.*?\n)??\\\.\r?(\n|$)`)

// data passes over the lines up to the one that ends them.
func (s *scanner) data() (ok bool) {
	skipped := data.FindString(s.rest)
	s.rest, s.line = s.rest[len(skipped):], s.line+strings.Count(skipped, "\n")
	return skipped != ""
}

// aside are the comments with code that say nothing of a condition: words, and a version before them.
var aside = regexp.MustCompile(`^/\*!\d{5,6}[\s\w]*\*/`)

// next takes a token, or what is none (t.kind is 0), off the rest.
func (s *scanner) next() (t token, ok bool) {
	sql := s.rest
	if sql == "" {
		return t, true
	}
	rest, ok := sql[1:], true
	switch c := sql[0]; {
	case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
	case strings.HasPrefix(sql, "--"), c == '#' && s.last.line != s.line:
		if c == '-' && len(sql) > 2 && sql[2] > ' ' {
			s.doubt = &problem{s.line, "-- without a blank behind it is an operator to one database and a comment to another"}
		}
		rest = strings.TrimLeftFunc(sql, func(r rune) bool { return r != '\n' })
	case strings.HasPrefix(sql, "/*!"), strings.HasPrefix(sql, "/*M!"):
		if !aside.MatchString(sql) {
			s.doubt = &problem{s.line, "a comment with code is code to one database and a comment to another"}
		}
		rest, s.code = strings.TrimLeft(sql[strings.IndexByte(sql, '!')+1:], "0123456789"), true
	case s.code && strings.HasPrefix(sql, "*/"):
		rest, s.code = sql[2:], false
	case strings.HasPrefix(sql, "/*"):
		rest, ok = comment(sql)
		if strings.Contains(sql[2:len(sql)-len(rest)], "/*") {
			s.doubt = &problem{s.line, "a comment in a comment ends earlier to one database than to another"}
		}
	default:
		t, rest, ok = s.token()
	}
	if ok {
		s.rest, s.line = rest, s.line+strings.Count(sql[:len(sql)-len(rest)], "\n")
	}
	return t, ok
}

// token takes one off the rest, which begins with one.
func (s *scanner) token() (t token, rest string, ok bool) {
	sql := s.rest
	c := sql[0]
	switch {
	case c == '\'':
		t.kind = text
		t.text, rest, ok = enclosed(sql[1:], c, false)
	case strings.IndexByte("eEnN", c) >= 0 && strings.HasPrefix(sql[1:], "'"):
		t.kind = text
		t.text, rest, ok = enclosed(sql[2:], '\'', c == 'e' || c == 'E')
	case c == '"' || c == '`':
		t.kind = quoted
		t.text, rest, ok = enclosed(sql[1:], c, false)
	case c == '[' && s.bracketed():
		t.kind = quoted
		t.text, rest, ok = enclosed(sql[1:], ']', false)
	case c == '$' && dollar(sql) != "":
		mark := dollar(sql)
		t.kind = text
		t.text, rest, ok = strings.Cut(sql[len(mark):], mark)
	case strings.HasPrefix(sql, "::"): // CockroachDB prints a third one
		t, rest, ok = token{kind: symbol, text: "::"}, strings.TrimPrefix(sql[2:], ":"), true
	case inName(c):
		n := 1
		for n < len(sql) && (inName(sql[n]) || sql[n] == '$') {
			n++
		}
		t, rest, ok = token{kind: word, text: strings.ToLower(sql[:n])}, sql[n:], true
	default:
		_, n := utf8.DecodeRuneInString(sql)
		t, rest, ok = token{kind: symbol, text: sql[:n]}, sql[n:], true
	}
	return t, rest, ok
}

// bracketed tells whether the bracket opens a name, as SQL Server prints it: letters,
// digits and spaces up to the next bracket. Nothing else can be hidden so, and an index by one
// column reads as well.
func (s *scanner) bracketed() bool {
	name, _, ends := strings.Cut(s.rest[1:], "]")
	for i := range len(name) {
		if !inName(name[i]) && name[i] != ' ' {
			return false
		}
	}
	return ends && name != "" && (name[0] < '0' || name[0] > '9')
}

func inName(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// comment passes over one comment in slashes and stars.
func comment(sql string) (rest string, ok bool) {
	for depth := 0; len(sql) > 0; {
		switch {
		case strings.HasPrefix(sql, "/*"):
			depth, sql = depth+1, sql[2:]
		case strings.HasPrefix(sql, "*/"):
			if depth, sql = depth-1, sql[2:]; depth == 0 {
				return sql, true
			}
		default:
			sql = sql[1:]
		}
	}
	return "", false
}

// enclosed takes what stands up to the closing quote, which counts as itself if doubled.
// A backslash escapes what follows it only in PostgreSQL's E strings; what stands for
// another character becomes one that no status has.
func enclosed(sql string, quote byte, escapes bool) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case escapes && c == '\\' && i+1 < len(sql):
			i++
			if strings.IndexByte("bfnrtuUx01234567", sql[i]) >= 0 {
				b.WriteRune(utf8.RuneError)
			} else {
				b.WriteByte(sql[i])
			}
		case c != quote:
			b.WriteByte(c)
		case i+1 < len(sql) && sql[i+1] == quote:
			i++
			b.WriteByte(quote)
		default:
			return b.String(), sql[i+1:], true
		}
	}
	return "", "", false
}

// dollar gives the mark that opens a string in dollars: "$$" or "$name$"; "" for none.
func dollar(sql string) string {
	end := strings.IndexByte(sql[1:], '$')
	if end < 0 {
		return ""
	}
	for i := 1; i <= end; i++ {
		if !inName(sql[i]) {
			return ""
		}
	}
	return sql[:end+2]
}

// beginnings are where a statement begins without a semicolon before it, as SQL Server lets it.
var beginnings = [][]string{{"create"}, {"alter", "table"}, {"alter", "schema"}, {"drop", "table"}, {"drop", "schema"}, {"drop", "type"}, {"drop", "database"}, {"rename", "table"}}

// statements splits at semicolons, and at what begins one.
func statements(tokens []token) (all [][]token) {
	depth, from := 0, 0
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(";"):
			all = append(all, tokens[from:i])
			from, depth = i+1, 0
		case depth == 0 && i > from && begins(tokens[i:], beginnings):
			all = append(all, tokens[from:i])
			from = i
		}
	}
	return append(all, tokens[from:])
}

// begins tells whether the tokens begin with one of these.
func begins(tokens []token, with [][]string) bool {
	return slices.ContainsFunc(with, func(words []string) bool { return (&phrase{tokens}).take(words...) })
}

// nested is how deep parentheses may stand in each other; deeper is no schema.
const nested = 200

// unclosed tells of what is opened and not closed, or the other way round.
func unclosed(statement []token) *problem {
	pairs := map[string]string{")": "(", "]": "["}
	var open []token
	for _, t := range statement {
		opener, closes := pairs[t.text]
		switch {
		case t.kind != symbol:
		case t.is("("), t.is("["):
			open = append(open, t)
		case t.is("#"):
			return &problem{t.line, "a # in a line is an operator to one database and a comment to another"}
		case closes && (len(open) == 0 || !open[len(open)-1].is(opener)):
			return &problem{t.line, "a parenthesis or bracket is closed that was not opened"}
		case closes:
			open = open[:len(open)-1]
		}
		if len(open) > nested {
			return &problem{t.line, "parentheses are nested too deep"}
		}
	}
	if len(open) > 0 {
		return &problem{open[len(open)-1].line, "a parenthesis or bracket does not close"}
	}
	return nil
}
