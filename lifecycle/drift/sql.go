package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kycle/kycle/lifecycle"
)

// SQLCheck holds the CHECK list of a status column against the machine: nil, or *Gap
// (ErrGap) with the difference, or *SourceError (ErrSource) where the text has no such list. The
// order of the list does not matter, nor whether a value stands twice.
//
// The text is DDL, as a migration has it or as pg_dump prints it. In its CREATE TABLE and
// ALTER TABLE statements of that table (with or without a schema; names are compared
// without case), the list is a CHECK of one of the forms
//
//	status IN ('a', 'b')
//	status = ANY (ARRAY['a', 'b'])
//	status = 'a'
//
// with any casts and parentheses, joined to conditions on other columns by AND alone, or to
// "status IS NULL" by OR. Where a function is applied to the column, or more is asked of it, the
// list does not decide alone, and it is *SourceError. Other CHECKs of the table are left alone. A
// constraint that is dropped again is not noticed: where several lists for the column differ, it is
// *SourceError, and the schema as it stands is what to hand over.
func SQLCheck(chart *lifecycle.Chart, ddl, table, column string) error {
	source := fmt.Sprintf("the CHECK of %s.%s", table, column)
	table = strings.ToLower(table[strings.LastIndexByte(table, '.')+1:])
	fail := func(problem string) error { return &SourceError{Source: source, Problem: problem} }
	tokens, ok := tokenize(ddl)
	if !ok {
		return fail("a string, a quoted name or a comment does not end")
	}
	var list []string
	tabled, found := false, false
	for _, statement := range statements(tokens) {
		if !concerns(statement, table) {
			continue
		}
		tabled = true
		for _, condition := range conditions(statement) {
			values, listed, whole := values(condition, strings.ToLower(column))
			switch {
			case !listed:
				continue
			case !whole:
				return fail("it is not the list alone that decides: compare the column itself, and join the list to conditions on other columns by AND")
			case found && !alike(list, values):
				return fail("there are several lists that differ: hand over the schema as it stands, not its history")
			}
			list, found = values, true
		}
	}
	switch {
	case !tabled:
		return fail("there is no CREATE TABLE or ALTER TABLE of this table")
	case !found:
		return fail("no CHECK of the table lists values of this column")
	}
	return gap(chart.Name(), source, statuses(chart), list)
}

func alike(a, b []string) bool { return without(a, b) == nil && without(b, a) == nil }

// statements splits at semicolons.
func statements(tokens []token) (all [][]token) {
	for len(tokens) > 0 {
		end := slices.Index(tokens, token{symbol, ";"})
		if end < 0 {
			return append(all, tokens)
		}
		all, tokens = append(all, tokens[:end]), tokens[end+1:]
	}
	return all
}

// concerns tells whether a statement creates or alters the table.
func concerns(statement []token, table string) bool {
	if len(statement) == 0 || statement[0] != (token{word, "create"}) && statement[0] != (token{word, "alter"}) {
		return false
	}
	at := slices.Index(statement, token{word, "table"})
	if at < 0 || at > 3 { // CREATE GLOBAL TEMPORARY TABLE
		return false
	}
	rest := statement[at+1:]
	for len(rest) > 0 && rest[0].kind == word && slices.Contains([]string{"if", "not", "exists", "only"}, rest[0].text) {
		rest = rest[1:]
	}
	for len(rest) > 2 && rest[1] == (token{symbol, "."}) {
		rest = rest[2:]
	}
	return len(rest) > 0 && (rest[0].kind == word || rest[0].kind == quoted) && strings.ToLower(rest[0].text) == table
}

// conditions are what stands in the parentheses of each CHECK, casts and parentheses
// taken out.
func conditions(statement []token) (all [][]token) {
	for i := 0; i+1 < len(statement); i++ {
		if statement[i] != (token{word, "check"}) || statement[i+1] != (token{symbol, "("}) {
			continue
		}
		var inside []token
		depth := 0
		for i++; i < len(statement); i++ {
			switch t := statement[i]; t {
			case token{symbol, "("}:
				depth++
			case token{symbol, ")"}:
				depth--
			case token{symbol, "::"}:
				i = cast(statement, i)
			default:
				inside = append(inside, t)
			}
			if depth == 0 {
				break
			}
		}
		all = append(all, inside)
	}
	return all
}

