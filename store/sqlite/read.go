package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// Load returns the record of a key, with those of the receipts asked for that it has, in
// one statement. It fails with store.ErrNotFound, and with audit.ErrFormat where the
// last entry cannot be read.
func (s *Store[A]) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[A], error) {
	where, args, ok := s.where(key)
	if !ok {
		return store.Record[A]{}, fmt.Errorf("sqlite: load: %w", store.ErrNotFound)
	}
	asked := make([]any, 0, len(receipts)+len(args))
	for _, name := range receipts {
		asked = append(asked, name)
	}
	record := store.Record[A]{Receipts: map[string]string{}}
	found := false
	err := s.read(ctx, func(conn *sql.Conn) error {
		return each(ctx, conn, findRecord(where, len(receipts)), append(asked, args...), func(rows *sql.Rows) (err error) {
			var organization, id string
			var version uint64
			var seq sql.NullInt64
			var data, entry []byte
			var name, fingerprint sql.NullString
			if err := rows.Scan(&organization, &id, &version, &data, &seq, &entry, &name, &fingerprint); err != nil {
				return err
			}
			if name.Valid {
				record.Receipts[name.String] = fingerprint.String
			}
			if found {
				return nil // the same record, with another receipt
			}
			found = true
			return s.decode(&record, version, data, seq.Int64, entry)
		})
	})
	if err != nil {
		return store.Record[A]{}, failed(ctx, "load", err)
	}
	if !found {
		return store.Record[A]{}, fmt.Errorf("sqlite: load: %w", store.ErrNotFound)
	}
	return record, nil
}

func (s *Store[A]) where(key store.Key) (where string, args []any, ok bool) {
	switch {
	case key.ID != uuid.Nil:
		return byID, []any{key.Organization, s.schema.Kind, key.ID.String()}, true
	case key.ExclusiveKey != "":
		return byExclusiveKey, []any{key.Organization, s.schema.Kind, key.ExclusiveKey}, true
	case key.Session != "" && key.Organization != "":
		return bySession + ` and r.organization = ?`, []any{s.schema.Kind, key.Session, key.Organization}, true
	case key.Session != "":
		return bySession, []any{s.schema.Kind, key.Session}, true
	}
	return "", nil, false
}

func (s *Store[A]) decode(record *store.Record[A], version uint64, data []byte, seq int64, entry []byte) (err error) {
	record.Version = version
	if record.Value, err = s.schema.Decode(data); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if entry == nil {
		return nil
	}
	last, err := audit.Decode(entry, nil, nil)
	if err != nil {
		return fmt.Errorf("the last entry: %w", err)
	}
	if last.Seq != uint64(seq) {
		return fmt.Errorf("the last entry stands in another's place: %w", audit.ErrFormat)
	}
	record.Head = last.Head()
	return nil
}

// List returns one page of an owner's records, newest first, ties by id.
func (s *Store[A]) List(ctx context.Context, q store.Query) (page store.Page[A], err error) {
	var current any
	if q.Current != nil {
		current = *q.Current
	}
	args := []any{q.Organization, s.schema.Kind, q.Owner, q.Status, q.Status, current, current}
	err = s.snapshot(ctx, func(conn *sql.Conn) error {
		if err := conn.QueryRowContext(ctx, listTotal, args...).Scan(&page.Total); err != nil {
			return err
		}
		args := append(args, max(q.Limit, 0), max(q.Offset, 0))
		return each(ctx, conn, listPage, args, func(rows *sql.Rows) error {
			var record store.Record[A]
			var version uint64
			var seq sql.NullInt64
			var data, entry []byte
			if err := rows.Scan(&version, &data, &seq, &entry); err != nil {
				return err
			}
			err := s.decode(&record, version, data, seq.Int64, entry)
			page.Records = append(page.Records, record)
			return err
		})
	})
	if err != nil {
		return store.Page[A]{}, failed(ctx, "list", err)
	}
	return page, nil
}

