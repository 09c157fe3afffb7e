package integration

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	benchSlices  = flag.Int("bench.slices", 10, "slices of each contestant in a benchmark")
	benchSlice   = flag.Duration("bench.slice", time.Second, "how long a slice is")
	benchRecords = flag.Int("bench.records", 1_000_000, "records of the large store in a benchmark; 10000000 for a long run")
)

// contestant is one of several that are measured in turns. do is called by many clients
// at once, each with a source of its own.
type contestant struct {
	name string
	do   func(client int, r *rand.Rand) error
}

// score is what one contestant did.
type score struct {
	perSecond []float64 // by slice
	took      []time.Duration
}

// contest lets contestants take turns, a slice at a time, and reports each one's median
// slice and its ratio to the first: the disk's speed may move threefold within a minute,
// and only what ran in turns can be compared. The order moves on with each round.
func contest(b *testing.B, clients int, all ...contestant) {
	b.Helper()
	scores := make([]score, len(all))
	for b.Loop() {
		for round := range *benchSlices + 1 {
			for i := range all {
				i = (i + round) % len(all)
				slice := *benchSlice
				if round == 0 { // warm: connections are made and statements prepared
					slice /= 10
				}
				perSecond, took := run(b, clients, slice, all[i])
				if round > 0 {
					scores[i].perSecond, scores[i].took = append(scores[i].perSecond, perSecond), append(scores[i].took, took...)
				}
			}
		}
	}
	b.ReportMetric(0, "ns/op") // of all of it, which says nothing
	for i, s := range scores {
		ratios := make([]float64, len(s.perSecond))
		for n := range ratios {
			ratios[n] = scores[0].perSecond[n] / s.perSecond[n]
		}
		name := strings.ReplaceAll(all[i].name, " ", "_")
		ratio := at(scores[0].perSecond, 50) / at(s.perSecond, 50)
		b.ReportMetric(at(s.perSecond, 50), name+"/s")
		if i > 0 {
			b.ReportMetric(ratio, strings.ReplaceAll(all[0].name, " ", "_")+":"+name)
		}
		b.Logf("| %s | %s | %.0f/s | %.2f (%.2f to %.2f) | %v | %v |", b.Name(), all[i].name, at(s.perSecond, 50),
			ratio, slices.Min(ratios), slices.Max(ratios), at(s.took, 50).Round(time.Microsecond), at(s.took, 99).Round(time.Microsecond))
	}
}

// at gives the value that so many percent lie below.
func at[T cmp.Ordered](values []T, percent int) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)*percent/100]
}

// run gives what so many clients do in a slice.
func run(b *testing.B, clients int, slice time.Duration, c contestant) (perSecond float64, took []time.Duration) {
	b.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	start := time.Now()
	for client := range clients {
		all.Go(func() {
			r := rand.New(rand.NewPCG(rand.Uint64(), uint64(client)))
			var mine []time.Duration
			for now := time.Now(); now.Sub(start) < slice; {
				if err := c.do(client, r); err != nil {
					b.Error(fmt.Errorf("%s: %w", c.name, err))
					return
				}
				then := now
				now = time.Now()
				mine = append(mine, now.Sub(then))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return float64(len(took)) / time.Since(start).Seconds(), took
}
