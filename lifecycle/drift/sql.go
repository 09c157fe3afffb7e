package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// SQLCheck holds the list of a status column against the spellings of the machine's states:
// nil, or *Gap (ErrGap) with the difference, or *SourceError (ErrSource) where the text has no
// such list, with the line. The order of the list does not matter, nor whether a value stands
// twice.
//
// The text is DDL, as a migration has it or as a database prints it. The CREATE TABLE of that
// table counts, and every ALTER TABLE; names are compared without case, and where both the text and
// the question give the table a schema, it is the same one. A temporary, foreign or global table is
// another one. The list is a CHECK of one of the forms
//
//	status IN ('a', 'b')
//	status = ANY (ARRAY['a', 'b'])
//	status = 'a'
//
// or several by OR, with any parentheses, and casts that cut nothing, joined to conditions on
// other columns by AND, or to "status IS NULL" by OR. Or it is the column's type: MySQL's
// ENUM('a', 'b'), or PostgreSQL's, from CREATE TYPE … AS ENUM in the same text. Other forms,
// such as IS, SOME, REGEXP, CAST, the value before the column, strings in double quotes, or
// a domain, are not read, and *SourceError.
//
// A CHECK that asks anything else of the column, such as a function of it, or the list
// on a condition, is no list. Beside a list it is left alone if it names other columns too;
// what it asks of this one alone would take away what the machine needs, and is *SourceError. So
// is a CHECK without a list beside it, a comment in the table that one database reads and another
// skips, and a column whose type or COLLATE may ignore case.
//
// The text is one schema and no history: several tables that may be meant, several lists that
// differ, and whatever may take the list away behind it (a constraint, type, column or table that is
// dropped, renamed or altered) are *SourceError. The schema as it stands is what to hand over.
//
// What is not in the text is not judged: the collation that a database or a table has by default,
// rows from before a CHECK that was added NOT VALID or WITH NOCHECK, and what strings hold that
// are run, such as the body of a function.
func SQLCheck(chart *lifecycle.Chart, ddl, table, column string) error {
	source := fmt.Sprintf("the CHECK of %s.%s", table, column)
	asked := strings.Split(strings.ToLower(table), ".")
	fail := func(line int, problem string) error { return &SourceError{source, line, problem} }
	tokens, wrong := tokenize(ddl)
	if wrong != nil {
		return fail(wrong.line, wrong.text)
	}
	all := statements(tokens)
	h := history{
		of:      target{asked[len(asked)-1], strings.ToLower(column)},
		types:   enums(all),
		columns: map[string]bool{},
	}
	for _, statement := range all {
		if wrong := h.read(statement, asked); wrong != nil {
			return fail(wrong.line, wrong.text)
		}
	}
	switch {
	case h.line == 0:
		return fail(0, "there is no CREATE TABLE or ALTER TABLE of this table")
	case h.list == nil && h.unclear != nil:
		return fail(h.unclear.line, h.unclear.unclear)
	case h.list == nil:
		return fail(h.line, "no CHECK and no type of the table lists values of this column")
	case h.refused != nil:
		return fail(h.refused.line, h.refused.unclear)
	}
	return compare(chart, source, h.list.names)
}

// listed is a list that was found, or why it is none.
type listed struct {
	line       int
	names      []string
	unclear    string
	refused    bool    // it is unclear, and no list beside it helps
	constraint string  // the name of the CHECK; "": it has none here
	inside     []token // the condition
}

func alike(a, b []string) bool { return without(a, b) == nil && without(b, a) == nil }

// history is what the statements have said so far.
type history struct {
	of                     target
	types                  []enum
	list, unclear, refused *listed
	line                   int             // of the first statement of the table
	named                  []string        // the table, as that statement names it
	created                bool            // there was a CREATE TABLE
	columns                map[string]bool // that the table has
}

const stands = ": hand over the schema as it stands, not its history"

// read takes the next statement in.
func (h *history) read(statement []token, asked []string) *problem {
	s, ok := tabled(statement, asked)
	if !ok {
		if at := gone(statement, asked); h.list != nil && at > 0 {
			return &problem{at, "the table may be dropped, moved or renamed here" + stands}
		}
		return nil
	}
	if wrong := unclosed(statement); wrong != nil {
		return wrong
	}
	for _, t := range s.read[1:] {
		if t.doubt != nil {
			return t.doubt
		}
	}
	if h.created && s.creates || h.line > 0 && !same(h.named, s.named) {
		return &problem{statement[0].line, "there are several tables that may be meant" + stands + ", and name the table with its schema, here and where it is asked for"}
	}
	if h.line == 0 {
		h.line, h.named = statement[0].line, s.named
	}
	h.created = h.created || s.creates
	for _, part := range s.parts {
		if name, _ := defined(part, s.creates); name != "" && name != "like" { // LIKE a table
			h.columns[name] = true
		}
	}
	for _, part := range s.parts {
		if h.list != nil && !s.creates && !h.of.keeps(part, h.list) {
			return &problem{part[0].line, "what is dropped or altered here may be the list" + stands}
		}
		for _, found := range append(h.of.checks(part, h.columns), h.of.typed(part, s.creates, h.types)...) {
			if wrong := h.add(found); wrong != nil {
				return wrong
			}
		}
	}
	return nil
}

