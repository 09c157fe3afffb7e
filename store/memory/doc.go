// Package memory is a repository in the memory of one process, for tests and trials. It
// keeps what the package store promises and is nastier than a database where it may be:
// it holds nothing but encoded bytes, so that no value of a caller's is ever shared; it
// refuses every change that is not valid; and on request it reports conflicts that were
// none and outcomes that nobody knows.
//
// A [Store] stands for the database itself: hand one to as many services as there are
// processes to be played.
package memory
