package product_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources are the packages that the walks go through.
var sources = map[string]string{
	"product": ".", "kyc": "../kyc", "store": "../store", "lifecycle": "../lifecycle", "audit": "../audit", "refund": "../refund",
}

// code is what the sources declare, by package and name ("kyc.Service.Reject"), and for
// each function the names that it calls, a closure's within it too.
type code struct {
	declared map[string]bool
	calls    map[string][]string
}

func readCode(t *testing.T) code {
	t.Helper()
	c := code{map[string]bool{}, map[string][]string{}}
	for name, dir := range sources {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files of %s: %v", name, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				c.declare(name+".", d)
			}
		}
	}
	return c
}

func (c code) declare(prefix string, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil {
			prefix += receiver(d.Recv.List[0].Type) + "."
		}
		c.declared[prefix+d.Name.Name] = true
		ast.Inspect(d, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				c.calls[prefix+d.Name.Name] = append(c.calls[prefix+d.Name.Name], called(call.Fun))
			}
			return true
		})
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					c.declared[prefix+name.Name] = true
				}
			case *ast.TypeSpec:
				c.declared[prefix+spec.Name.Name] = true
				if port, ok := spec.Type.(*ast.InterfaceType); ok {
					for _, method := range port.Methods.List {
						for _, name := range method.Names {
							c.declared[prefix+spec.Name.Name+"."+name.Name] = true
						}
					}
				}
			}
		}
	}
}

// receiver is the name of a receiver's type, and called that of what is called.
func receiver(e ast.Expr) string { return called(e) }

func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return called(e.X)
	case *ast.IndexExpr:
		return called(e.X)
	case *ast.IndexListExpr:
		return called(e.X)
	}
	return ""
}

// reaches tells whether a function calls one of that name, itself or through functions of
// its own package.
func (c code) reaches(from, name string) bool {
	pkg, _, _ := strings.Cut(from, ".")
	seen, next := map[string]bool{}, []string{from}
	for len(next) > 0 {
		here := next[0]
		next = next[1:]
		if seen[here] {
			continue
		}
		seen[here] = true
		for _, call := range c.calls[here] {
			if call == name {
				return true
			}
			for f := range c.calls {
				if strings.HasPrefix(f, pkg+".") && strings.HasSuffix(f, "."+call) {
					next = append(next, f)
				}
			}
		}
	}
	return false
}

// step is one line of a walk.
type step struct {
	depth int
	call  string // "" of what comes back
	names []string
	text  string
}

var (
	walkLine  = regexp.MustCompile(`^//\t( *)([→←]) (\S+)`)
	qualified = regexp.MustCompile(`\b(` + strings.Join(slices.Sorted(maps.Keys(sources)), "|") + `)\.[A-Za-z]+(\.[A-Za-z]+)?`)
)

// walks reads the diagrams of the package comment, each from its caller on.
func walks(t *testing.T) (all [][]step) {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "//\tcaller" {
			all = append(all, nil)
		}
		m := walkLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		s := step{depth: len(m[1]) / 2, names: qualified.FindAllString(line, -1), text: line}
		if m[2] == "→" {
			s.call, _, _ = strings.Cut(m[3], "(")
		}
		all[len(all)-1] = append(all[len(all)-1], s)
	}
	return all
}

// Every name in a walk is declared, and every call in it is made by what stands above it:
// itself, through functions of its package, or in the pure function that it hands down.
func TestTheWalksAreTrue(t *testing.T) {
	c, all := readCode(t), walks(t)
	if len(all) != 2 {
		t.Fatalf("%d walks, want 2", len(all))
	}
	for _, walk := range all {
		var above []string // the calls under way
		for _, s := range walk {
			if len(s.names) == 0 {
				t.Errorf("no name of ours in %q", s.text)
			}
			for _, name := range s.names {
				if !c.declared[name] {
					t.Errorf("there is no %s, as in %q", name, s.text)
				}
			}
			if s.depth > len(above) {
				t.Fatalf("%q stands under nothing", s.text)
			}
			above = above[:s.depth]
			if s.call == "" {
				continue
			}
			last := s.call[strings.LastIndex(s.call, ".")+1:]
			if len(above) > 0 && !slices.ContainsFunc(above, func(caller string) bool { return c.reaches(caller, last) }) {
				t.Errorf("nothing of %v calls %s, as in %q", above, s.call, s.text)
			}
			above = append(above, s.call)
		}
		if commits := slices.ContainsFunc(walk, func(s step) bool { return s.call == "store.Repository.Commit" }); !commits {
			t.Error("a walk does not come to the commit")
		}
		if first, last := walk[0], walk[len(walk)-1]; first.depth != 0 || last.depth != 0 || last.call != "" {
			t.Errorf("a walk goes from %q to %q, want from the caller and back", first.text, last.text)
		}
	}
}

// The package comment fits the width of a page, a tab counted as eight columns.
func TestThePackageCommentFits(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if width := len([]rune(strings.ReplaceAll(line, "\t", "      "))); width > 100 {
			t.Errorf("line %d has %d columns, want 100 at most", i+1, width)
		}
	}
}
