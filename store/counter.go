package store

import "context"

// Counter is what a store can do beside the port: tell how many records stand in which status.
type Counter interface {
	// Count tells, for one organization ("": for all of them), every status that a record has,
	// in order of the status, and how many have it: exactly up to most, beyond it most and More.
	Count(ctx context.Context, organization string, most int) ([]StatusCount, error)
}

// StatusCount is how many records stand in a status.
type StatusCount struct {
	Status string
	Count  int
	More   bool // there are more than Count
}
