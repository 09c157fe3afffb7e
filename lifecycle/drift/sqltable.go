package drift

import (
	"slices"
	"strings"
)

// same tells whether two names are one, as far as both say where it stands.
func same(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.Equal(a[len(a)-n:], b[len(b)-n:])
}

// mentions tells whether the name stands anywhere in the tokens.
func mentions(tokens []token, name []string) bool {
	for p := (phrase{tokens}); len(p.rest) > 0; {
		if found := p.name(); len(found) > 0 && same(found, name) {
			return true
		} else if len(found) == 0 {
			p.rest = p.rest[1:]
		}
	}
	return false
}

// tableStatement is a CREATE TABLE, in its definitions, or an ALTER TABLE, in its actions.
type tableStatement struct {
	creates bool
	named   []string
	parts   [][]token
	read    []token // what the parts were read from, and what stands before
}

// tabled tells whether a statement creates or alters the table.
func tabled(statement []token, asked []string) (s tableStatement, ok bool) {
	p := phrase{statement}
	s.creates = p.take("create")
	if !s.creates && !p.take("alter") {
		return s, false
	}
	for p.take("or", "replace") || p.take("unlogged") {
	}
	if !p.take("table") { // a TEMPORARY, FOREIGN or GLOBAL one is another
		return s, false
	}
	for p.take("if") || p.take("not") || p.take("exists") || p.take("only") {
	}
	s.named = p.name()
	if len(s.named) == 0 || !same(s.named, asked) {
		return s, false
	}
	s.read = statement
	if at := slices.IndexFunc(p.rest, func(t token) bool { return t.is("(") }); s.creates && at >= 0 {
		p.rest = p.rest[at:]
		end := closing(p.rest)
		s.read = statement[:len(statement)-len(p.rest)+min(end+1, len(p.rest))]
		p.rest = p.rest[1:end]
	}
	s.parts, _ = split(p.rest, ",")
	s.parts = slices.DeleteFunc(s.parts, func(part []token) bool { return len(part) == 0 })
	return s, true
}

// gone gives the line of a statement that may drop, move or rename the table, or put another
// one in its place; 0: it does not.
func gone(statement []token, asked []string) (line int) {
	renamed := slices.IndexFunc(statement, func(t token) bool { return t.is("rename") })
	switch {
	case begins(statement, [][]string{{"drop", "schema"}, {"drop", "database"}, {"alter", "schema"}}),
		begins(statement, [][]string{{"drop", "table"}}) && mentions(statement, asked),
		begins(statement, [][]string{{"rename"}, {"alter", "table"}}) && renamed >= 0 && mentions(statement[renamed:], asked):
		return statement[0].line
	}
	return 0
}

// defined gives the column that a part of a statement defines, and its definition.
func defined(part []token, creates bool) (name string, definition []token) {
	p := phrase{part}
	changes := !creates && p.take("change")
	if !creates && !changes && !p.take("add") && !p.take("alter") && !p.take("modify") {
		return "", nil
	}
	for !creates && (p.take("column") || p.take("if") || p.take("not") || p.take("exists")) {
	}
	if changes {
		p.name() // the old one
	}
	if found := p.name(); len(found) == 1 {
		return found[0], p.rest
	}
	return "", nil
}

// harmless are actions of ALTER TABLE that take no list away, whatever follows.
var harmless = [][]string{{"add"}, {"owner", "to"}, {"validate", "constraint"}, {"check", "constraint"}, {"enable"}, {"force", "row"}, {"disable", "keys"},
	{"disable", "trigger"}, {"replica", "identity"}, {"cluster", "on"}, {"attach", "partition"}, {"auto_increment"}}

// settings are what an ALTER COLUMN may do to the column itself.
var settings = [][]string{{"set", "default"}, {"drop", "default"}, {"set", "not", "null"}, {"drop", "not", "null"}}

// keeps tells whether an action of ALTER TABLE surely leaves the list as it is: it is harmless,
// or it names another column, or a constraint where the list's has another name.
func (c target) keeps(action []token, list *listed) bool {
	p := phrase{action}
	_ = p.take("with", "check") || p.take("with", "nocheck")
	if begins(p.rest, harmless) {
		return true
	}
	drops, alters := p.take("drop"), p.take("alter")
	if !drops && !alters && !p.take("modify") && !p.take("change") {
		return false
	}
	constraint := p.take("constraint") || p.take("check")
	column := !constraint && (p.take("column") || !drops) // SQL Server drops a constraint without the word
	p.take("if", "exists")
	name := p.name()
	switch {
	case len(name) != 1:
		return false
	case name[0] == c.name && !constraint:
		return alters && begins(p.rest, settings)
	case !column && (list.constraint == "" || list.constraint == name[0]):
		return false
	case drops: // a CHECK goes with any column that it names
		return (p.ends() || p.take("cascade") || p.take("restrict")) && p.ends() && (constraint || !target{name: name[0]}.in(list.inside))
	}
	return true
}

// caseless is PostgreSQL's type for strings that differ in more than their case.
const caseless = "citext"

// builtin are types that nobody's own type hides, unless its schema is written.
var builtin = strings.Fields("text varchar char character nchar nvarchar bpchar string name int integer bigint smallint numeric decimal real float boolean bool date time timestamp timestamptz uuid json jsonb bytea xml")

// folds tells whether a column may compare without case, for its type or for its COLLATE.
func folds(kind []string, definition []token) bool {
	if len(kind) > 0 && kind[len(kind)-1] == caseless {
		return true
	}
	for i, t := range definition {
		p := phrase{definition[i+1:]}
		by := p.name()
		if !t.is("collate") || len(by) == 0 {
			continue
		}
		if by := by[len(by)-1]; !slices.Contains([]string{"c", "posix", "binary"}, by) && !strings.HasSuffix(by, "_bin") {
			return true
		}
	}
	return false
}
