package drift

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is what a token of SQL is.
type tokenKind int

const (
	word   tokenKind = iota + 1 // a keyword or a name, in lower case; a number too
	quoted                      // a name in quotes, as it stands
	text                        // a string
	symbol                      // anything else; "::" is one
)

type token struct {
	kind tokenKind
	text string
}

// tokenize splits SQL and leaves comments out. It knows what can hide a keyword or a quote:
// both kinds of comments (nested ones too), strings with doubled quotes, PostgreSQL's
// strings with escapes and in dollars, names in quotes of PostgreSQL and MySQL. ok is false
// where one of them does not end.
func tokenize(sql string) (tokens []token, ok bool) {
	for len(sql) > 0 {
		c := sql[0]
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(c)):
			sql = sql[1:]
			continue
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
			continue
		case strings.HasPrefix(sql, "/*"):
			if sql, ok = comment(sql); !ok {
				return nil, false
			}
			continue
		}
		var t token
		switch {
		case c == '\'':
			t.kind = text
			t.text, sql, ok = enclosed(sql[1:], c, false)
		case (c == 'e' || c == 'E') && strings.HasPrefix(sql[1:], "'"):
			t.kind = text
			t.text, sql, ok = enclosed(sql[2:], '\'', true)
		case c == '"' || c == '`':
			t.kind = quoted
			t.text, sql, ok = enclosed(sql[1:], c, false)
		case c == '$' && dollar(sql) != "":
			mark := dollar(sql)
			t.kind = text
			t.text, sql, ok = strings.Cut(sql[len(mark):], mark)
		case strings.HasPrefix(sql, "::"):
			t, sql, ok = token{symbol, "::"}, sql[2:], true
		case inName(c):
			n := 1
			for n < len(sql) && (inName(sql[n]) || sql[n] == '$') {
				n++
			}
			t, sql, ok = token{word, strings.ToLower(sql[:n])}, sql[n:], true
		default:
			_, n := utf8.DecodeRuneInString(sql)
			t, sql, ok = token{symbol, sql[:n]}, sql[n:], true
		}
		if !ok {
			return nil, false
		}
		tokens = append(tokens, t)
	}
	return tokens, true
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
// A backslash escapes what follows it only in PostgreSQL's E strings.
func enclosed(sql string, quote byte, escapes bool) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case escapes && c == '\\' && i+1 < len(sql):
			i++
			b.WriteByte(sql[i])
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
