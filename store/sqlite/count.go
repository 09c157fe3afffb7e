package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"github.com/kycle/kycle/store"
)

var _ store.Counter = (*Store[any])(nil)

// Count is that of store.Counter. Its cost grows with the number of statuses and with most,
// and not with the number of records.
func (s *Store[A]) Count(ctx context.Context, organization string, most int) (counts []store.StatusCount, err error) {
	limit := int64(min(max(most, 0), math.MaxInt-1)) + 1
	err = s.snapshot(ctx, func(conn *sql.Conn) error {
		var status string
		err := conn.QueryRowContext(ctx, findStatus, s.schema.Kind).Scan(&status)
		for err == nil {
			count, args := countAll, []any{s.schema.Kind, status}
			if organization != "" {
				count, args = countWithin, append(args, organization)
			}
			var n int
			if err := conn.QueryRowContext(ctx, count, append(args, limit)...).Scan(&n); err != nil {
				return err
			}
			if n > 0 { // others' records may have it
				counts = append(counts, store.CountOf(status, n, most))
			}
			err = conn.QueryRowContext(ctx, findNext, s.schema.Kind, status).Scan(&status)
		}
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, failed(ctx, "count", err)
	}
	return counts, nil
}
