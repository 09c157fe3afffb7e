package kyc_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/internal/shelf"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// No entry is written beside the table (spec 1.2). Every store of this suite is made here,
// and looks up each entry that is committed to it. The run fails on one that the table does
// not list, and, where it was a run of all tests, on a case that was never written: what was
// not seen was not looked up.
func TestMain(m *testing.M) { os.Exit(written.run(m)) }

// written is what the suite has committed so far.
var written = &record{cases: lifecycletest.NewCoverage(kyc.Machine, unwritten)}

type record struct {
	cases *lifecycletest.Coverage[kyc.Status, kyc.Event, kyc.Facts] // of Machine

	mu     sync.Mutex
	beside []string
}

// unwritten is why a case leaves no entry in any history.
func unwritten(c outcome) string {
	switch {
	case c.Verdict == lifecycle.Refuse || c.Verdict == lifecycle.Stay:
		return "a refused command and a stay write no entry"
	case c.From == "" && c.Event != kyc.Create:
		return "there is no record whose entry it would be"
	case c.Why == kyc.Newer.Code && c.From == kyc.Pending:
		return "while it is pending no word was heard that another could be older than"
	case c.Why == kyc.Unprotected.Code && c.From != kyc.Approved && c.From != kyc.Rejected:
		return "a decision by hand leads to approved, rejected or cancelled, which has no rows"
	}
	return ""
}

// see looks up the entries of a change that was committed. The error is of the first that
// the table does not list.
func (r *record) see(table *kyc.Lifecycle, c store.Change[kyc.Validation]) error {
	for _, e := range c.Entries {
		if wrong := besideTable(table, e); wrong != "" {
			err := fmt.Errorf("entry %d, %s of %s in %q, is beside the table: %s", e.Seq, e.Verdict, e.Event, e.From, wrong)
			r.mu.Lock()
			r.beside = append(r.beside, err.Error())
			r.mu.Unlock()
			return err
		}
		if table == kyc.Machine {
			r.cases.Observe(outcome{From: kyc.Status(e.From), Event: kyc.Event(e.Event), Why: e.Why}, nil)
		}
	}
	return nil
}

// besideTable is why an entry does not stand in the table; "": it does.
func besideTable(table *kyc.Lifecycle, e audit.Entry) string {
	verdicts, err := table.Verdicts(kyc.Status(e.From), kyc.Event(e.Event))
	switch {
	case err != nil:
		return "it has no such event or status"
	case !table.By(kyc.Event(e.Event), e.Actor.Kind):
		return fmt.Sprintf("a %s may not bring it", e.Actor.Kind)
	case e.Actor.Organization != e.Subject.Organization:
		return "its actor is of no organization, or of another"
	case e.Definition != table.Sum():
		return "another table judged it"
	}
	for _, out := range verdicts {
		word := map[lifecycle.Verdict]audit.Verdict{
			lifecycle.Move: audit.Moved, lifecycle.Note: audit.Verdict(out.Word), lifecycle.Ignore: audit.Ignored,
		}[out.Verdict]
		if word == e.Verdict && string(out.To) == e.To && out.Why == e.Why {
			return ""
		}
	}
	return fmt.Sprintf("no row says that it leads to %q, and why %q", e.To, e.Why)
}

// run judges the whole run, as TestMain must.
func (r *record) run(m *testing.M) int {
	code := m.Run()
	for _, wrong := range r.beside {
		fmt.Fprintln(os.Stderr, wrong)
		code = max(code, 1)
	}
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return code // these are not all tests
		}
	}
	if missing := r.cases.Missing(); code == 0 && len(missing) > 0 {
		fmt.Fprintf(os.Stderr, "no test has committed an entry of these, so none was looked up:\n  %s\n", strings.Join(missing, "\n  "))
		return 1
	}
	return code
}

// kept is a store in memory whose entries are looked up.
type kept struct {
	*memory.Store[kyc.Validation]
	table *kyc.Lifecycle
}

// newStore makes an empty one.
func newStore() kyc.Repository { return newStoreOf(kyc.Schema) }

// newStoreOf makes one that keeps validations of Machine in another form.
func newStoreOf(schema store.Schema[kyc.Validation]) kyc.Repository {
	return &kept{memory.New(schema), kyc.Machine}
}

func (k *kept) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	return seen(k.table, changes, k.Store.Commit(ctx, changes...))
}

// kept on a shelf: the same for a search.
type shelved struct{ *shelf.Shelf[kyc.Validation] }

func (s shelved) Commit(ctx context.Context, changes ...store.Change[kyc.Validation]) error {
	return seen(kyc.Machine, changes, s.Shelf.Commit(ctx, changes...))
}

// seen looks up what was committed, if err does not say that it was not.
func seen(table *kyc.Lifecycle, changes []store.Change[kyc.Validation], err error) error {
	for _, c := range changes {
		if err == nil {
			err = written.see(table, c)
		}
	}
	return err
}

