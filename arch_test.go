package kycle_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/kycle/kycle"

// mayImport says which of our packages, and which of others', a package may import in
// code that is not a test. Imports go down only. What is not listed may not be imported;
// "std" is the standard library as a whole.
var mayImport = []struct {
	pkg, imports, why string
}{
	{".", "", "the map has no code"},
	{"lifecycle", "std github.com/looplab/fsm", "the grammar knows no domain, and is the only one to ask looplab"},
	{"lifecycle/export", "std lifecycle", "formats read a chart, and nothing asks them"},
	{"lifecycle/trace", "std lifecycle", "a log is judged by the table alone"},
	{"lifecycle/drift", "std lifecycle", "what others wrote down is held against the table"},
	{"lifecycle/lifecycletest", "std pgregory.net/rapid lifecycle", "the companion of any machine; rapid registers flags, so only tests import it"},
	{"cmd/kycle", "std audit idpass kyc lifecycle lifecycle/drift lifecycle/export lifecycle/trace refund", "the command line; the standard library and ours"},
	{"audit", "std github.com/google/uuid", "the chain knows nothing of ours"},
	{"refund", "std github.com/google/uuid", "the books know nothing of ours"},
	{"store", "std github.com/google/uuid audit refund", "the port carries entries and postings, and knows no domain"},
	{"store/etcd", "std github.com/google/uuid store audit refund go.etcd.io/etcd/client/v3 google.golang.org/grpc/codes google.golang.org/grpc/status",
		"a module of its own, because of its client"},
	{"store/memory", "std github.com/google/uuid store audit refund", "a store knows the port, never a domain"},
	{"store/postgres", "std github.com/google/uuid store audit refund", "over a query function: the host brings the driver"},
	{"store/sqlite", "std github.com/google/uuid store audit refund", "on database/sql alone: the host brings the driver"},
	{"store/fault", "std store", "it wraps any store, and knows nothing but the port"},
	{"store/storetest", "std github.com/google/uuid store store/fault audit refund", "a host runs it with nothing but the standard library"},
	{"product", "std github.com/google/uuid lifecycle audit refund store", "what every product does, for any table and value: it knows no domain"},
	{"product/observe", "std product", "an observer for the standard library's log, which a host ties on"},
	{"kyc", "std github.com/google/uuid product lifecycle audit refund store", "a domain knows product and the four below it, and never the other"},
	{"idpass", "std github.com/google/uuid product lifecycle audit refund store", "a domain knows product and the four below it, and never the other"},
	{"kyc/kyctest", "std github.com/google/uuid kyc audit lifecycle store store/memory store/storetest", "a companion of one domain"},
	{"idpass/idpasstest", "std github.com/google/uuid idpass audit lifecycle refund store store/memory store/storetest", "a companion of one domain"},
	{"internal/shelf", "std github.com/google/uuid refund store", "a repository whose content is a value, for tests that search"},
	{"internal/mutants", "std", "it holds the mutants and the lines that no test reaches against a list"},
	{"internal/document", "std github.com/google/uuid audit kyc idpass lifecycle lifecycle/export store", "it writes the generated pages"},
}

// notIn are imports that one file of a package must do without, though others have them.
var notIn = []struct {
	file, imports, why string
}{
	{"kyc/decide.go", "context", "a decision is pure: time, ids and actors are inputs"},
	{"idpass/decide.go", "context", "a decision is pure: time, ids and actors are inputs"},
	{"kyc/rules.go", "context", "a rule is a pure condition"},
	{"product/draft.go", "context", "a draft is part of a decision, and as pure"},
	{"product/problem.go", "net/http", "a problem names a status of HTTP, and is for hosts without it too"},
	{"lifecycle/table.go", "github.com/looplab/fsm", "only machine.go asks looplab"},
	{"lifecycle/decide.go", "github.com/looplab/fsm", "only machine.go asks looplab"},
}

