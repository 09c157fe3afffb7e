package postgres

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/kycle/kycle/store"
)

// statuses are those that a record has, each found by skipping the others.
const statuses = `with recursive statuses(s) as (
  (select r.status from kycle_record r where r.kind = $1 order by r.status limit 1)
  union all
  select (select r.status from kycle_record r where r.kind = $1 and r.status > k.s order by r.status limit 1)
  from statuses k where k.s is not null)`

// countBy counts each status up to a limit, which is part of the text for the reason that
// findDue has. The order has no meaning but that an index gives it.
func countBy(where string, limit int64) string {
	return fmt.Sprintf(`%s
select k.s, c.n from statuses k cross join lateral (select count(*) as n from (
  select 1 from kycle_record r where r.kind = $1 and r.status = k.s%s order by r.organization, r.id limit %d) x) c
where c.n > 0`, statuses, where, limit)
}

var _ store.Counter = (*Store[any])(nil)

// Count is that of store.Counter, in one statement. Its cost grows with the number of
// statuses and with most, and not with the number of records.
func (s *Store[A]) Count(ctx context.Context, organization string, most int) ([]store.StatusCount, error) {
	if !store.ValidText(organization) {
		return nil, nil // nobody has such a name
	}
	where, args := "", []any{s.schema.Kind}
	if organization != "" {
		where, args = " and r.organization = $2", append(args, organization)
	}
	statement := countBy(where, int64(min(max(most, 0), math.MaxInt-1))+1)
	counts, err := collect(ctx, s.query, statement, args, func(scan scan) (c store.StatusCount, err error) {
		var status string
		var n int64
		err = scan(&status, &n)
		return store.CountOf(status, int(n), most), err
	})
	if err != nil {
		return nil, failed(ctx, "count", err)
	}
	// The database's order is that of its collation.
	slices.SortFunc(counts, func(a, b store.StatusCount) int { return cmp.Compare(a.Status, b.Status) })
	return counts, nil
}
