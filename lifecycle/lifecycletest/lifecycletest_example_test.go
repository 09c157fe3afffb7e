package lifecycletest_test

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// A tour is a smoke test of a service, or a demonstration: a few records that together take
// every row.
func ExampleTour() {
	for _, walk := range lifecycletest.Tour(parcels) {
		fmt.Println(walk)
	}
	// Output:
	// pack → packed, stamp: stamped, send → sent, seen → sent, forget → lost, scan: scanned, arrive → there
	// pack → packed, unpack → unpacked
}

// A walk says which rule has to say no at a step; a Subject lets a service follow it.
func ExampleFollow() {
	walk := lifecycletest.Walk[state, event](lifecycletest.Path(parcels, "packed"))
	for _, c := range lifecycletest.Cases(parcels) {
		if c.From == "packed" && c.Why == "unpaid" {
			walk = append(walk, c)
		}
	}
	fmt.Println(walk)
	fmt.Println(lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Follow(t, subject(), walk) }))
	// Output:
	// pack → packed, send refuse (unpaid)
	// []
}

// Random walks, by rapid: legal ones, and ones that depart from the table once.
func ExampleIllegal() {
	testWalks := func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			lifecycletest.Follow(t, subject(), lifecycletest.Legal(parcels).Draw(t, "legal"))
			lifecycletest.Follow(t, subject(), lifecycletest.Illegal(parcels).Draw(t, "illegal"))
		})
	}
	_ = testWalks // go test runs it as TestWalks
}

// At the end of a test, what it has not tried of the machine is listed.
func ExampleCover() {
	failures := lifecycletest.Failures(func(t lifecycletest.TB) {
		c := lifecycletest.Cover(t, parcels, func(o outcome) string {
			if o.From != "sent" {
				return "told in another test"
			}
			return ""
		})
		for _, on := range []event{"pack", "send", "unpack", "forget", "rain", "seen", "stamp"} {
			_, _ = c.Decide("sent", on, facts{newer: true})
		}
	})
	fmt.Println(failures[0])
	// Output:
	// the tests of parcel leave 6 open:
	//   row never fired: arrive in "sent": move to "there"
	//   row never fired: scan in "sent": note "scanned"
	//   rule never said no: seen in "sent", if older says no: ignore
	//   rule never said no: arrive in "sent", if older says no: ignore
	//   rule never said no: arrive in "sent", if far says no: ignore
	//   rule never said no: scan in "sent", if older says no: ignore
}

var covered = lifecycletest.NewCoverage(parcels, nil)

// Over all tests of a package, whatever order or goroutine they run in: they call
// covered.Decide, or covered.Observe with what their service did.
func ExampleCoverage_Run() {
	testMain := func(m *testing.M) { os.Exit(covered.Run(m)) }
	_ = testMain // go test runs it as TestMain
}
