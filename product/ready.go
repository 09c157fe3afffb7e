package product

import (
	"context"
	"fmt"
	"strings"

	"github.com/kycle/kycle/store"
)

// CountMost is how many records of a status are counted one by one; beyond it there are
// "more".
const CountMost = 10_000

// Strangers are statuses that records have and the table does not: a table was changed, or
// the service was given another one than the records were made under.
type Strangers struct {
	Machine  string
	Statuses []store.StatusCount
}

func (s *Strangers) Is(target error) bool { return target == ErrUnknownStatus }

// Error names each status, how many records have it, and what to do.
func (s *Strangers) Error() string {
	var found []string
	for _, c := range s.Statuses {
		text := fmt.Sprintf("%q (%d", c.Status, c.Count)
		if c.More {
			text += " or more"
		}
		found = append(found, text+")")
	}
	return fmt.Sprintf("product: the table %q does not have these statuses, and records do: %s. "+
		"Give the service the table that has them, or move the records first: kycle diff OLD NEW says from where to where",
		s.Machine, strings.Join(found, ", "))
}

// Ready tells whether the table knows every status that a record of any organization has.
// It fails with a *Strangers (ErrUnknownStatus), and with ErrLacks where the store is no
// store.Counter. It reads a few index entries for each status, and may be called at any time.
func (r *Runner[A]) Ready(ctx context.Context) error {
	counter, ok := r.config.Repository.(store.Counter)
	if !ok {
		return fmt.Errorf("%w: count records by status (store.Counter)", ErrLacks)
	}
	all, err := counter.Count(ctx, "", CountMost)
	if err != nil {
		return err
	}
	found := Strangers{Machine: r.config.Chart.Name()}
	for _, c := range all {
		if !r.config.Chart.Has(c.Status) {
			found.Statuses = append(found.Statuses, c)
		}
	}
	if len(found.Statuses) > 0 {
		return &found
	}
	return nil
}