// Due returns at most limit keys of records due at now, by rank, time and id, and leases
// them until now + lease. A lease of 0 leases nothing, and only reads. Where another
// process held the file for ten seconds, or for what was left of the context, it fails with
// store.ErrUnavailable.
func (s *Store[A]) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) (keys []store.Key, err error) {
	find := func(ctx context.Context, conn *sql.Conn) error {
		return s.ranks(ctx, conn, func(rank int64) (more bool, err error) {
			args := []any{s.schema.Kind, rank, now.UnixMicro(), now.UnixMicro(), max(limit, 0) - len(keys)}
			before := len(keys)
			err = each(ctx, conn, findDue, args, func(rows *sql.Rows) error {
				var key store.Key
				err := rows.Scan(&key.Organization, &key.ID)
				keys = append(keys, key)
				return err
			})
			if err == nil && lease > 0 && len(keys) > before {
				_, err = conn.ExecContext(ctx, leaseDue, append([]any{now.Add(lease).UnixMicro()}, args...)...)
			}
			return len(keys) < limit, err
		})
	}
	if lease > 0 && limit > 0 {
		err = s.alone(ctx, find)
	} else {
		err = s.snapshot(ctx, func(conn *sql.Conn) error { return find(ctx, conn) })
	}
	if err != nil {
		return nil, failed(ctx, "due", err)
	}
	return keys, nil
}

// ranks hands on the ranks that there are, the lowest first, for as long as more are wanted.
func (s *Store[A]) ranks(ctx context.Context, conn *sql.Conn, do func(rank int64) (more bool, err error)) error {
	for rank, more := int64(-1), true; more; {
		err := conn.QueryRowContext(ctx, findRank, s.schema.Kind, rank).Scan(&rank)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			more, err = do(rank)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// History returns at most limit entries (0: all) after a sequence, and all postings. An
// entry that cannot be read comes back marked, for audit.Verify to name.
func (s *Store[A]) History(ctx context.Context, key store.Key, after uint64, limit int) (h store.History, err error) {
	id := []any{key.Organization, s.schema.Kind, key.ID.String()}
	if limit <= 0 {
		limit = -1
	}
	err = s.snapshot(ctx, func(conn *sql.Conn) error {
		behind := int64(math.MinInt64) // all there are, also where no sequence can be
		if after > 0 {
			behind = int64(min(after, math.MaxInt64))
		}
		args := append(id[:3:3], behind, limit)
		err := each(ctx, conn, findEntries, args, func(rows *sql.Rows) error {
			var seq int64
			var stored, salt, body []byte
			if err := rows.Scan(&seq, &stored, &salt, &body); err != nil {
				return err
			}
			// The error is left out on purpose: the entry is marked, and is evidence.
			h.Entries = append(h.Entries, entryAt(seq, stored, salt, body))
			return nil
		})
		if err != nil {
			return err
		}
		subject := refund.Subject{Organization: key.Organization, Kind: s.schema.Kind, ID: key.ID}
		return each(ctx, conn, findPostings, id, func(rows *sql.Rows) error {
			p, err := posting(rows, subject)
			h.Postings = append(h.Postings, p)
			return err
		})
	})
	if err != nil {
		return store.History{}, failed(ctx, "history", err)
	}
	return h, nil
}

// entryAt decodes an entry. One that stands in another's place comes back marked too.
func entryAt(seq int64, stored, salt, body []byte) audit.Entry {
	e, err := audit.Decode(stored, salt, body)
	if err == nil && e.Seq != uint64(seq) {
		return audit.Entry{}
	}
	return e
}

func (s *Store[A]) read(ctx context.Context, do func(*sql.Conn) error) error {
	conn, err := s.conn(ctx, left(ctx))
	if err != nil {
		return err
	}
	defer release(conn)
	return do(conn)
}

// snapshot reads more than one statement's worth of one moment: a history whose postings
// are newer than its entries would look like books that do not agree.
func (s *Store[A]) snapshot(ctx context.Context, do func(*sql.Conn) error) error {
	return s.read(ctx, func(conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "begin"); err != nil {
			discard(conn)
			return err
		}
		err := do(conn)
		// Nothing was written; the connection must not keep its moment, whatever ctx says.
		if _, ended := conn.ExecContext(context.WithoutCancel(ctx), "rollback"); ended != nil {
			discard(conn)
		}
		return err
	})
}

// each runs a query and hands its rows on, always to the end: an error may come last.
func each(ctx context.Context, conn *sql.Conn, query string, args []any, row func(*sql.Rows) error) error {
	rows, err := conn.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
