// Package integration tests the stores against real databases. It is a module of its own
// and never published: the drivers live here, so that the library needs none.
package integration
