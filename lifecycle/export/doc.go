// Package export writes a lifecycle in the formats that other tools read. Each format is
// one function of a [lifecycle.Chart]:
//
//	page := export.Markdown(kyc.Machine.Chart())
//
// The machine may be any, so that a host prints the page of its own table, or of one of ours
// that it has extended, by the same call.
//
// Equal definitions give equal bytes, in the definition's order, so that a go:generate
// program writes them to a file and a test compares the two. Prose may hold anything: each
// format escapes it, so that it is read as it was written. That holds of Markdown too, where
// nothing in it is a link, an image, markup or HTML; no format can keep a viewer from making
// a link of bare text, such as the address of a mailbox.
//
// A status and an event are called by their spelling where the outside sees them: in a drawing,
// and as the description of a state. Ids, stored strings and the JSON are their names.
//
// [JSON] alone is read back, by [Parse]. It holds the whole definition, and [Schema]
// describes it.
package export

import "github.com/kycle/kycle/lifecycle"

// Format is one way to write a lifecycle.
type Format struct {
	Name      string // as a command line has it
	Extension string // of its files, with the dot
	MediaType string
	Write     func(*lifecycle.Chart) string
}

// Formats are all there are. Callers must not change it.
var Formats = []Format{
	{"markdown", ".md", "text/markdown; charset=utf-8", Markdown},
	{"mermaid", ".mmd", "text/vnd.mermaid; charset=utf-8", Mermaid},
	{"dot", ".gv", "text/vnd.graphviz; charset=utf-8", DOT},
	{"plantuml", ".puml", "text/plain; charset=utf-8", PlantUML},
	{"scxml", ".scxml", "application/scxml+xml", SCXML},
	{"xstate", ".xstate.json", "application/json", XState},
	{"json", ".json", "application/json", JSON},
}
