package product_test

import (
	"encoding/binary"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/product"
)

// drawing is a call whose id draws a number.
func drawing(n uint64) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

func TestBackoffDoubles(t *testing.T) {
	s := product.DefaultSettings()
	for _, row := range []struct {
		name, why string
		failures  int
		whole     time.Duration
	}{
		{"none yet", "as after the first", 0, time.Second},
		{"below none", "a damaged count is no longer a pause", -5, time.Second},
		{"the first", "BackoffMin", 1, time.Second},
		{"the second", "doubled", 2, 2 * time.Second},
		{"the third", "doubled again", 3, 4 * time.Second},
		{"the twelfth", "the last below the most", 12, 2048 * time.Second},
		{"the thirteenth", "BackoffMax", 13, time.Hour},
		{"the hundredth", "2 to the 99th seconds fit in nothing", 100, time.Hour},
		{"as many as there can be", "it ends, and does not overflow", math.MaxInt, time.Hour},
	} {
		if got := s.Backoff(row.failures, drawing(0)); got != row.whole/2 {
			t.Errorf("%s: at least %v, want the half of %v: %s", row.name, got, row.whole, row.why)
		}
		if got := s.Backoff(row.failures, drawing(uint64(row.whole/2))); got != row.whole {
			t.Errorf("%s: at most %v, want %v: %s", row.name, got, row.whole, row.why)
		}
	}
}

// For any settings that New takes, the pause lies between the half and the whole of what
// numbers without an end say, and the same call gives the same one.
func TestBackoffIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least, most := anyPause(t, "one"), anyPause(t, "other")
		least, most = min(least, most), max(least, most)
		failures := rapid.OneOf(rapid.IntRange(-2, 70), rapid.Int()).Draw(t, "failures")
		whole := new(big.Int).Lsh(big.NewInt(int64(least)), uint(min(max(failures-1, 0), 128)))
		if whole.Cmp(big.NewInt(int64(most))) > 0 {
			whole.SetInt64(int64(most))
		}
		s := product.Settings{BackoffMin: least, BackoffMax: most}
		call := drawing(rapid.Uint64().Draw(t, "draw"))
		got := s.Backoff(failures, call)
		if exact := big.NewInt(int64(got)); exact.Cmp(whole) > 0 || exact.Lsh(exact, 1).Cmp(whole) < 0 {
			t.Fatalf("%d ns after %d failures, want between the half and the whole of %s", got, failures, whole)
		}
		if again := s.Backoff(failures, call); again != got {
			t.Fatalf("%v, and then %v", got, again)
		}
	})
}

// anyPause draws durations of every size.
func anyPause(t *rapid.T, label string) time.Duration {
	bits := rapid.IntRange(1, 63).Draw(t, label+" bits")
	return time.Duration(rapid.Int64Range(1, math.MaxInt64>>(63-bits)).Draw(t, label))
}

// Records that failed together do not come back together.
func TestBackoffSpreads(t *testing.T) {
	s, bins := product.DefaultSettings(), [4]int{}
	for range 400 {
		pause := s.Backoff(13, uuid.New())
		bins[min(3, 8*(pause-30*time.Minute)/time.Hour)]++
	}
	for i, n := range bins {
		if n < 40 || n > 200 {
			t.Errorf("%d of 400 pauses in quarter %d of the range, want about 100", n, i+1)
		}
	}
}

// Every pair of small bounds, so that no rounding hides: all pauses from the half to the
// whole are drawn, and no other.
func TestBackoffOfSmallBounds(t *testing.T) {
	for least := time.Duration(1); least <= 6; least++ {
		for most := least; most <= 24; most++ {
			s, whole := product.Settings{BackoffMin: least, BackoffMax: most}, least
			for failures := 1; failures < 8; failures++ {
				shortest, longest := most, time.Duration(0)
				for draw := range uint64(64) {
					got := s.Backoff(failures, drawing(draw))
					shortest, longest = min(shortest, got), max(longest, got)
				}
				if shortest != whole-whole/2 || longest != whole {
					t.Fatalf("from %d to %d ns, failure %d: pauses from %d to %d, want the half of %d to the whole", least, most, failures,
						shortest, longest, whole)
				}
				whole = min(2*whole, most)
			}
		}
	}
}
