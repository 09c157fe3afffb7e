package etcd

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/kycle/kycle/store"
)

// List returns one page of an owner's records, newest first, ties by id. It walks the
// owner's keys up to the end of the page, and with a filter all of them, since Total
// counts what is left.
func (s *Store[A]) List(ctx context.Context, q store.Query) (page store.Page[A], err error) {
	if err := alive(ctx, "list"); err != nil {
		return page, err
	}
	if !store.ValidText(q.Organization) || !store.ValidText(q.Owner) {
		return page, nil // no key can hold it, and it could name another organization's
	}
	err = steady(func() error {
		page = store.Page[A]{}
		keys, total, revision, err := s.window(ctx, q)
		if err != nil {
			return err
		}
		page.Total = total
		found, _, err := s.find(ctx, revision, keys...)
		if err != nil {
			return err
		}
		for _, key := range keys {
			stored, ok := found[key]
			if !ok { // both were read at one revision
				return fmt.Errorf("%w: a record that is listed is not there", errDamaged)
			}
			record, err := s.record(stored)
			if err != nil {
				return err
			}
			page.Records = append(page.Records, record)
		}
		return nil
	})
	if err != nil {
		return store.Page[A]{}, failed(ctx, "list", err)
	}
	return page, nil
}

// window gives the keys of the page's records, and how many the listing has.
func (s *Store[A]) window(ctx context.Context, q store.Query) (keys []string, total int, revision int64, err error) {
	owner := s.keys.owner(q.Organization, q.Owner)
	from, to := owner, clientv3.GetPrefixRangeEnd(owner)
	skip, room := max(q.Offset, 0), max(q.Limit, 0)
	for {
		page, err := s.scan(ctx, revision, from, to, batch)
		if err != nil {
			return nil, 0, 0, err
		}
		if revision == 0 {
			if revision = page.revision; !filtered(q) {
				total = page.total // etcd has counted; with a filter we do
			}
		}
		for _, at := range page.pairs {
			from = at.key + "\x00"
			if !matches(q, at.value) {
				continue
			}
			if filtered(q) {
				total++
			}
			if skip > 0 || room == 0 { // before the page, or behind it
				skip = max(skip-1, 0)
				continue
			}
			id, err := listedAt(owner, at.key)
			if err != nil {
				return nil, 0, 0, err
			}
			keys, room = append(keys, s.keys.record(place{q.Organization, id})), room-1
		}
		if len(page.pairs) < batch || room == 0 && !filtered(q) {
			return keys, total, revision, nil
		}
	}
}

func filtered(q store.Query) bool { return q.Status != "" || q.Current != nil }

// matches looks at what stands beside a key of a list.
func matches(q store.Query, value []byte) bool {
	return len(value) > 0 && (q.Status == "" || q.Status == string(value[1:])) &&
		(q.Current == nil || *q.Current == (value[0] == '1'))
}
