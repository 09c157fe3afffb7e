// Package idpass holds the rules of an ID Pass: a paid, link-based identity check that is
// refunded if it is cancelled before any step was taken.
//
// Read lifecycle.go first: it is the product, as one table, refunds included. LIFECYCLE.md
// is the same table for people who do not read Go, and is generated from it. The package
// is built like package kyc, file by file.
//
// A [Service] is safe for concurrent use and keeps nothing between calls. Every operation
// takes an [Actor] and sees only the records of the actor's organization: another
// organization's record is store.ErrNotFound, never "forbidden".
package idpass
