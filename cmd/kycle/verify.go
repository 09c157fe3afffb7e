package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
)

var verify = command{
	name: "verify", args: "[-machine MACHINE]… [-head SEQ:HASH]… [-json] FILE.jsonl", files: 1,
	does: "whether an exported audit chain holds: every hash, the replay, and the postings where they are given",
	more: `
The file has one audit entry a line, as package audit writes it in JSON, of one subject or of
many; or it is a host's whole answer, {"entries": […], "postings": […]}. Every hash is computed
anew; what the file itself says of the chain is not believed.

A history is replayed through the definitions that judged it, by their fingerprints: kyc and
idpass of this program, and those given with -machine. Every entry has to come from its table: a
move from its row, a note by its word, what was ignored by a report, each by an actor who may
bring the event. Where a definition is missing the answer says so, and rests on the hashes alone.
Postings are compared where they are given, and the answer says so where they are not.

No chain shows by itself that its end was cut off: give a head that was kept elsewhere.

Exit codes: 0 every chain holds; 1 one does not; 2 it cannot be read.

Examples:
  curl -s -H "Authorization: Bearer demo-a" $HOST/api/kyc/validations/$ID/audit | kycle verify -
  kycle verify -head 7:5d2c…a43 chain.jsonl
  kycle verify -machine kyc-v1.json -json chains.jsonl | jq -r 'select(.holds | not) | .fault'
`,
	prepare: func(flags *flag.FlagSet) func(*call, []string) (int, error) {
		var machines, heads []string
		flags.Func("machine", "a `MACHINE` that judged, besides kyc and idpass; may be given again", appendTo(&machines))
		flags.Func("head", "`SEQ:HASH` of an entry that has to be there; may be given again", appendTo(&heads))
		asJSON := flags.Bool("json", false, "write one JSON object for each history")
		return func(c *call, files []string) (int, error) {
			anchors, err := anchored(heads)
			if err != nil {
				return 0, err
			}
			var tables []audit.Table
			for _, m := range append([]string{"kyc", "idpass"}, machines...) {
				chart, err := c.chart(m)
				if err != nil {
					return 0, err
				}
				tables = append(tables, chart)
			}
			histories, err := c.histories(files[0])
			if err != nil {
				return 0, err
			}
			if len(anchors) > 0 && len(histories) > 1 {
				return 0, usage("-head is for a file of one history, and here are %d", len(histories))
			}
			code := fine
			for _, h := range histories {
				v := examine(h, anchors, tables)
				if !v.Holds {
					code = no
				}
				if !*asJSON {
					for line := range strings.SplitSeq(v.String(), "\n") {
						c.print("%s", line)
					}
				} else if err := c.value(v); err != nil {
					return 0, err
				}
			}
			return code, nil
		}
	},
}

func appendTo(list *[]string) func(string) error {
	return func(value string) error {
		*list = append(*list, value)
		return nil
	}
}

func anchored(heads []string) (anchors []audit.Head, err error) {
	for _, text := range heads {
		seq, hash, _ := strings.Cut(text, ":")
		n, wrong := strconv.ParseUint(seq, 10, 64)
		digest, err := audit.ParseDigest(hash)
		if wrong != nil || n == 0 || err != nil {
			return nil, usage("-head is a sequence number from 1, a colon, and 64 hex digits")
		}
		anchors = append(anchors, audit.Head{Seq: n, Hash: digest})
	}
	return anchors, nil
}

func (c *call) histories(name string) ([]audit.Exported, error) {
	file, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	histories, err := audit.Import(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w\nGive audit entries as JSON lines, or a host's whole answer with its entries", name, err)
	case len(histories) == 0:
		return nil, fmt.Errorf("%s: it is empty, and nothing can be verified", name)
	}
	return histories, nil
}

// verdict is what was found of one history.
type verdict struct {
	Organization string   `json:"organization"`
	Kind         string   `json:"subject_kind"`
	ID           string   `json:"subject_id"`
	Entries      int      `json:"entries"`
	Head         string   `json:"head"` // as -head takes it
	Holds        bool     `json:"holds"`
	Fault        *string  `json:"fault"`
	Status       *string  `json:"status"`   // in which the replay ends; null where it was not made
	Unknown      []string `json:"unknown"`  // definitions that the replay needs
	Postings     *bool    `json:"postings"` // whether they agree; null where none are given
	Named        int      `json:"named"`    // postings that the entries name
}

// examine verifies, replays and reconciles, and stops at the first fault.
func examine(h audit.Exported, anchors []audit.Head, tables []audit.Table) verdict {
	last := h.Entries[len(h.Entries)-1]
	v := verdict{
		Organization: h.Subject.Organization, Kind: h.Subject.Kind, ID: h.Subject.ID.String(), Entries: len(h.Entries),
		Head: fmt.Sprintf("%d:%s", last.Seq, last.Hash), Unknown: []string{},
	}
	for _, e := range h.Entries {
		v.Named += len(e.Postings)
	}
	fault := audit.Verify(h.Subject, h.Entries, anchors...)
	if fault == nil {
		for _, d := range audit.Unknown(h.Entries, tables...) {
			v.Unknown = append(v.Unknown, d.String())
		}
		if len(v.Unknown) == 0 {
			var status string
			if status, fault = audit.Replay(h.Entries, tables...); fault == nil {
				v.Status = &status
			}
		}
	}
	if fault == nil && h.Postings != nil {
		fault = reconciled(h)
		agree := fault == nil
		v.Postings = &agree
	}
	v.Holds = fault == nil
	if fault != nil {
		text := fault.Error()
		v.Fault = &text
	}
	return v
}

var errPostings = errors.New("the postings are not those that the entries name")

// reconciled holds the postings of an answer against its entries. An answer says neither
// whose they are nor when they were made: its subject's, with the entry.
func reconciled(h audit.Exported) error {
	var postings []refund.Posting
	if err := json.Unmarshal(h.Postings, &postings); err != nil {
		return fmt.Errorf("%w: they are not readable", errPostings)
	}
	var causes []refund.Cause
	for _, e := range h.Entries {
		for _, line := range e.Postings {
			causes = append(causes, refund.Cause{Seq: e.Seq, Line: line, At: e.RecordedAt})
		}
	}
	for i, p := range postings {
		postings[i].Subject = refund.Subject(h.Subject)
		if p.Seq > 0 && p.Seq <= uint64(len(h.Entries)) {
			postings[i].At = h.Entries[p.Seq-1].RecordedAt
		}
	}
	if found := refund.Reconcile(refund.Subject(h.Subject), causes, postings); len(found) > 0 {
		return fmt.Errorf("%w: %s", errPostings, found[0])
	}
	return nil
}

func (v verdict) String() string {
	text := fmt.Sprintf("%q %s of %q: %s, head %s\n  ", v.Kind, v.ID, v.Organization, counted(v.Entries, "entry"), v.Head)
	if v.Fault != nil {
		return text + "does not hold: " + *v.Fault
	}
	text += "the chain holds"
	if v.Status != nil {
		text += fmt.Sprintf("\n  it replays to %q", *v.Status)
	}
	for _, d := range v.Unknown {
		text += fmt.Sprintf("\n  it was NOT replayed: the definition %s is not at hand; give it with -machine", d)
	}
	switch {
	case v.Postings != nil:
		text += "\n  the postings agree"
	case v.Named > 0:
		text += fmt.Sprintf("\n  its entries name %s, which were NOT compared: give the host's whole answer, with its postings",
			counted(v.Named, "posting"))
	}
	return text
}
