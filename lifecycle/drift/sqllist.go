package drift

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// target is the column that is asked for, and the name of its table, in lower case.
type target struct{ table, name string }

// list takes the column's values from what stands in the parentheses of a CHECK. It knows the
// forms in which the list decides by itself, and no others: where anything else is asked of the
// column, ok is false.
func (c target) list(condition []token) (values []string, ok bool) {
	condition = unwrapped(condition)
	either, balanced := split(condition, "or")
	if !balanced || slices.ContainsFunc([]string{"xor", "|"}, func(by string) bool { // MySQL's || is OR
		parts, _ := split(condition, by)
		return len(parts) > 1
	}) {
		return nil, false
	}
	if len(either) > 1 {
		return c.union(either)
	}
	both, _ := split(condition, "and")
	if len(both) == 1 {
		return c.compared(condition)
	}
	for _, part := range both {
		if !c.in(part) || c.null(part, "is", "not", "null") {
			continue
		}
		more, fine := c.list(part)
		if !fine || ok && !alike(values, more) {
			return nil, false
		}
		values, ok = more, true
	}
	return values, ok
}

// union takes alternatives, each of which is a list or lets the column be null.
func (c target) union(either [][]token) (values []string, ok bool) {
	for _, part := range either {
		if c.null(part, "is", "null") {
			continue
		}
		part = unwrapped(part)
		more, fine := c.compared(part)
		if inner, _ := split(part, "or"); len(inner) > 1 {
			more, fine = c.union(inner)
		}
		if !fine {
			return nil, false
		}
		values, ok = append(values, more...), true
	}
	return values, ok
}

// in tells whether the tokens name the column at all.
func (c target) in(tokens []token) bool {
	return slices.ContainsFunc(tokens, func(t token) bool { return t.name() == c.name })
}

// null tells whether the tokens are the column and these words.
func (c target) null(tokens []token, words ...string) bool {
	p := phrase{unwrapped(tokens)}
	return p.column(c) && p.take(words...) && p.ends()
}

// unwrapped takes the parentheses off that hold all of the tokens.
func unwrapped(tokens []token) []token {
	for len(tokens) > 1 && tokens[0].is("(") && closing(tokens) == len(tokens)-1 {
		tokens = tokens[1 : len(tokens)-1]
	}
	return tokens
}

// closing gives where the parenthesis closes that the tokens begin with.
func closing(tokens []token) int {
	depth := 0
	for i, t := range tokens {
		if t.is("(") {
			depth++
		}
		if t.is(")") {
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens)
}

// split cuts at a word or a comma that stands in no parentheses, brackets or CASE (which holds
// no comma); the AND of a BETWEEN is none. balanced is false where more is closed than was opened.
func split(tokens []token, by string) (parts [][]token, balanced bool) {
	depth, between, from := 0, 0, 0
	for i, t := range tokens {
		switch {
		case t.is("("), t.is("["), by != "," && t.is("case"):
			depth++
		case t.is(")"), t.is("]"), by != "," && t.is("end"):
			if depth--; depth < 0 {
				return nil, false
			}
		case depth > 0:
		case t.is("between"):
			between++
		case t.is("and") && between > 0:
			between--
		case t.is(by):
			parts = append(parts, tokens[from:i])
			from = i + 1
		}
	}
	return append(parts, tokens[from:]), true
}

// compared takes "column IN ('a', 'b')", "column = ANY (ARRAY['a', 'b'])" or "column = 'a'",
// with any parentheses, and casts that change no value, and nothing behind it.
func (c target) compared(tokens []token) (values []string, ok bool) {
	p := phrase{tokens}
	switch {
	case !p.column(c):
		return nil, false
	case p.take("in", "("):
		values, ok = p.strings(")")
	case p.take("=", "any"):
		values, ok = p.array()
	case p.take("="):
		p.take("=") // SQLite reads both
		var value string
		value, ok = p.string()
		values = []string{value}
	}
	return values, ok && p.ends()
}

// phrase is tokens that are taken one after the other.
type phrase struct{ rest []token }

func (p *phrase) ends() bool { return len(p.rest) == 0 }

// take takes these keywords and symbols, or nothing.
func (p *phrase) take(all ...string) bool {
	for i, text := range all {
		if i >= len(p.rest) || !p.rest[i].is(text) {
			return false
		}
	}
	p.rest = p.rest[len(all):]
	return true
}

// name takes a name with what stands before its dots; nil: there is none.
func (p *phrase) name() (parts []string) {
	for len(p.rest) > 0 && p.rest[0].name() != "" {
		parts = append(parts, p.rest[0].name())
		if p.rest = p.rest[1:]; !p.take(".") {
			break
		}
	}
	return parts
}

func (p *phrase) column(c target) bool {
	if p.take("(") {
		return p.column(c) && p.take(")") && p.casts(whole)
	}
	name := p.name()
	n := len(name)
	return n > 0 && name[n-1] == c.name && (n == 1 || name[n-2] == c.table) && p.casts(whole)
}

func (p *phrase) array() (values []string, ok bool) {
	switch {
	case p.take("("):
		values, ok = p.array()
		ok = ok && p.take(")")
	case p.take("array", "["):
		values, ok = p.strings("]")
	}
	return values, ok && p.casts(whole)
}

// strings takes one or more of them, up to the end.
func (p *phrase) strings(end string) (values []string, ok bool) {
	for {
		value, ok := p.string()
		if !ok {
			return nil, false
		}
		values = append(values, value)
		if p.take(end) {
			return values, true
		}
		if !p.take(",") {
			return nil, false
		}
	}
}

func (p *phrase) string() (value string, ok bool) {
	if p.take("(") {
		value, ok = p.string()
		return value, ok && p.take(")") && p.casts(utf8.RuneCountInString(value))
	}
	if len(p.rest) > 1 && p.rest[0].kind == word && strings.HasPrefix(p.rest[0].text, "_") {
		p.rest = p.rest[1:] // MySQL prints the character set before each string
	}
	if len(p.rest) == 0 || p.rest[0].kind != text {
		return "", false
	}
	value, p.rest = p.rest[0].text, p.rest[1:]
	return value, p.casts(utf8.RuneCountInString(value))
}

// whole is the length of what a cast must not cut anywhere.
const whole = 1 << 30

var (
	texts   = []string{"text", "varchar", "character varying", "bpchar", "string"}
	cutting = []string{"char", "character", "nchar"} // to one character, where they have no length
)

// casts takes any number of them: "::character varying(20)[]". ok is false where one can
// change a value: it cuts what is longer, or, on what is no single string, it is none of the texts.
func (p *phrase) casts(length int) (ok bool) {
	for p.take("::") {
		name := p.name()
		if len(name) == 0 {
			return false
		}
		kind := name[len(name)-1]
		if kind == "character" && p.take("varying") {
			kind += " varying"
		}
		switch {
		case kind == caseless:
			return false
		case p.take("("):
			if len(p.rest) == 0 {
				return false
			}
			room, err := strconv.Atoi(p.rest[0].text)
			if p.rest = p.rest[1:]; err != nil || room < length || !p.take(")") {
				return false
			}
		case slices.Contains(cutting, kind), length == whole && !slices.Contains(texts, kind):
			return false
		}
		p.take("[", "]")
	}
	return true
}
