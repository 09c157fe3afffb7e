package kyc_test

import (
	"context"
	"testing"
	"time"

	"github.com/looplab/fsm"

	"github.com/kycle/kycle/kyc"
)

// table is the machine's table as looplab/fsm takes it.
func table() (events fsm.Events) {
	for _, row := range kyc.Machine.Definition().Rows {
		for _, s := range row.From {
			to := row.To
			if row.Note != "" {
				to = s
			}
			events = append(events, fsm.EventDesc{Name: string(row.On), Src: []string{string(s)}, Dst: string(to)})
		}
	}
	return events
}

// The three below are read in one run: a cell is to be at least 25 times as fast as an
// event on a live looplab machine of the same table.

func BenchmarkCell(b *testing.B) {
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := kyc.Machine.Cell(kyc.InReview, kyc.ApprovedByProvider); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLooplabEvent(b *testing.B) {
	b.ReportAllocs()
	live := fsm.NewFSM(string(kyc.InReview), table(), nil)
	ctx := context.Background()
	for i := 0; i < b.N; i++ {
		event := kyc.ApprovedByProvider
		if i%2 == 1 {
			event = kyc.InReviewAtProvider
		}
		if err := live.Event(ctx, string(event)); err != nil {
			b.Fatal(err)
		}
	}
}

func TestACellCostsNoAllocation(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _, _ = kyc.Machine.Cell(kyc.InReview, kyc.ApprovedByProvider) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A whole decision, the audit hash included, is to cost no more than building one looplab
// machine of the same table and firing it once. Read the two in one run.

func BenchmarkDecide(b *testing.B) {
	h := newHost(b, nil)
	r := stored(b, h, h.In(kyc.InReview))
	word := kyc.Word{Status: kyc.ProviderApproved, At: h.Clock.Now().Add(time.Minute)}
	in := kyc.Input{Event: kyc.ApprovedByProvider, Word: word, Call: callAt(word.At)}
	settings := kyc.DefaultSettings()
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := kyc.Decide(r, in, settings); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecideByHand(b *testing.B) {
	h := newHost(b, nil)
	r := stored(b, h, h.In(kyc.InReview))
	in := kyc.Input{Event: kyc.Approve, Reason: "because of it", Reading: kyc.ProviderInReview, Call: callAt(h.Clock.Now())}
	settings := kyc.DefaultSettings()
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if _, err := kyc.Decide(r, in, settings); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLooplabNewAndEvent(b *testing.B) {
	events, ctx := table(), context.Background()
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		if err := fsm.NewFSM(string(kyc.InReview), events, nil).Event(ctx, string(kyc.Approve)); err != nil {
			b.Fatal(err)
		}
	}
}
