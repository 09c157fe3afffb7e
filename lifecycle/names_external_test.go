package lifecycle_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// A newcomer can read all that the package exports. Types and functions count; constants,
// errors and methods stand with them.
func TestThePackageStaysSmall(t *testing.T) {
	const most = 70
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if is, ok := spec.(*ast.TypeSpec); ok {
						add(is.Name)
					}
				}
			}
		}
	}
	if len(names) == 0 || len(names) > most {
		t.Errorf("the package exports %d types and functions, and %d are the most: %v", len(names), most, names)
	}
	t.Logf("%d of %d names", len(names), most)
}
