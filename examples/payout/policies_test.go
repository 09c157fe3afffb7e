package payout_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/examples/payout"
	"github.com/kycle/kycle/lifecycle"
)

type definition = lifecycle.Definition[payout.Status, payout.Event, payout.Facts]

// without takes one rule out of every row.
func without(rule string) func(*definition) {
	return func(d *definition) {
		for i := range d.Rows {
			d.Rows[i].If = slices.DeleteFunc(d.Rows[i].If, func(r lifecycle.Rule[payout.Facts]) bool { return r.Code == rule })
		}
	}
}

// leads gives a row's event another target from a state, with the rules and effects it had.
func leads(from payout.Status, on payout.Event, to payout.Status) func(*definition) {
	return func(d *definition) {
		row := lifecycle.Row[payout.Status, payout.Event, payout.Facts]{On: on, From: []payout.Status{from}, To: to, Why: "a mistake"}
		for i := range d.Rows {
			if at := slices.Index(d.Rows[i].From, from); d.Rows[i].On == on && at >= 0 {
				row.If, row.Does = d.Rows[i].If, d.Rows[i].Does
				d.Rows[i].From = slices.Delete(slices.Clone(d.Rows[i].From), at, at+1)
			}
		}
		d.Rows = slices.DeleteFunc(d.Rows, func(r lifecycle.Row[payout.Status, payout.Event, payout.Facts]) bool {
			return len(r.From) == 0 && r.On == on
		})
		d.Rows = append(d.Rows, row)
	}
}

// does gives every row of an event other effects.
func does(on payout.Event, effects ...string) func(*definition) {
	return func(d *definition) {
		for i := range d.Rows {
			if d.Rows[i].On == on {
				d.Rows[i].Does = effects
			}
		}
	}
}

// by lets another kind of actor bring an event too.
func by(on payout.Event, who string) func(*definition) {
	return func(d *definition) {
		for i := range d.Events {
			if d.Events[i].Name == on {
				d.Events[i].By = append(d.Events[i].By, who)
			}
		}
	}
}

// both makes several edits.
func both(edits ...func(*definition)) func(*definition) {
	return func(d *definition) {
		for _, edit := range edits {
			edit(d)
		}
	}
}

// state edits one state.
func state(name payout.Status, edit func(*stateOf)) func(*definition) {
	return func(d *definition) {
		for i := range d.States {
			if d.States[i].Name == name {
				edit(&d.States[i])
			}
		}
	}
}

type stateOf = lifecycle.State[payout.Status, payout.Event]

// breaches are tables that break a rule of the host's.
var breaches = []struct {
	name, why, policy string
	edit              func(*definition)
}{
	{"anybody", "a stranger is paid", "PAY-01", without("unverified")},
	{"one person", "one approves twice", "PAY-02", without("same_person")},
	{"the requester", "who asks for money approves it", "PAY-02", without("own_request")},
	{"second first", "the second approval is the only one", "PAY-02", without("not_approved")},
	{"first sends", "one approval is enough", "PAY-02", leads(payout.Requested, payout.ApproveFirst, payout.Sent)},
	{"none sends", "money moves before it is sent", "PAY-02", leads(payout.Requested, payout.PaidByProvider, payout.Paid)},
	{"charged late", "the fee is due at the payment too", "PAY-03", does(payout.PaidByProvider, "charge")},
	{"charged at the end", "what is withdrawn is refunded and was never charged", "PAY-03",
		both(does(payout.Request), does(payout.ApproveSecond, "record_approval", "charge"))},
	{"charged twice", "an approval costs a second fee", "PAY-03", does(payout.ApproveSecond, "record_approval", "charge")},
	{"kept", "what expires is paid for, without a transfer", "PAY-03", does(payout.DeadlinePassed, "keep")},
	{"refunded though paid", "the transfer was made", "PAY-03", does(payout.ReturnedByProvider, "refund")},
	{"refunded though sent", "it was withdrawn too late", "PAY-03", does(payout.Withdraw, "refund")},
	{"refunded twice", "a recalled payout is refunded again", "PAY-03",
		both(does(payout.Withdraw, "refund"), does(payout.ReturnedByProvider, "refund"), does(payout.PaidByProvider, "keep"))},
	{"late", "an approval comes after the deadline", "PAY-04", without("too_late")},
	{"for ever", "nothing ends what waits", "PAY-04", state(payout.Requested, func(s *stateOf) { s.Deadline, s.NoDeadline = "", "it waits" })},
	{"hearsay", "a person says where the money is", "PAY-05", by(payout.PaidByProvider, "person")},
	{"free too early", "an invoice is free before it is paid", "PAY-06", state(payout.Sent, func(s *stateOf) { s.Labels = nil })},
	{"raised", "what came back is paid", "PAY-06", both(
		leads(payout.Returned, payout.PaidByProvider, payout.Paid), state(payout.Returned, func(s *stateOf) { s.Absorbing = false }))},
}

// A table that breaks a rule of the host's cannot be constructed, and the error names the
// rule. Every claim is broken by at least one of these tables.
func TestATableThatBreaksARuleCannotBe(t *testing.T) {
	bitten := map[string]bool{}
	for _, row := range breaches {
		def := payout.Machine.Definition()
		row.edit(&def)
		_, err := lifecycle.New(def)
		var defects *lifecycle.Defects
		if !errors.As(err, &defects) {
			t.Errorf("%s: got %v, want a defect (%s)", row.name, err, row.why)
			continue
		}
		named := false
		for _, d := range defects.List {
			if d.Kind != "broken policy" {
				t.Errorf("%s: the table is unsound besides: %v", row.name, d)
			}
			named = named || d.Where == row.policy
			claim, _, _ := strings.Cut(d.Text, "\n    but:")
			bitten[claim] = true
		}
		if !named {
			t.Errorf("%s: %s is not named: %v (%s)", row.name, row.policy, err, row.why)
		}
	}
	for _, p := range payout.Machine.Definition().Policies {
		for _, c := range p.Claims {
			found := false
			for text := range bitten {
				found = found || strings.HasSuffix(text, "claimed: "+c.String())
			}
			if !found {
				t.Errorf("%s: no table here breaks %q", p.ID, c)
			}
		}
	}
}

// A promise names the tests that show it: one that was renamed must not leave it alone.
func TestPoliciesNameTestsThatExist(t *testing.T) {
	tests := map[string]bool{}
	files, _ := filepath.Glob("*_test.go")
	for _, name := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				tests[f.Name.Name] = true
			}
		}
	}
	for _, p := range payout.Machine.Definition().Policies {
		for _, name := range p.Tests {
			if !tests[name] {
				t.Errorf("%s names %s, and there is no such test", p.ID, name)
			}
		}
	}
}
