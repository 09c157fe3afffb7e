package etcd

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

var (
	low  = uuid.MustParse("00000000-0000-4000-8000-000000000001")
	high = uuid.MustParse("ffffffff-ffff-4fff-bfff-ffffffffffff")
	keys = layout{prefix: "host/\x00", kind: "thing"}
)

// TestNumbersSortAsTheyCount since a range is all that etcd knows of time.
func TestNumbersSortAsTheyCount(t *testing.T) {
	var all []string
	for _, n := range []int64{math.MinInt64, -1 << 40, -1, 0, 1, 255, 256, 1 << 40, math.MaxInt64} {
		all = append(all, number(ordered(n)))
	}
	if !slices.IsSorted(all) {
		t.Error("not in the order of the numbers")
	}
}

// TestKeysInOrder has keys of one range in the order in which they must be read.
func TestKeysInOrder(t *testing.T) {
	moment := time.Date(1969, 12, 31, 23, 59, 59, 999_999_000, time.UTC)
	index := func(micro int, id uuid.UUID) store.Index {
		at := moment.Add(time.Duration(micro) * time.Microsecond)
		return store.Index{Organization: "org_a", Owner: "owner", ID: id, Created: at, Due: at}
	}
	from, to := keys.dueWithin(0, moment.Add(time.Microsecond))
	ranked := func(rank uint8, micro int) store.Index {
		i := index(micro, low)
		i.DueRank = rank
		return i
	}
	for _, c := range []struct {
		name, why string
		keys      []string
	}{
		{"list", "newest first, ties by id, also across 1970", []string{
			keys.listed(index(2, low)), keys.listed(index(1, high)), keys.listed(index(0, low)), keys.listed(index(0, high)),
		}},
		{"due", "the longest due first, ties by id; what is due now is within, a microsecond later is not", []string{
			from, keys.due(index(0, low)), keys.due(index(0, high)), keys.due(index(1, high)), to, keys.due(index(2, low)),
		}},
		{"ranks", "a lower one first, whatever the time, as numbers without a sign", []string{
			keys.due(ranked(0, 9)), keys.due(ranked(1, 5)), keys.due(ranked(127, 4)), keys.due(ranked(128, 3)), keys.due(ranked(255, 0)),
		}},
		{"entries", "in sequence", []string{
			keys.entries(place{"org_a", low}) + number(1), keys.entries(place{"org_a", low}) + number(256),
			keys.entries(place{"org_a", low}) + number(math.MaxUint64), keys.entries(place{"org_a", high}) + number(1),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !slices.IsSorted(c.keys) || len(slices.Compact(slices.Clone(c.keys))) != len(c.keys) {
				t.Errorf("%q: %s", c.keys, c.why)
			}
		})
	}
}

// TestNoTwoPlacesHaveOneKey tries texts that could run into each other.
func TestNoTwoPlacesHaveOneKey(t *testing.T) {
	seen := map[string]string{}
	for _, of := range []layout{keys, {prefix: "host/\x00", kind: "thing_other"}, {prefix: "host/r\x00", kind: "thing"}} {
		for _, pair := range [][2]string{{"", "ab"}, {"a", "b"}, {"ab", ""}, {"a", "b "}, {"a", "B"}} {
			for what, key := range map[string]string{
				"record":  of.record(place{pair[0], uuid.NewSHA1(low, []byte(pair[1]))}),
				"receipt": of.receipt(place{pair[0], low}, pair[1]), "exclusive key": of.exclusive(pair[0], pair[1]),
				"session": of.session(pair[0] + " " + pair[1]), "owner": of.owner(pair[0], pair[1]),
			} {
				name := strings.Join([]string{of.prefix, of.kind, what, pair[0], pair[1]}, "|")
				if other, twice := seen[key]; twice {
					t.Errorf("%s and %s have one key", name, other)
				}
				seen[key] = name
			}
		}
	}
}

// TestKeysAreReadBack has what Due and List know only from a key.
func TestKeysAreReadBack(t *testing.T) {
	for _, organization := range []string{"", "org_a", "org \xf0\x9f\x92\xa1"} {
		index := store.Index{Organization: organization, ID: high, Owner: "owner", Due: time.Unix(1, 0), DueRank: 7, Created: time.Unix(2, 0)}
		if key, err := keys.dueAt(keys.due(index)); err != nil || key != index.Key() {
			t.Errorf("due: %+v, error %v; want %+v", key, err, index.Key())
		}
		if id, err := listedAt(keys.owner(organization, "owner"), keys.listed(index)); err != nil || id != high {
			t.Errorf("listed: %v, error %v; want %v", id, err, high)
		}
	}
	if _, err := keys.dueAt(keys.of('d') + "short"); !errors.Is(err, errDamaged) {
		t.Errorf("a key of due cut short: error %v, want %v", err, errDamaged)
	}
	if _, err := listedAt("owner", "owner too long for an id and a time"); !errors.Is(err, errDamaged) {
		t.Errorf("a key of a list that is too long: error %v, want %v", err, errDamaged)
	}
}