// cast gives the last token of the cast that begins at i: "::character varying(20)[]".
func cast(statement []token, i int) int {
	next := func(t token) bool {
		if i+1 < len(statement) && statement[i+1] == t {
			i++
			return true
		}
		return false
	}
	for i+1 < len(statement) && (statement[i+1].kind == quoted || statement[i+1].kind == word && !slices.Contains(operators, statement[i+1].text)) {
		i++
		next(token{symbol, "."})
	}
	if next(token{symbol, "("}) {
		for i+1 < len(statement) && !next(token{symbol, ")"}) {
			i++
		}
	}
	for next(token{symbol, "["}) {
		next(token{symbol, "]"})
	}
	return i
}

// operators are the words that can follow a cast and are no part of it.
var operators = []string{"and", "or", "in", "is", "not", "any", "collate", "like", "between"}

// values finds the column's list in a condition. whole tells whether the list decides: it
// is neither turned round nor one of several alternatives, but for the column being null.
func values(condition []token, column string) (list []string, listed, whole bool) {
	at := func(i int) token {
		if i >= 0 && i < len(condition) {
			return condition[i]
		}
		return token{}
	}
	whole = true
	for i, t := range condition {
		switch {
		case t == token{word, "or"}:
			whole = whole && (null(condition[i+1:], column) || null(condition[:i], column))
		case t == token{word, "case"}, t == token{word, "not"} && at(i-1) != token{word, "is"}:
			whole = false
		case t.kind != word && t.kind != quoted || strings.ToLower(t.text) != column:
		default:
			values, ok := literals(condition[i+1:])
			switch {
			case ok:
				whole = whole && begins(condition[:i]) && (!listed || alike(list, values))
				list, listed = values, true
			case at(i+1) != token{word, "is"}: // something else is asked of the column too
				whole = false
			}
		}
	}
	return list, listed, whole
}

// begins tells whether a comparison begins behind the tokens, and no function is applied.
func begins(before []token) bool {
	for len(before) > 1 && before[len(before)-1] == (token{symbol, "."}) { // the table's name
		before = before[:len(before)-2]
	}
	return len(before) == 0 || slices.Contains([]token{{word, "and"}, {word, "or"}}, before[len(before)-1])
}

// null tells whether the tokens say that the column is null, and nothing else.
func null(tokens []token, column string) bool {
	return len(tokens) == 3 && strings.ToLower(tokens[0].text) == column && tokens[1] == token{word, "is"} && tokens[2] == token{word, "null"}
}

// literals takes a list of strings behind IN, "= ANY ARRAY" or "=".
func literals(tokens []token) (list []string, ok bool) {
	equals, any, array := token{symbol, "="}, token{word, "any"}, token{word, "array"}
	many := true
	switch {
	case len(tokens) > 1 && tokens[0] == token{word, "in"}:
		tokens = tokens[1:]
	case len(tokens) > 4 && tokens[0] == equals && tokens[1] == any && tokens[2] == array && tokens[3] == token{symbol, "["}:
		tokens = tokens[4:]
	case len(tokens) > 1 && tokens[0] == equals:
		tokens, many = tokens[1:], false
	default:
		return nil, false
	}
	for {
		if len(tokens) > 1 && tokens[0].kind == word && strings.HasPrefix(tokens[0].text, "_") {
			tokens = tokens[1:] // MySQL prints the character set before each string
		}
		if len(tokens) == 0 || tokens[0].kind != text {
			return nil, false
		}
		list = append(list, tokens[0].text)
		if tokens = tokens[1:]; len(tokens) == 0 || slices.Contains(ends, tokens[0]) {
			return list, true
		}
		if !many || tokens[0] != (token{symbol, ","}) {
			return nil, false
		}
		tokens = tokens[1:]
	}
}

// ends are what can stand behind a list, once parentheses are taken out.
var ends = []token{{symbol, "]"}, {word, "and"}, {word, "or"}}
