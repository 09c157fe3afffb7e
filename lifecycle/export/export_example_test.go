package export_test

import (
	"fmt"
	"strings"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

// A definition travels as data. What comes back decides like the original, if it is told
// which rules say no.
func ExampleParse() {
	file := export.JSON(idpass.Machine.Chart())

	pass, err := export.Parse([]byte(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := pass.Decide("opened", "cancel", lifecycle.Vetoes{})
	fmt.Println(out.To, out.Does("refund"), err)
	fmt.Println(pass.Fingerprint() == idpass.Machine.Fingerprint())
	// Output:
	// cancelled true <nil>
	// true
}

// A host prints the page of its own machine, here one of ours with a note more.
func ExampleMarkdown() {
	def := idpass.Machine.Chart().Definition()
	def.Events = append(def.Events, lifecycle.Event[string]{Name: "call", Kind: lifecycle.Command, By: []string{"person"}, Means: "ask the customer by telephone"})
	def.Rows = append(def.Rows, lifecycle.Row[string, string, lifecycle.Vetoes]{
		On: "call", From: []string{"opened", "in_progress"}, Note: "called", Why: "the customer has stopped half-way",
	})
	machine, err := lifecycle.New(def)
	if err != nil {
		fmt.Println(err)
		return
	}
	page := export.Markdown(machine.Chart())

	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "| `called`") {
			fmt.Print(line)
		}
	}
	// Output:
	// # ID Pass
	// | `called` | `call` | `opened`, `in_progress` |  |  | the customer has stopped half-way |
}

// Every format, as a command line would offer them.
func ExampleFormat() {
	for _, f := range export.Formats {
		fmt.Println(f.Name, "LIFECYCLE"+f.Extension)
	}
	// Output:
	// markdown LIFECYCLE.md
	// mermaid LIFECYCLE.mmd
	// dot LIFECYCLE.gv
	// plantuml LIFECYCLE.puml
	// scxml LIFECYCLE.scxml
	// xstate LIFECYCLE.xstate.json
	// json LIFECYCLE.json
}