// ceilings are how many exported names a package may have at most. A new name takes the
// place of one that says less, or of one that only one other package uses.
var ceilings = []struct {
	pkg    string
	most   int
	tables string // its table variables, which do not count
	why    string
}{
	{"kyc", 45, "Machine", "a host reads them all before its first validation"},
	{"idpass", 35, "Machine", "the smaller product of the two"},
	{"lifecycle", 70, "", "a grammar has words, and whoever writes a table learns them"},
	{"store", 30, "", "the port, for who writes a store of their own"},
	{"product", 50, "", "the verbs and nouns of a third product, which is to be short"},
}

// moved are names that a package gave to product, and has no more.
var moved = []struct{ pkg, names, why string }{
	{"store", "Draft NewDraft Trail Examine Window CanonicalJSON ErrBooks", "the port carries changes, and judges none"},
	{"lifecycle", "Explain Explained Case Problem", "the grammar knows no caller of an API"},
	{"kyc", "Listing Refusal ErrForbidden ErrKeyReused", "both products say the same, and say it once"},
	{"idpass", "Listing Refusal ErrForbidden ErrKeyReused", "both products say the same, and say it once"},
}

func TestWhoMayImportWhom(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() && (name == "examples" || name == "internal/integration" || strings.HasPrefix(entry.Name(), ".") && name != ".") {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		seen[path.Dir(name)] = true
		checkFile(t, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range mayImport {
		if !seen[row.pkg] {
			t.Errorf("the table lists %s, and there is no such package", row.pkg)
		}
	}
}

func checkFile(t *testing.T, name string) {
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(mayImport, func(r struct{ pkg, imports, why string }) bool { return r.pkg == path.Dir(name) })
	if i < 0 {
		t.Errorf("%s: its package is not in the table", name)
		return
	}
	allowed := strings.Fields(mayImport[i].imports)
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		short := strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
		standard := !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
		if !slices.Contains(allowed, short) && !(standard && slices.Contains(allowed, "std")) {
			t.Errorf("%s imports %s; %s: %s", name, imported, path.Dir(name), mayImport[i].why)
		}
		for _, row := range notIn {
			if row.file == name && slices.Contains(strings.Fields(row.imports), imported) {
				t.Errorf("%s imports %s: %s", name, imported, row.why)
			}
		}
	}
}

// exported lists what a package exports, by its kind: types, functions and variables, and
// what does not count: constants and error sentinels. Methods are of their types.
func exported(t *testing.T, pkg string) (counted, apart []string) {
	t.Helper()
	files, err := filepath.Glob(path.Join(pkg, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has %d files, error %v", pkg, len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			for _, id := range declared(d) {
				gen, _ := d.(*ast.GenDecl)
				switch {
				case !id.IsExported():
				case gen != nil && (gen.Tok == token.CONST || gen.Tok == token.VAR && strings.HasPrefix(id.Name, "Err")):
					apart = append(apart, id.Name)
				default:
					counted = append(counted, id.Name)
				}
			}
		}
	}
	return counted, apart
}

// declared are the names of a declaration at the top level.
func declared(d ast.Decl) (names []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name)
			case *ast.ValueSpec:
				names = append(names, spec.Names...)
			}
		}
	}
	return names
}

func TestHowManyNames(t *testing.T) {
	for _, row := range ceilings {
		names, _ := exported(t, row.pkg)
		for _, table := range strings.Fields(row.tables) {
			i := slices.Index(names, table)
			if i < 0 {
				t.Errorf("%s has no variable %s any more, which the table sets apart", row.pkg, table)
				continue
			}
			names = slices.Delete(names, i, i+1)
		}
		slices.Sort(names)
		if len(names) > row.most {
			t.Errorf("%s exports %d names, want %d at most (%s): %s", row.pkg, len(names), row.most, row.why, strings.Join(names, " "))
		}
	}
}

func TestWhatMovedIsGone(t *testing.T) {
	for _, row := range moved {
		names, apart := exported(t, row.pkg)
		for _, name := range strings.Fields(row.names) {
			if slices.Contains(names, name) || slices.Contains(apart, name) {
				t.Errorf("%s exports %s, which product has: %s", row.pkg, name, row.why)
			}
		}
	}
}
