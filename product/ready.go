package product

import (
	"context"
)

// Ready tells whether the table knows every status that a record has.
func (r *Runner[A]) Ready(ctx context.Context) error { return nil }
