package product_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

var ctx = context.Background()

func TestVerbsCreateUnderAKey(t *testing.T) {
	v, _ := library(t, nil)
	l, err := lend(v, reader, "Emma", "key")
	if err != nil || l.Status != "out" || loanTrail(t, v, l.ID).Postings[0].Amount != deposit {
		t.Fatalf("got %+v, %v", l, err)
	}
	if _, err := v.Command(ctx, reader, l.ID, "renew"); err != nil {
		t.Fatal(err)
	}
	again, err := lend(v, reader, "Emma", "key")
	if err != nil || again.ID != l.ID || !again.Renewed {
		t.Errorf("the repeat: %+v, %v", again, err)
	}
	for _, row := range []struct {
		name, why, book, key string
		want                 error
	}{
		{"another input", "the key is this input's", "Persuasion", "key", product.ErrKeyReused},
		{"another key", "the book is out", "Emma", "other", product.ErrHeld},
		{"no key", "the book is out", "Emma", "", product.ErrHeld},
		{"no exclusive key", "there is more than one of them", "", "", nil},
		{"none again", "there is more than one of them", "", "", nil},
		{"a long key", "a key is short", "Emma", strings.Repeat("x", product.KeyMost+1), lifecycle.ErrInvalid},
	} {
		if _, err := lend(v, reader, row.book, row.key); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v (%s)", row.name, err, row.want, row.why)
		}
	}
	if _, err := lend(v, reader, "Ulysses", strings.Repeat("x", product.KeyMost)); err != nil {
		t.Errorf("the longest key got %v", err)
	}
	if _, err := lend(v, reader, "Ulysses", ""); !errors.Is(err, product.ErrHeld) {
		t.Errorf("a book that was just lent got %v, want %v", err, product.ErrHeld)
	}
}

// A verb brings events of its kind, by those who may bring them, on what is there.
func TestVerbsKnowWhoMayBringWhat(t *testing.T) {
	v, _ := library(t, nil)
	l := lent(t, v, "Emma")
	elsewhere := reader
	elsewhere.Organization = "org_b"
	command := func(a audit.Actor, id uuid.UUID, on loanEvent, others ...loanEvent) error {
		_, err := v.Command(ctx, a, id, on, others...)
		return err
	}
	report := func(a audit.Actor, id uuid.UUID, on loanEvent, event string) error {
		_, err := v.Report(ctx, a, id, on, product.Report{EventID: event})
		return err
	}
	create := func(a audit.Actor, on loanEvent) error {
		_, err := v.Create(ctx, a, on, product.Birth[loan]{
			Value: func(id uuid.UUID, _ time.Time) loan { return loan{ID: id, Organization: "org_a"} },
		})
		return err
	}
	long := strings.Repeat("x", product.KeyMost+1)
	for _, row := range []struct {
		name, why string
		err, want error
	}{
		{"a command", "it may be", command(reader, l.ID, "renew"), nil},
		{"a command of another's", "a scanner wishes nothing", command(scanner, l.ID, "renew"), product.ErrForbidden},
		{"one of several", "all of them are to be allowed", command(reader, l.ID, "extend", "pardon"), product.ErrForbidden},
		{"a report as a command", "news is no wish", command(scanner, l.ID, "returned"), product.ErrForbidden},
		{"no such command", "the table does not have it", command(reader, l.ID, "burn"), product.ErrForbidden},
		{"nobody's command", "an actor has a name", command(audit.Actor{}, l.ID, "renew"), lifecycle.ErrInvalid},
		{"of nothing", "there is none", command(reader, uuid.New(), "extend"), store.ErrNotFound},
		{"of another organization", "it is not there either", command(elsewhere, l.ID, "extend"), store.ErrNotFound},
		{"a report", "it may be", report(scanner, l.ID, "seen", "1"), nil},
		{"a report of another's", "a reader is no scanner", report(reader, l.ID, "seen", "2"), product.ErrForbidden},
		{"a command as a report", "a wish is no news", report(reader, l.ID, "extend", "3"), product.ErrForbidden},
		{"a report without an id", "a repeat could not be known", report(scanner, l.ID, "seen", ""), lifecycle.ErrInvalid},
		{"a report with a long id", "a key is short", report(scanner, l.ID, "seen", long), lifecycle.ErrInvalid},
		{"a report of nothing", "there is none", report(scanner, uuid.New(), "seen", "4"), store.ErrNotFound},
		{"a create of another's", "a scanner lends nothing", create(scanner, "lend"), product.ErrForbidden},
		{"a create by a report", "news is no wish", create(scanner, "seen"), product.ErrForbidden},
		{"a create that the table refuses", "no row brings a loan into being by it", create(reader, "renew"), lifecycle.ErrNotAllowed},
	} {
		if !errors.Is(row.err, row.want) {
			t.Errorf("%s: got %v, want %v (%s)", row.name, row.err, row.want, row.why)
		}
	}
}

