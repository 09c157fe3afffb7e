package idpass_test

import (
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// Every entry comes from the table (spec 1.2). A service of this suite is made by newHost,
// watchedService or over, and by nothing else: TestEveryServiceIsWatched sees to that. What
// they are given is wrapped, so that each entry of each commit is looked up in the table.
// TestMain fails where a kind of entry that the table lists was never committed.

// kind is a kind of entry: what the table says of one cell, and nothing of the record.
type kind struct{ verdict, event, from, to, why string }

// bringer is an event with a kind of actor that may bring it.
type bringer struct{ event, actor string }

// listed are the kinds of entries that the table has, and who brings them.
var listedKinds, listedBringers = func() (map[kind]bool, map[bringer]bool) {
	kinds, bringers := map[kind]bool{}, map[bringer]bool{}
	for _, e := range idpass.Machine.Definition().Events {
		for _, by := range e.By {
			bringers[bringer{string(e.Name), by}] = true
		}
		for _, from := range append(statuses(), absent) {
			outcomes, err := idpass.Machine.Verdicts(from, e.Name)
			if err != nil {
				panic(err)
			}
			for _, o := range outcomes {
				if verdict, enters := entered(from, o); enters {
					kinds[kind{verdict, string(e.Name), string(from), string(o.To), o.Why}] = true
				}
			}
		}
	}
	return kinds, bringers
}()

// entered is the verdict of an entry that tells of an outcome; enters is false where none
// does. Where there is no record, nothing but a birth is told.
func entered(from idpass.Status, o outcome) (verdict string, enters bool) {
	switch {
	case o.Verdict == lifecycle.Move:
		return string(audit.Moved), true
	case o.Verdict == lifecycle.Note:
		return o.Word, true
	}
	return string(audit.Ignored), o.Verdict == lifecycle.Ignore && from != absent
}

// seen is what the whole suite has committed, and what it should not have.
var seen = struct {
	sync.Mutex
	kinds    map[kind]bool
	bringers map[bringer]bool
	beside   []string // found where no test was at hand
}{kinds: map[kind]bool{}, bringers: map[bringer]bool{}}

// watched looks up every entry that it is asked to commit.
type watched struct {
	idpass.Repository
	tell func(beside string)
}

func (w watched) Commit(ctx context.Context, changes ...store.Change[idpass.Pass]) error {
	var entries []audit.Entry
	for _, c := range changes {
		entries = append(entries, c.Entries...)
	}
	for _, e := range entries {
		if text := beside(e); text != "" {
			w.tell(fmt.Sprintf("entry %d (%s, %q to %q, %s): %s", e.Seq, e.Event, e.From, e.To, e.Verdict, text))
		}
	}
	err := w.Repository.Commit(ctx, changes...)
	if err != nil {
		return err
	}
	seen.Lock()
	defer seen.Unlock()
	for _, e := range entries {
		seen.kinds[kindOf(e)], seen.bringers[bringerOf(e)] = true, true
	}
	return nil
}

// watch wraps a repository. One that counts goes on counting.
func watch(repository idpass.Repository, tell func(string)) idpass.Repository {
	w := watched{repository, tell}
	if counter, ok := repository.(store.Counter); ok {
		return struct {
			watched
			store.Counter
		}{w, counter}
	}
	return w
}

func kindOf(e audit.Entry) kind       { return kind{string(e.Verdict), e.Event, e.From, e.To, e.Why} }
func bringerOf(e audit.Entry) bringer { return bringer{e.Event, e.Actor.Kind} }

// beside says what is wrong with an entry, by the table alone; "": nothing.
func beside(e audit.Entry) string {
	switch {
	case !listedKinds[kindOf(e)]:
		return fmt.Sprintf("the table has no such entry, the reason %q included", e.Why)
	case !listedBringers[bringerOf(e)]:
		return fmt.Sprintf("it is not for a %q to bring", e.Actor.Kind)
	case e.Actor.Organization != e.Subject.Organization || e.Actor.ID == "":
		return fmt.Sprintf("its actor %+v is nobody of %q", e.Actor, e.Subject.Organization)
	case e.Definition != idpass.Machine.Sum():
		return "another table than the service's has judged it"
	}
	return ""
}

// newHost is idpasstest.NewHost over a repository that is watched; nil is a new one in
// memory.
func newHost(t testing.TB, repository idpass.Repository, edit ...func(*idpass.Settings)) *idpasstest.Host {
	t.Helper()
	if repository == nil {
		repository = memory.New(idpass.Schema)
	}
	return idpasstest.NewHost(t, watch(repository, func(text string) {
		t.Helper()
		t.Errorf("written beside the table: %s", text)
	}), edit...)
}

// watchedService is idpass.NewService over a repository that is watched, where there is no
// test at hand.
func watchedService(c idpass.Config) (*idpass.Service, error) {
	if c.Repository != nil {
		c.Repository = watch(c.Repository, aloud)
	}
	return idpass.NewService(c)
}

// over is Service.Over a repository that is watched.
func over(h *idpasstest.Host, repository idpass.Repository) *idpass.Service {
	return h.Over(watch(repository, aloud))
}

func aloud(text string) {
	seen.Lock()
	defer seen.Unlock()
	seen.beside = append(seen.beside, text)
}

// TestMain runs the suite, and then asks whether all of it has written what the table says,
// and all that the table says.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, text := range seen.beside {
		fmt.Println("written beside the table:", text)
		code = 1
	}
	if code == 0 && whole() {
		for k := range listedKinds {
			if !seen.kinds[k] {
				fmt.Printf("no test commits %s by %q from %q to %q (%s)\n", k.verdict, k.event, k.from, k.to, k.why)
				code = 1
			}
		}
		for b := range listedBringers {
			if !seen.bringers[b] {
				fmt.Printf("no test commits %q of a %q\n", b.event, b.actor)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// whole tells whether all tests were run: a part of them commits a part.
func whole() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if flag.Lookup(name).Value.String() != "" {
			return false
		}
	}
	return true
}

// A service that is made past the watch would write what nobody looks up.
func TestEveryServiceIsWatched(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files of tests are found, error %v", len(files), err)
	}
	for _, name := range files {
		if name == "watch_external_test.go" {
			continue
		}
		for _, found := range unwatched(t, name, nil) {
			t.Errorf("%s; use newHost, watchedService or over", found)
		}
	}
}

// unwatched lists where a file makes a service without the watch. source nil: that of the
// file.
func unwatched(t *testing.T, name string, source any) (found []string) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]string{} // by the name that the file has for them
	for _, spec := range parsed.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		local := filepath.Base(imported)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			found = append(found, fmt.Sprintf("%s imports %s without a name", name, imported))
		}
		packages[local] = imported
	}
	const module = "github.com/kycle/kycle/"
	makers := []string{module + "idpass.NewService", module + "idpass/idpasstest.NewHost"}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			x, _ := s.X.(*ast.Ident)
			if s.Sel.Name == "Over" || x != nil && slices.Contains(makers, packages[x.Name]+"."+s.Sel.Name) {
				found = append(found, fmt.Sprintf("%s makes a service with %s", files.Position(n.Pos()), s.Sel.Name))
			}
		}
		return true
	})
	return found
}
