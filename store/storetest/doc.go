// Package storetest is the conformance suite for a [store.Repository]: a host runs it
// against its own storage, and each of our stores runs it too. Every case belongs to a
// numbered promise of the package store, and prints the promise that it saw broken. What a
// race can break is raced, on two handles that stand for two processes.
//
// The suite is generic over the aggregate. What it must know of it is a [Subject]:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, storetest.Subject[kyc.Validation]{Kind: "kyc_validation", Open: open, ...})
//	}
//
// [Things] is a subject for stores that keep any aggregate by its schema, and the packages
// kyctest and idpasstest have those of the two products. The package's example is a whole
// store over a map, written from the comment of package store alone: begin your own there.
//
// What a store need not give is store.Counter: its cases run where a store is one, and say
// SKIPPED where it is not.
//
// Outside of tests, say before a new database is taken into use, [Check] runs the same
// cases and returns a [Failure] with every promise that it saw broken.
//
// The suite is itself tested: stores that are broken on purpose, each in one way, must be
// found out by the promise that they break.
//
// There is one file for the cases of each promise, or of two that are one subject; Clock
// and IDs are for the tests of whoever builds on a store.
package storetest
