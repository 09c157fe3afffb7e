package store

import "context"

// Counter is what a store can do beside the port: tell how many records stand in which
// status. Its promises have numbers of their own in the package comment. A store around
// another that is none fails with errors.ErrUnsupported.
type Counter interface {
	// Count tells, for one organization ("": for all of them), every status that a record
	// has, in order of the status (as bytes), and how many have it: exactly up to most,
	// beyond it most and More. It fails with what ended the context, or with what the
	// repository says; it changes nothing and may be called at any time.
	Count(ctx context.Context, organization string, most int) ([]StatusCount, error)
}

// StatusCount is how many records stand in one status.
type StatusCount struct {
	Status string
	Count  int
	More   bool // there are more than were counted
}

// CountOf is the count of a status of which n were found where at most one more than most
// were looked for; most below 0 is 0.
func CountOf(status string, n, most int) StatusCount {
	return StatusCount{Status: status, Count: min(n, max(most, 0)), More: n > max(most, 0)}
}
