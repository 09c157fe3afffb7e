// Package sandbox stands in for everything outside of the example host: a provider whose
// customers do what they are told, and a clock that can be moved. Both live in the host's
// database file, in tables of their own, so that a host which is killed and started again
// finds the world as it was.
package sandbox
