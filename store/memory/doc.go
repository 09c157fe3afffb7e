// Package memory is a repository in the memory of one process, for tests and trials. It
// keeps what the package store promises and is nastier than a database where it may be:
// it holds nothing but encoded bytes, so that no value of a caller's is ever shared, and it
// refuses every change that is not valid. Package fault makes it fail on request.
//
// A [Store] stands for the database itself: hand one to as many services as there are
// processes to be played.
package memory
