package linear

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// wish is what one client asks of one record.
type wish struct {
	record int
	in     kyc.Input // Event "": it only reads
}

// answer is what the client was told.
type answer struct {
	verdict lifecycle.Verdict
	why     string
	status  kyc.Status
	current bool
	version uint64 // at which the record stood then: a write that is lost shows here at once

	// lost: the client was told nothing. What it wished has happened if the audit has an
	// entry of its call (written), and otherwise has not, unless it wrote none.
	lost, written bool

	perhaps bool // of no client, but of a stay in doubt: it may have happened, or not
}

// standing is a record's state in the model: the validation and its receipts. encoded
// holds both, for comparison.
type standing struct {
	version  uint64
	value    kyc.Validation
	receipts map[string]string
	encoded  string
}

func stand(version uint64, v kyc.Validation, receipts map[string]string) standing {
	encoded, err := kyc.Schema.Encode(v)
	if err != nil {
		panic(err) // a value that Decide made can be encoded
	}
	keys := slices.Sorted(maps.Keys(receipts))
	return standing{version, v, receipts, fmt.Sprint(version, " ") + string(encoded) + strings.Join(keys, "\n")}
}

// step is the specification: the pure Decide, one wish at a time. It gives the answer,
// whether there is an entry of it, and where the record stands afterwards.
func step(s standing, w wish) (told answer, wrote bool, next standing) {
	if w.in.Event == "" {
		return answer{status: s.value.Status, current: s.value.IsCurrent, version: s.version}, false, s
	}
	d, err := kyc.Decide(store.Record[kyc.Validation]{Value: s.value, Version: s.version, Receipts: s.receipts}, w.in, kyc.DefaultSettings())
	if err != nil {
		return answer{verdict: lifecycle.Refuse}, false, s
	}
	told = decided(d, s.version)
	if len(d.Changes) == 0 {
		return told, false, s
	}
	receipts := maps.Clone(s.receipts)
	maps.Copy(receipts, d.Changes[0].Receipts)
	return told, len(d.Changes[0].Entries) > 0, stand(told.version, d.Value, receipts)
}

// decided is what a client is told of a decision on a record at a version.
func decided(d kyc.Decision, version uint64) answer {
	return answer{verdict: d.Verdict, why: d.Why, status: d.Value.Status, current: d.Value.IsCurrent, version: version + uint64(len(d.Changes))}
}

// sequential is the model that a history must agree with, for records that begin so.
func sequential(begin []standing) porcupine.Model {
	type state struct {
		record int // -1: none asked yet
		standing
	}
	model := porcupine.NondeterministicModel{
		Init: func() []any { return []any{state{record: -1}} },
		Step: func(from, input, output any) []any {
			s, w, was := from.(state), input.(wish), output.(answer)
			if s.record < 0 {
				s = state{w.record, begin[w.record]}
			}
			want, wrote, next := step(s.standing, w)
			switch {
			case (was.lost && !was.written || was.perhaps) && wrote:
				return []any{s} // it did not happen: the audit would tell
			case was.lost && !was.written || was.perhaps:
				return []any{s, state{w.record, next}}
			case was.lost && wrote, want == was:
				return []any{state{w.record, next}}
			}
			return nil
		},
		Equal: func(a, b any) bool { return a.(state).encoded == b.(state).encoded },
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			parts := make([][]porcupine.Operation, len(begin))
			for _, op := range history {
				record := op.Input.(wish).record
				parts[record] = append(parts[record], op)
			}
			return parts
		},
	}
	return model.ToModel()
}

// explained tells whether some order of decisions explains a history. That it could not
// be found out in time is a failure too.
func explained(begin []standing, history []porcupine.Operation) error {
	result, _ := porcupine.CheckOperationsVerbose(sequential(begin), history, 2*time.Minute)
	if result != porcupine.Ok {
		return fmt.Errorf("the history of %d operations is %s: no order of decisions was found that explains it", len(history), result)
	}
	return nil
}
