package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
)

func now(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A true picture is left as it is where there is no Graphviz, and where there is another
// version of it; one of another table is refused where nothing can draw it.
func TestPictureWithoutGraphviz(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	of := picture(kyc.Machine.Chart())
	svg := now(t, "../../kyc/LIFECYCLE.svg")
	again, err := of(svg)
	if err != nil || !bytes.Equal(again, svg) {
		t.Errorf("a true picture was changed, or refused (error: %v)", err)
	}
	for _, c := range []struct {
		name string
		svg  []byte
		why  string
	}{
		{"none", nil, "there is nothing to keep"},
		{"of another table", now(t, "../../idpass/LIFECYCLE.svg"), "its digest is not that of this table"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := of(c.svg); !errors.Is(err, errNoGraphviz) {
				t.Errorf("got %v, want %v: %s", err, errNoGraphviz, c.why)
			}
		})
	}
}

// A change of what we add to a drawing needs no Graphviz either.
func TestPictureIsDressedAnew(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	svg := now(t, "../../kyc/LIFECYCLE.svg")
	old := bytes.Replace(svg, []byte("fill:#fff"), []byte("fill:#eee"), 1)
	again, err := picture(kyc.Machine.Chart())(old)
	if err != nil || bytes.Equal(old, svg) || !bytes.Equal(again, svg) {
		t.Errorf("the style is not dressed anew (error: %v)", err)
	}
}

func TestWhatIsNoDrawingIsRefused(t *testing.T) {
	if _, err := dress(lifecycle.ChartDefinition{}, []byte("<svg/>"), "0"); err == nil {
		t.Error("it was dressed")
	}
}

// A picture that is not true is drawn. A complaint of Graphviz is an error: what it could
// not read it leaves out.
func TestPictureIsDrawn(t *testing.T) {
	svg, err := filepath.Abs("../../idpass/LIFECYCLE.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, program string
		drawn         bool
		why           string
	}{
		{"drawn", "cat > /dev/null; cat " + svg, true, "this stands for Graphviz"},
		{"with a complaint", "cat > /dev/null; cat " + svg + "; echo syntax error >&2", false, "it has read something else than we wrote"},
		{"failed", "exit 1", false, "there is no picture"},
		{"something else", "cat > /dev/null; echo hello", false, "what it drew cannot be dressed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "dot"), []byte("#!/bin/sh\n"+c.program+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
			got, err := picture(idpass.Machine.Chart())(nil)
			if (err == nil) != c.drawn || c.drawn && !bytes.Equal(got, now(t, "../../idpass/LIFECYCLE.svg")) {
				t.Errorf("drawn should be %v, and the error is %v: %s", c.drawn, err, c.why)
			}
		})
	}
}

// Each colour of a drawing has its own in the light and in the dark.
func TestStyleKnowsTheColors(t *testing.T) {
	_, drawn, _ := bytes.Cut(now(t, "../../kyc/LIFECYCLE.svg"), []byte("</style>"))
	light, dark, _ := strings.Cut(style, "@media (prefers-color-scheme:dark)")
	found := regexp.MustCompile(`(?:fill|stroke)="#[0-9a-f]{6}"`).FindAllString(string(drawn), -1)
	slices.Sort(found)
	for _, color := range slices.Compact(found) {
		paper := strings.Contains(color, "#f4f6f9") || strings.Contains(color, "#1f2328") // as it is in the light
		if !strings.Contains(dark, "["+color+"]") || !paper && !strings.Contains(light, "["+color+"]") {
			t.Errorf("the style does not know %s", color)
		}
	}
	if len(found) < 50 {
		t.Errorf("only %d colours are used", len(found))
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"nobody"}, {"kyc", "idpass"}} {
		if err := write(args); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
