package product_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// loan is a product as small as can be: a book is lent, renewed once, and comes back.
type loan struct {
	ID           uuid.UUID       `json:"id"`
	Organization string          `json:"organization"`
	Status       loanStatus      `json:"status"`
	Book         string          `json:"book"` // held while it is out
	Renewed      bool            `json:"renewed"`
	Due          time.Time       `json:"due"`
	Slip         json.RawMessage `json:"slip,omitzero"`
	Created      time.Time       `json:"created"`
}

type (
	loanStatus string
	loanEvent  string
)

type loanFacts struct {
	renewed, overdue bool
}

// loanRule says no where its fact is true.
func loanRule(name, code string, holds func(loanFacts) bool) lifecycle.Rule[loanFacts] {
	return lifecycle.Rule[loanFacts]{Name: name, Code: code, Holds: holds}
}

var (
	onceOnly = loanRule("it was not renewed before", "renewed", func(f loanFacts) bool { return !f.renewed })
	isDue    = loanRule("the day has passed", "not_due", func(f loanFacts) bool { return f.overdue })
)

var loans = lifecycle.Must(lifecycle.Definition[loanStatus, loanEvent, loanFacts]{
	Name: "loan", Title: "Loan",
	States: []lifecycle.State[loanStatus, loanEvent]{
		{Name: "out", Deadline: "day_passed"}, {Name: "back", Final: true, Absorbing: true}, {Name: "lost", Final: true},
	},
	Events: []lifecycle.Event[loanEvent]{
		{Name: "lend", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "renew", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "extend", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "pardon", Kind: lifecycle.Command, By: []string{"system"}},
		{Name: "returned", Kind: lifecycle.Report, By: []string{"provider"}},
		{Name: "seen", Kind: lifecycle.Report, By: []string{"provider"}},
		{Name: "day_passed", Kind: lifecycle.Report, By: []string{"clock"}},
	},
	Rows: []lifecycle.Row[loanStatus, loanEvent, loanFacts]{
		{On: "lend", To: "out", Does: []string{refund.Charged}, Why: "a book is lent"},
		{On: "renew", From: []loanStatus{"out"}, Note: "renewed", If: []lifecycle.Rule[loanFacts]{onceOnly}, Why: "once"},
		{On: "extend", From: []loanStatus{"out"}, Note: "extended", Why: "by grace"},
		{On: "pardon", From: []loanStatus{"lost"}, To: "back", MovesFinal: true, Why: "it was found"},
		{On: "returned", From: []loanStatus{"out"}, To: "back", Does: []string{refund.Refunded}, Why: "the deposit is owed back"},
		{On: "seen", From: []loanStatus{"out"}, To: "out", Why: "it is still there"},
		{On: "day_passed", From: []loanStatus{"out"}, To: "lost", If: []lifecycle.Rule[loanFacts]{isDue}, Why: "it did not come back"},
	},
	Terms: []lifecycle.Term{{Name: refund.Charged, Means: "a deposit"}, {Name: refund.Refunded, Means: "the deposit"}},
})

func loanIndex(l loan) store.Index {
	index := store.Index{Organization: l.Organization, ID: l.ID, Owner: l.Book, Status: string(l.Status), Created: l.Created}
	if l.Status == "out" {
		index.ExclusiveKey, index.Due = l.Book, l.Due
	}
	return index
}

var loanSchema = product.JSONSchema("loan", loanIndex, loans.Chart())

var deposit = refund.Amount{Minor: 20, Currency: "AUD"}

func decideLoan(r store.Record[loan], on loanEvent, from product.Origin) (product.Decision[loan], error) {
	facts := loanFacts{renewed: r.Value.Renewed, overdue: !from.Call.At.Before(r.Value.Due)}
	return product.Judge(loans, loanSchema, r, on, facts, from, func(l *loan, out lifecycle.Outcome[loanStatus, loanEvent]) product.News {
		l.Status = out.To
		l.Renewed = l.Renewed || on == "renew"
		if on == "extend" {
			l.Due = l.Due.Add(240 * time.Hour)
		}
		return product.News{Fee: deposit, Does: product.Fees(out)}
	})
}

type loanVerbs = product.Verbs[loan, loanEvent]

// library lends books over a repository; nil: a new one in memory.
func library(t testing.TB, repository store.Repository[loan]) (loanVerbs, *storetest.Clock) {
	t.Helper()
	if repository == nil {
		repository = memory.New(loanSchema)
	}
	clock := storetest.NewClock()
	v, err := product.NewVerbs(product.Config[loan]{
		Schema: loanSchema, Repository: repository, Chart: loans.Chart(), Settings: product.DefaultSettings(), Now: clock.Now,
	}, decideLoan)
	if err != nil {
		t.Fatal(err)
	}
	return v, clock
}

var (
	reader  = audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "reader"}
	scanner = audit.Actor{Organization: "org_a", Kind: audit.Provider, ID: "scanner"}
)

// lend lends a book for a day, under a key if there is one.
func lend(v loanVerbs, a audit.Actor, book, key string) (loan, error) {
	return v.Create(ctx, a, "lend", product.Birth[loan]{
		IdempotencyKey: key, Input: book, ExclusiveKey: book,
		Value: func(id uuid.UUID, at time.Time) loan {
			return loan{ID: id, Organization: a.Organization, Book: book, Due: at.Add(24 * time.Hour), Created: at}
		},
	})
}

// lent is a book that is out.
func lent(t testing.TB, v loanVerbs, book string) loan {
	t.Helper()
	l, err := lend(v, reader, book, "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// loanTrail is a loan's history, which holds.
func loanTrail(t testing.TB, v loanVerbs, id uuid.UUID) product.Trail {
	t.Helper()
	trail, err := v.History(ctx, reader, id)
	if err != nil || trail.Fault != nil {
		t.Fatalf("history: error %v, fault %v", err, trail.Fault)
	}
	return trail
}
