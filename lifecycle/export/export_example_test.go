package export_test

import (
	"fmt"

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