// newHost makes a host for a test. repository nil: a new one in memory.
func newHost(t testing.TB, repository kyc.Repository, edit ...func(*kyc.Settings)) *kyctest.Host {
	t.Helper()
	if repository == nil {
		settings := kyc.DefaultSettings()
		for _, e := range edit {
			e(&settings)
		}
		table := cmp.Or(settings.Lifecycle, kyc.Machine)
		repository = &kept{memory.New(kyc.SchemaOf(table)), table}
	}
	return kyctest.NewHost(t, repository, edit...)
}

// TestAnEntryBesideTheTableIsFound edits entries of a real history, one thing at a time.
func TestAnEntryBesideTheTableIsFound(t *testing.T) {
	h := newHost(t, nil)
	v := h.ByHand(kyc.Cancelled)
	h.CreateFor(v.EntityID)
	entries := map[string]audit.Entry{}
	for _, e := range trail(t, h, v).Entries {
		entries[e.Event] = e
	}
	entries["ignored"] = trail(t, h, h.Hear(h.ByHand(kyc.Approved), kyc.ProviderRejected).Value).Entries[4]
	for _, row := range []struct {
		name, why, of string
		edit          func(*audit.Entry)
		found         bool
	}{
		{"a move", "as it is", "cancel", func(*audit.Entry) {}, false},
		{"a note", "as it is", "terminate", func(*audit.Entry) {}, false},
		{"a note by a person", "as it is", "supersede", func(*audit.Entry) {}, false},
		{"an ignored report", "as it is", "ignored", func(*audit.Entry) {}, false},
		{"unknown event", "no row is of it", "cancel", func(e *audit.Entry) { e.Event = "undo" }, true},
		{"unknown status", "no row is from it", "cancel", func(e *audit.Entry) { e.From = "lost" }, true},
		{"another target", "the row leads to cancelled", "cancel", func(e *audit.Entry) { e.To = "expired" }, true},
		{"another kind of actor", "only a person cancels", "cancel", func(e *audit.Entry) { e.Actor.Kind = audit.System }, true},
		{"a person's termination", "only the system ends sessions", "terminate", func(e *audit.Entry) { e.Actor.Kind = audit.Person }, true},
		{"an actor of no organization", "it is the record's", "cancel", func(e *audit.Entry) { e.Actor.Organization = "" }, true},
		{"another table", "its fingerprint says so", "cancel", func(e *audit.Entry) { e.Definition = audit.Digest{1} }, true},
		{"a word that no row has", "a note's word is its row's", "terminate", func(e *audit.Entry) { e.Verdict = "ended" }, true},
		{"another note's word", "that event notes terminated", "terminate", func(e *audit.Entry) { e.Verdict = "gone" }, true},
		{"a note that moves", "its status stays", "terminate", func(e *audit.Entry) { e.Verdict = audit.Moved }, true},
		{"a move that is none", "the row moves", "cancel", func(e *audit.Entry) { e.Verdict = audit.Ignored }, true},
		{"no reason", "an ignored report says why", "ignored", func(e *audit.Entry) { e.Why = "" }, true},
		{"a reason of no rule", "the table has no such rule", "ignored", func(e *audit.Entry) { e.Why = "late" }, true},
		{"the reason of another cell", "there is a row", "ignored", func(e *audit.Entry) { e.Why = lifecycle.NoRow }, true},
		{"an ignored command", "it is refused, and writes nothing", "cancel", func(e *audit.Entry) {
			e.From, e.To, e.Verdict, e.Why = "approved", "approved", audit.Ignored, lifecycle.NoRow
		}, true},
		{"a stay", "it writes nothing", "ignored", func(e *audit.Entry) {
			e.Event, e.Verdict, e.Why = string(kyc.ApprovedByProvider), audit.Moved, ""
		}, true},
	} {
		e := entries[row.of]
		row.edit(&e)
		if wrong := besideTable(kyc.Machine, e); (wrong != "") != row.found {
			t.Errorf("%s: %+v: got %q, want it found: %t (%s)", row.name, e, wrong, row.found, row.why)
		}
	}
}

// TestEveryStoreLooksItsEntriesUp reads the suite itself: a store that is made elsewhere
// would look nothing up. Examples are left out, since they read as a host would write them.
func TestEveryStoreLooksItsEntriesUp(t *testing.T) {
	makes := map[string]string{
		"memory.New": "newStore()", "shelf.Shelf": "newHall()", "kyctest.NewHost": "newHost(t, nil)",
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]int{}
	for _, name := range files {
		if strings.HasSuffix(name, "_example_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := s.X.(*ast.Ident)
			if of == nil || makes[of.Name+"."+s.Sel.Name] == "" {
				return true
			}
			used[of.Name+"."+s.Sel.Name]++
			if name != "written_external_test.go" && name != "explore_hall_external_test.go" {
				t.Errorf("%s: %s.%s looks no entry up; use %s", set.Position(s.Pos()), of.Name, s.Sel.Name, makes[of.Name+"."+s.Sel.Name])
			}
			return true
		})
	}
	for what := range makes {
		if used[what] == 0 {
			t.Errorf("nothing uses %s any more: it may go by another name now, which is not looked for", what)
		}
	}
}
