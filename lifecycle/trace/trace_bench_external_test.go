package trace_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle/trace"
)

// go test -run '^$' -bench . ./lifecycle/trace: lines a second, allocations a line, and
// what a record costs in memory.

const benchRecords = 100_000

func BenchmarkLines(b *testing.B) {
	log := logOf(benchRecords)
	for _, order := range []trace.Order{trace.Interleaved, trace.Sorted} {
		b.Run(string(order), func(b *testing.B) {
			measured(b, order, len(log), func() trace.Log { return trace.Of(slices.Values(log)) })
		})
	}
}

func BenchmarkJSONLines(b *testing.B) {
	var text strings.Builder
	log := logOf(benchRecords)
	for i, l := range log {
		fmt.Fprintf(&text, `{"record":%q,"event":%q,"status":%q,"actor":"user_%d","seq":%d}`+"\n", l.Record, l.Event, l.Status, i%5, i%5+1)
	}
	for _, order := range []trace.Order{trace.Interleaved, trace.Sorted} {
		b.Run(string(order), func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			measured(b, order, len(log), func() trace.Log { return trace.JSONLines(strings.NewReader(text.String())) })
		})
	}
}

// BenchmarkDivergences is the worst case: every record has one, and its repair is searched for.
func BenchmarkDivergences(b *testing.B) {
	log := logOf(benchRecords)
	for i := range log {
		if i%5 == 1 {
			log[i].Event = "approve"
		}
	}
	checker := trace.New(charts["kyc"], trace.Sorted)
	for b.Loop() {
		n := 0
		for range checker.Divergences(trace.Of(slices.Values(log))) {
			n++
		}
		if n != benchRecords {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.N)*benchRecords/b.Elapsed().Seconds(), "records/s")
}

func measured(b *testing.B, order trace.Order, lines int, log func() trace.Log) {
	checker := trace.New(charts["kyc"], order)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		for d, err := range checker.Divergences(log()) {
			b.Fatal(d, err)
		}
	}
	runtime.ReadMemStats(&after)
	total := float64(b.N) * float64(lines)
	b.ReportMetric(total/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/line")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/benchRecords, "B/record")
}
