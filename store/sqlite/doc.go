// Package sqlite keeps records in a SQLite file, through database/sql alone: the host
// imports the driver of its choice. Several kinds of aggregates share one file, and
// several processes may use it at once.
//
// [New] sees to what the promises of the package store rest on, and refuses a database
// that does not have it: write-ahead logging, so that readers and the writer do not wait
// for one another, which a database in memory cannot do; a busy timeout, so that writers
// queue; recursive triggers and full synchronisation. What SQLite keeps for each
// connection is set again on every connection that an operation takes from the pool.
//
// Every commit begins immediate: with the lock to write, which makes whatever it finds by
// looking still true when it writes. So conflicts and duplicates are found by looking,
// and never read out of an error. It is not interrupted once it has begun, so that its
// outcome is certain.
//
// Entries, postings and receipts are append-only by trigger, for every program that opens
// the file: an entry's salt and body can be erased, both together, and that is all.
package sqlite