func (h *history) add(found listed) *problem {
	switch {
	case found.unclear != "":
		if h.unclear == nil {
			h.unclear = &found
		}
		if h.refused == nil && found.refused {
			h.refused = &found
		}
	case h.list != nil && !alike(h.list.names, found.names):
		return &problem{found.line, "there are several lists that differ" + stands + ", and name the table with its schema"}
	default:
		if h.list != nil && h.list.constraint != found.constraint {
			found.constraint = "" // two of them
		}
		if h.list != nil {
			found.inside = append(slices.Clone(h.list.inside), found.inside...)
		}
		h.list = &found
	}
	return nil
}

// checks are the CHECKs that name the column.
func (c target) checks(part []token, columns map[string]bool) (all []listed) {
	for i, t := range part {
		p := phrase{part[i+1:]}
		p.take("not", "for", "replication")
		if !t.is("check") || len(p.rest) == 0 || !p.rest[0].is("(") {
			continue
		}
		end := closing(p.rest)
		if inside, rest := p.rest[1:end], p.rest[end+1:]; c.in(inside) {
			names, ok := c.list(inside)
			found := listed{line: t.line, names: names, inside: inside}
			if i > 1 && part[i-2].is("constraint") {
				found.constraint = part[i-1].name()
			}
			switch {
			case !enforced(rest):
				found.unclear = "this CHECK is not enforced"
			case !ok:
				found.unclear = "it is not the list alone that decides here: give the column one CHECK with its whole list, compared as it is; more may be asked together with other columns, in other CHECKs or by AND"
				found.refused = c.alone(inside, columns)
			}
			all = append(all, found)
		}
	}
	return all
}

// alone tells whether a condition asks something of this column and names no other one.
func (c target) alone(condition []token, columns map[string]bool) bool {
	for i, t := range condition {
		called := i+1 < len(condition) && condition[i+1].is("(")
		cast := i > 0 && condition[i-1].is("::")
		if name := t.name(); columns[name] && name != c.name && !called && !cast {
			return false
		}
	}
	return !c.null(condition, "is", "not", "null")
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

// enums are the types that the text creates. One that is altered or dropped later is refused.
func enums(statements [][]token) (all []enum) {
	for _, statement := range statements {
		p := phrase{statement}
		switch {
		case p.take("create", "type"):
			name := p.name()
			if len(name) == 0 || !p.take("as", "enum", "(") {
				continue
			}
			found := enum{name, listed{line: statement[0].line}}
			if wrong := unclosed(statement); wrong != nil {
				found.line, found.unclear = wrong.line, wrong.text
			} else if names, ok := p.strings(")"); ok {
				found.names = names
			} else {
				found.unclear = "the type's list is not understood"
			}
			found.refused = found.unclear != ""
			all = append(all, found)
		case p.take("drop", "type"), p.take("alter", "type"):
			for i := range all {
				if !slices.ContainsFunc(p.rest, func(t token) bool { return t.is("owner") }) && mentions(p.rest, all[i].name) {
					all[i].line, all[i].unclear, all[i].refused = statement[0].line, "the type is altered or dropped here"+stands, true
				}
			}
		}
	}
	return all
}

// typed is what the column's type says, where the statement gives it one.
func (c target) typed(part []token, creates bool, types []enum) (all []listed) {
	name, definition := defined(part, creates)
	if name != c.name {
		return nil
	}
	line := part[0].line
	if p := (phrase{definition}); p.take("enum", "(") {
		names, ok := p.strings(")")
		found := listed{line: line, names: names}
		if !ok {
			found.unclear = "the column's list is not understood"
		}
		all = append(all, found)
	}
	p := phrase{definition}
	if !p.take("set", "data", "type") {
		p.take("type")
	}
	kind := p.name()
	if folds(kind, definition) {
		all = append(all, listed{line: line, unclear: "the column's type or COLLATE may ignore case, and let in more than its list", refused: true})
	}
	if len(kind) == 0 || len(kind) == 1 && slices.Contains(builtin, kind[0]) || p.take("[") || p.take("array") { // many of them
		return all
	}
	for _, e := range types {
		if same(e.name, kind) {
			all = append(all, e.listed)
		}
	}
	return all
}