// Of several commands the first comes about that is not refused, and nothing of the others.
func TestVerbsCommandMakesTheFirstThatMayBe(t *testing.T) {
	v, _ := library(t, nil)
	l := lent(t, v, "Emma")
	for range 2 {
		if _, err := v.Command(ctx, reader, l.ID, "renew", "extend"); err != nil {
			t.Fatal(err)
		}
	}
	var got []audit.Verdict
	for _, e := range loanTrail(t, v, l.ID).Entries {
		got = append(got, e.Verdict)
	}
	if len(got) != 3 || got[1] != "renewed" || got[2] != "extended" {
		t.Errorf("the trail tells %q", got)
	}
	var refusal *product.Refusal
	if _, err := v.Command(ctx, reader, l.ID, "lend", "renew"); !errors.As(err, &refusal) || refusal.Event != "renew" {
		t.Errorf("got %v, want the refusal of the last", err)
	}
}

// An error that is no refusal ends the command: the others are not tried.
func TestVerbsCommandStopsAtAnError(t *testing.T) {
	odd, repository := errors.New("test: something odd"), memory.New(loanSchema)
	v, _ := library(t, repository)
	l := lent(t, v, "Emma")
	v, err := product.NewVerbs(product.Config[loan]{
		Schema: loanSchema, Repository: repository, Chart: loans.Chart(), Settings: product.DefaultSettings(),
	}, func(r store.Record[loan], on loanEvent, from product.Origin) (product.Decision[loan], error) {
		if on == "renew" {
			return product.Decision[loan]{}, odd
		}
		return decideLoan(r, on, from)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Command(ctx, reader, l.ID, "renew", "extend"); !errors.Is(err, odd) {
		t.Errorf("got %v, want %v", err, odd)
	}
	if n := len(loanTrail(t, v, l.ID).Entries); n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

// Where there is no exclusive key nobody is looked for who might hold it, and without an
// idempotency key the id is new.
func TestVerbsCreateReadsWhatItNeeds(t *testing.T) {
	f := fault.New(memory.New(loanSchema))
	v, _ := library(t, f)
	for book, loads := range map[string]int{"": 0, "Emma": 1} {
		before := f.Calls(fault.Load)
		lent(t, v, book)
		if n := f.Calls(fault.Load) - before; n != loads {
			t.Errorf("%q: %d loads, want %d", book, n, loads)
		}
	}
}

func TestVerbsReportKnowsARepeat(t *testing.T) {
	v, clock := library(t, nil)
	l := lent(t, v, "Emma")
	other := scanner
	other.ID = "scanner_2"
	at := clock.Now().Add(-time.Minute)
	for _, row := range []struct {
		name, why string
		by        audit.Actor
		on        loanEvent
		event     string
		verdict   lifecycle.Verdict
		reason    string
		entries   int
	}{
		{"seen", "a stay has no entry", scanner, "seen", "1", lifecycle.Stay, "", 1},
		{"seen again", "the stay is remembered", scanner, "seen", "1", lifecycle.Duplicate, "", 1},
		{"another event under its id", "one of the two is wrong", scanner, "returned", "1", lifecycle.Duplicate, store.EventReused, 1},
		{"the id of another's", "two scanners count for themselves", other, "returned", "1", lifecycle.Move, "", 2},
		{"too late", "it is back", scanner, "seen", "2", lifecycle.Ignore, lifecycle.NoRow, 3},
		{"too late, again", "what was ignored is remembered", scanner, "seen", "2", lifecycle.Duplicate, "", 3},
	} {
		got, err := v.Report(ctx, row.by, l.ID, row.on, product.Report{EventID: row.event, OccurredAt: at})
		trail := loanTrail(t, v, l.ID)
		if err != nil || got.Verdict != row.verdict || got.Why != row.reason || len(trail.Entries) != row.entries {
			t.Errorf("%s: %s (%q), %v, %d entries, want %s (%q), %d: %s",
				row.name, got.Verdict, got.Why, err, len(trail.Entries), row.verdict, row.reason, row.entries, row.why)
		}
	}
	trail := loanTrail(t, v, l.ID)
	if moved := trail.Entries[1]; moved.Source != "scanner_2/1" || !moved.OccurredAt.Equal(at) || len(trail.Postings) != 2 {
		t.Errorf("the move is told as %+v, with %d postings", moved, len(trail.Postings))
	}
}

// A report without a time happened at the call.
func TestVerbsReportHasATime(t *testing.T) {
	v, clock := library(t, nil)
	l := lent(t, v, "Emma")
	now := clock.Advance(time.Hour)
	if _, err := v.Report(ctx, scanner, l.ID, "returned", product.Report{EventID: "1"}); err != nil {
		t.Fatal(err)
	}
	if got := loanTrail(t, v, l.ID).Entries[1].OccurredAt; !got.Equal(now) {
		t.Errorf("it occurred at %s, want %s", got, now)
	}
}

func TestVerbsSweep(t *testing.T) {
	v, clock := library(t, nil)
	l := lent(t, v, "Emma")
	clock.Advance(30 * time.Minute)
	back, second := lent(t, v, "Persuasion"), lent(t, v, "Ulysses")
	if _, err := v.Report(ctx, scanner, back.ID, "returned", product.Report{EventID: "1"}); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, why string
		after     time.Duration
		moved     int
	}{
		{"before", "nothing is due", 24*time.Hour - 30*time.Minute - time.Microsecond, 0},
		{"on the instant", "due is due", time.Microsecond, 1},
		{"again", "it happened", 0, 0},
		{"late", "the sweep was away for a while", time.Hour, 1},
	} {
		clock.Advance(row.after)
		if n, err := v.Sweep(ctx); err != nil || n != row.moved {
			t.Errorf("%s: %d moved, %v, want %d (%s)", row.name, n, err, row.moved, row.why)
		}
	}
	clerk := audit.Actor{Organization: "org_a", Kind: audit.Clock, ID: "deadline"}
	for _, lost := range []loan{l, second} {
		trail := loanTrail(t, v, lost.ID).Entries
		if last := trail[len(trail)-1]; last.To != "lost" || last.Actor != clerk || !last.OccurredAt.Equal(lost.Due) {
			t.Errorf("the last entry of %s is %+v", lost.Book, last)
		}
	}
	if n := len(loanTrail(t, v, back.ID).Entries); n != 2 {
		t.Errorf("what is back has %d entries, want 2", n)
	}
}

// A record that somebody moved since it was found due is left alone: no entry tells of the
// sweep.
func TestVerbsSweepIsOvertaken(t *testing.T) {
	f := fault.New(memory.New(loanSchema))
	v, clock := library(t, f)
	for book, rival := range map[string]func(loan) error{
		"Emma, which came back": func(l loan) error {
			_, err := v.Report(ctx, scanner, l.ID, "returned", product.Report{EventID: "1"})
			return err
		},
		"Ulysses, which takes longer": func(l loan) error {
			_, err := v.Command(ctx, reader, l.ID, "extend")
			return err
		},
	} {
		l := lent(t, v, book)
		clock.Advance(48 * time.Hour)
		f.Follow(fault.Script(fault.Load, fault.Wait(func(context.Context) error { return rival(l) })))
		if n, err := v.Sweep(ctx); n != 0 || err != nil {
			t.Errorf("%s: %d moved, %v", book, n, err)
		}
		if n := len(loanTrail(t, v, l.ID).Entries); n != 2 {
			t.Errorf("%s: %d entries, want 2", book, n)
		}
	}
}

// Over a transaction of the host's everything goes to its repository, and is tried once.
func TestVerbsOver(t *testing.T) {
	v, _ := library(t, nil)
	f := fault.New(memory.New(loanSchema))
	over := v.Over(f)
	l := lent(t, over, "Emma")
	if got, err := over.Details(ctx, reader, l.ID); err != nil || got.ID != l.ID {
		t.Errorf("over it: %+v, %v", got, err)
	}
	if _, err := v.Details(ctx, reader, l.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("beside it: got %v, want %v", err, store.ErrNotFound)
	}
	f.Follow(fault.Script(fault.Commit, fault.Conflict))
	if _, err := over.Command(ctx, reader, l.ID, "renew"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("after a lost race: got %v, want %v", err, store.ErrConflict)
	}
}

func TestVerbsCheckTheConfiguration(t *testing.T) {
	_, err := product.NewVerbs(product.Config[loan]{Schema: loanSchema, Chart: loans.Chart()}, decideLoan)
	if !errors.Is(err, lifecycle.ErrInvalid) {
		t.Errorf("got %v, want %v", err, lifecycle.ErrInvalid)
	}
}

func TestQueries(t *testing.T) {
	v, clock := library(t, nil)
	var all []loan
	for range 3 {
		l := lent(t, v, "Emma")
		all = append(all, l)
		if _, err := v.Report(ctx, scanner, l.ID, "returned", product.Report{EventID: "1"}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Minute)
	}
	page, err := v.List(ctx, reader, "Emma", product.Filter[string]{Limit: 2, Status: "back"})
	if err != nil || page.Total != 3 || len(page.Values) != 2 || page.Values[0].ID != all[2].ID {
		t.Errorf("list: %+v, %v", page, err)
	}
	if got, err := v.Details(ctx, reader, all[0].ID); err != nil || got.Status != "back" {
		t.Errorf("details: %+v, %v", got, err)
	}
	if _, err := v.Details(ctx, audit.Actor{}, all[0].ID); !errors.Is(err, lifecycle.ErrInvalid) {
		t.Errorf("details for nobody: got %v, want %v", err, lifecycle.ErrInvalid)
	}
	if err := v.Ready(ctx); err != nil {
		t.Errorf("ready: %v", err)
	}
}
