// Package idpasstest is a companion for tests of hosts that use package idpass: a clock
// that stands still, ids that count, actors of every kind that acts, and passes in any
// status.
//
// A Host is a service over any repository, with its clock, ids and actors at hand: begin a
// test with NewHost, and a case with Register or In. Subject is what the conformance suite
// of package storetest needs to run your own idpass.Repository.
package idpasstest
