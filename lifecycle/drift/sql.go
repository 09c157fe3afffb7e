package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// SQLCheck holds the list of a status column against the machine: nil, or *Gap (ErrGap)
// with the difference, or *SourceError (ErrSource) where the text has no such list, with the line.
// The order of the list does not matter, nor whether a value stands twice.
//
// The text is DDL, as a migration has it or as a database prints it. Statements of that table
// count; names are compared without case, and where both the text and the question give the table
// a schema, it is the same one. The list is a CHECK of one of the forms
//
//	status IN ('a', 'b')
//	status = ANY (ARRAY['a', 'b'])
//	status = 'a'
//
// or several by OR, with any parentheses, and casts that cut nothing, joined to conditions on
// other columns by AND, or to "status IS NULL" by OR. Or it is the column's type: MySQL's
// ENUM('a', 'b'), or PostgreSQL's, from CREATE TYPE … AS ENUM in the same text.
//
// A CHECK that asks anything else of the column, such as a function of it, or the list
// on a condition, is no list. Beside a list it is left alone, since it can only keep out more;
// without one it is *SourceError. So it is where the text is a history that cannot be read as one
// schema: several lists for the column that differ, or a list whose constraint, or type, is
// dropped or altered later. The schema as it stands is what to hand over.
func SQLCheck(chart *lifecycle.Chart, ddl, table, column string) error {
	source := fmt.Sprintf("the CHECK of %s.%s", table, column)
	asked := strings.Split(strings.ToLower(table), ".")
	of := target{asked[len(asked)-1], strings.ToLower(column)}
	fail := func(line int, problem string) error { return &SourceError{source, line, problem} }
	tokens, wrong := tokenize(ddl)
	if wrong != nil {
		return fail(wrong.line, wrong.text)
	}
	all := statements(tokens)
	types := enums(all)
	var list, unclear *listed
	line := 0 // of the first statement
	for _, statement := range all {
		body, concerned := tabled(statement, asked)
		if !concerned {
			continue
		}
		if wrong := unclosed(statement); wrong != nil {
			return fail(wrong.line, wrong.text)
		}
		if line == 0 {
			line = statement[0].line
		}
		if at := lifted(body, list); at > 0 {
			return fail(at, "a constraint is dropped or altered here that may be the list: hand over the schema as it stands, not its history")
		}
		for _, found := range append(of.checks(body), of.typed(body, types)...) {
			switch {
			case found.unclear != "":
				if unclear == nil {
					unclear = &found
				}
			case list != nil && !alike(list.names, found.names):
				return fail(found.line, "there are several lists that differ: hand over the schema as it stands, not its history, and name the table with its schema")
			default:
				if list != nil && list.constraint != found.constraint {
					found.constraint = "" // two of them
				}
				list = &found
			}
		}
	}
	switch {
	case line == 0:
		return fail(0, "there is no CREATE TABLE or ALTER TABLE of this table")
	case list == nil && unclear != nil:
		return fail(unclear.line, unclear.unclear)
	case list == nil:
		return fail(line, "no CHECK and no type of the table lists values of this column")
	}
	return gap(chart.Name(), source, statuses(chart), list.names)
}

// listed is a list that was found, or why it is none.
type listed struct {
	line       int
	names      []string
	unclear    string
	constraint string // the name of the CHECK; "": it has none here
}

func alike(a, b []string) bool { return without(a, b) == nil && without(b, a) == nil }

// checks are the CHECKs that name the column.
func (c target) checks(body []token) (all []listed) {
	for i, t := range body {
		if !t.is("check") || i+1 == len(body) || !body[i+1].is("(") {
			continue
		}
		inside := body[i+1:]
		end := closing(inside)
		if inside, rest := inside[1:end], inside[end+1:]; c.in(inside) {
			names, ok := c.list(inside)
			found := listed{line: t.line, names: names}
			if i > 1 && body[i-2].is("constraint") {
				found.constraint = body[i-1].name()
			}
			switch {
			case !enforced(rest):
				found.unclear = "this CHECK is not enforced"
			case !ok:
				found.unclear = "it is not the list alone that decides here: give the column a CHECK with its whole list, compared as it is; more may be asked in other CHECKs, or of other columns by AND"
			}
			all = append(all, found)
		}
	}
	return all
}

// lifted gives the line where an ALTER TABLE takes a constraint away, or out of force, that may
// be the list which was found before; 0: nowhere. A list without a name may be any.
func lifted(body []token, list *listed) (line int) {
	for i, t := range body {
		if list == nil || !t.is("drop") && !t.is("alter") && !t.is("nocheck") && !t.is("disable") {
			continue
		}
		p := phrase{body[i+1:]}
		if !p.take("constraint") && !p.take("check") {
			continue
		}
		p.take("if", "exists")
		if name := p.name(); len(name) > 0 && (list.constraint == "" || list.constraint == name[0]) {
			return t.line
		}
	}
	return 0
}

// enforced tells whether what stands behind a CHECK leaves it in force.
func enforced(behind []token) bool {
	for i, t := range behind {
		switch {
		case t.is("disable"), t.is("enforced") && i > 0 && behind[i-1].is("not"):
			return false
		case t.kind != word:
			return true
		}
	}
	return true
}

// enum is a type of PostgreSQL's with its labels.
type enum struct {
	name []string
	listed
}

// enums are the types that the text creates. One that is altered later is unclear.
func enums(statements [][]token) (all []enum) {
	for _, statement := range statements {
		p := phrase{statement}
		switch {
		case p.take("create", "type"):
			name := p.name()
			if len(name) > 0 && p.take("as", "enum", "(") {
				found := enum{name, listed{line: statement[0].line}}
				if wrong := unclosed(statement); wrong != nil {
					found.line, found.unclear = wrong.line, wrong.text
				} else if names, ok := p.strings(")"); ok {
					found.names = names
				} else {
					found.unclear = "the type's list is not understood"
				}
				all = append(all, found)
			}
		case p.take("alter", "type"):
			name := p.name()
			for i := range all {
				if len(name) > 0 && same(all[i].name, name) && slices.ContainsFunc(p.rest, func(t token) bool { return t.is("value") }) {
					all[i].line, all[i].unclear = statement[0].line, "the type is altered here: hand over the schema as it stands, not its history"
				}
			}
		}
	}
	return all
}

// typed are the lists that come with the column's type, wherever the statement gives it one.
func (c target) typed(body []token, types []enum) (all []listed) {
	for i, t := range body {
		if t.name() != c.name {
			continue
		}
		p := phrase{body[i+1:]}
		if p.take("enum", "(") {
			names, ok := p.strings(")")
			found := listed{line: t.line, names: names}
			if !ok {
				found.unclear = "the column's list is not understood"
			}
			all = append(all, found)
			continue
		}
		if !p.take("set", "data", "type") {
			p.take("type")
		}
		name := p.name()
		if len(name) == 0 || p.take("[") || p.take("array") { // many of them
			continue
		}
		for _, e := range types {
			if same(e.name, name) {
				all = append(all, e.listed)
			}
		}
	}
	return all
}
