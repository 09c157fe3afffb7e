package storetest_test

import (
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/kycle/kycle/store/storetest"
)

func TestPromisesAreThoseOfThePort(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../doc.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	var documented []string
	for _, paragraph := range strings.Split(file.Doc.Text(), "\n\n") {
		if m := regexp.MustCompile(`(?s)^Promise (\d+)\. (.*)$`).FindStringSubmatch(paragraph); m != nil {
			documented = append(documented, strings.Join(strings.Fields(m[2]), " "))
		}
	}
	printed := storetest.Promises()
	if len(documented) != len(printed) || len(printed) == 0 {
		t.Fatalf("%d promises in store/doc.go, %d in the suite", len(documented), len(printed))
	}
	for i := range printed {
		if documented[i] != printed[i] {
			t.Errorf("promise %d\nin store/doc.go: %s\nin the suite:    %s", i+1, documented[i], printed[i])
		}
	}
}
