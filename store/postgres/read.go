package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// collect runs a statement and gives its rows. At SERIALIZABLE also one that only reads
// may lose to others, and is then run again; in a transaction that is in vain. It fails
// with store.ErrConflict where it lost every time.
func collect[T any](ctx context.Context, query query, statement string, args []any, row func(scan) (T, error)) ([]T, error) {
	var first error
	for attempt := range attempts {
		if err := pause(ctx, attempt); err != nil {
			return nil, err
		}
		var all []T
		err := query(ctx, statement, args, func(scan scan) error {
			one, err := row(scan)
			all = append(all, one)
			return err
		})
		switch {
		case err == nil:
			return all, nil
		case first != nil && sqlState(err) == aborted:
			return nil, first
		case !lost(err):
			return nil, err
		case first == nil:
			first = fmt.Errorf("%w: %w", store.ErrConflict, err)
		}
	}
	return nil, first
}

// stored is a record as it was read.
type stored struct {
	total, version        *int64
	data, entry, receipts []byte
}

// Load returns the record of a key, with those of the receipts asked for that it has, in
// one statement. It fails with store.ErrNotFound, and with audit.ErrFormat where the
// last entry cannot be read.
func (s *Store[A]) Load(ctx context.Context, key store.Key, receipts ...string) (store.Record[A], error) {
	none := store.Record[A]{}
	where, args, ok := s.where(key)
	if !ok {
		return none, fmt.Errorf("postgres: load: %w", store.ErrNotFound)
	}
	find := findRecord
	// No record has a receipt with such a text, and no server would take the question.
	receipts = slices.DeleteFunc(slices.Clone(receipts), func(name string) bool { return !store.ValidText(name) })
	if len(receipts) > 0 {
		text, err := store.EncodeJSON(receipts)
		if err != nil {
			return none, failed(ctx, "load", err)
		}
		find, args = findReceipts, append(args, string(text))
	}
	found, err := collect(ctx, s.query, find+where, args, func(scan scan) (r stored, err error) {
		return r, scan(&r.version, &r.data, &r.entry, &r.receipts)
	})
	if err != nil {
		return none, failed(ctx, "load", err)
	}
	if len(found) == 0 {
		return none, fmt.Errorf("postgres: load: %w", store.ErrNotFound)
	}
	record, err := s.decode(found[0])
	if err != nil {
		return none, failed(ctx, "load", err)
	}
	record.Receipts = map[string]string{}
	if found[0].receipts != nil {
		if err := json.Unmarshal(found[0].receipts, &record.Receipts); err != nil {
			return none, failed(ctx, "load", err)
		}
	}
	return record, nil
}

func (s *Store[A]) where(key store.Key) (where string, args []any, ok bool) {
	for _, text := range []string{key.Organization, key.ExclusiveKey, key.Session} {
		if !store.ValidText(text) {
			return "", nil, false
		}
	}
	switch {
	case key.ID != uuid.Nil:
		return byID, []any{s.schema.Kind, key.Organization, key.ID.String()}, true
	case key.ExclusiveKey != "":
		return byExclusiveKey, []any{s.schema.Kind, key.Organization, key.ExclusiveKey}, true
	case key.Session != "":
		return bySession, []any{s.schema.Kind, key.Session, key.Organization}, true
	}
	return "", nil, false
}

func (s *Store[A]) decode(r stored) (record store.Record[A], err error) {
	record.Version = uint64(*r.version)
	if record.Value, err = s.schema.Decode(r.data); err != nil {
		return store.Record[A]{}, fmt.Errorf("decode: %w", err)
	}
	if r.entry == nil {
		return record, nil
	}
	last, err := audit.Decode(r.entry, nil, nil)
	if err != nil {
		return store.Record[A]{}, fmt.Errorf("the last entry: %w", err)
	}
	record.Head = last.Head()
	return record, nil
}

// List returns one page of an owner's records, newest first, ties by id, in one
// statement.
func (s *Store[A]) List(ctx context.Context, q store.Query) (page store.Page[A], err error) {
	current := int64(-1)
	if q.Current != nil {
		current = map[bool]int64{false: 0, true: 1}[*q.Current]
	}
	for _, text := range []string{q.Organization, q.Owner, q.Status} {
		if !store.ValidText(text) {
			return store.Page[A]{}, nil // nobody has such a name
		}
	}
	args := []any{s.schema.Kind, q.Organization, q.Owner, q.Status, current, int64(max(q.Limit, 0)), int64(max(q.Offset, 0))}
	found, err := collect(ctx, s.query, list, args, func(scan scan) (r stored, err error) {
		return r, scan(&r.total, &r.version, &r.data, &r.entry)
	})
	if err != nil {
		return store.Page[A]{}, failed(ctx, "list", err)
	}
	for _, r := range found {
		page.Total = int(*r.total)
		if r.version == nil {
			break // the total alone
		}
		record, err := s.decode(r)
		if err != nil {
			return store.Page[A]{}, failed(ctx, "list", err)
		}
		page.Records = append(page.Records, record)
	}
	return page, nil
}

// Due returns at most limit keys of records due at now, by rank, time and id, and leases
// them until now + lease, in one statement. A record that somebody is writing is
// passed over. A lease of 0 leases nothing, and only reads.
func (s *Store[A]) Due(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]store.Key, error) {
	statement, args := findDue(max(limit, 0)), []any{s.schema.Kind, now.UnixMicro()}
	if lease > 0 {
		statement, args = leaseDue(max(limit, 0)), append(args, now.Add(lease).UnixMicro())
	}
	keys, err := collect(ctx, s.query, statement, args, func(scan scan) (key store.Key, err error) {
		var id string
		if err = scan(&key.Organization, &id); err == nil {
			key.ID, err = uuid.Parse(id)
		}
		return key, err
	})
	if err != nil {
		return nil, failed(ctx, "due", err)
	}
	return keys, nil
}

// line is an entry or a posting of a history.
type line struct {
	part, seq                          int64
	bytes, salt                        []byte
	body                               *string
	key, direction, currency, reverses string
	minor, at                          int64
}

// History returns at most limit entries (0: all) after a sequence, and all postings, in
// one statement. An entry that cannot be read comes back marked, for audit.Verify to
// name.
func (s *Store[A]) History(ctx context.Context, key store.Key, after uint64, limit int) (store.History, error) {
	most := int64(limit)
	if limit <= 0 {
		most = math.MaxInt64
	}
	if !store.ValidText(key.Organization) {
		return store.History{}, nil
	}
	behind := int64(math.MinInt64) // all there are, also where no sequence can be
	if after > 0 {
		behind = int64(min(after, math.MaxInt64))
	}
	args := []any{s.schema.Kind, key.Organization, key.ID.String(), behind, most}
	lines, err := collect(ctx, s.query, history, args, func(scan scan) (l line, err error) {
		return l, scan(&l.part, &l.seq, &l.bytes, &l.salt, &l.body, &l.key, &l.direction, &l.minor, &l.currency, &l.reverses, &l.at)
	})
	var h store.History
	subject := refund.Subject{Organization: key.Organization, Kind: s.schema.Kind, ID: key.ID}
	for _, l := range lines {
		if l.part == 1 {
			h.Entries = append(h.Entries, l.entry())
			continue
		}
		var p refund.Posting
		if p, err = l.posting(subject); err != nil {
			break
		}
		h.Postings = append(h.Postings, p)
	}
	if err != nil {
		return store.History{}, failed(ctx, "history", err)
	}
	return h, nil
}

func (l *line) entry() audit.Entry {
	var body []byte
	if l.body != nil {
		body = append([]byte{}, *l.body...) // an empty one is not an erased one
	}
	// The error is left out on purpose: the entry is marked, and is evidence. One that
	// stands in another's place is marked too.
	e, err := audit.Decode(l.bytes, l.salt, body)
	if err == nil && e.Seq != uint64(l.seq) {
		return audit.Entry{}
	}
	return e
}

func (l *line) posting(s refund.Subject) (refund.Posting, error) {
	p := refund.Posting{
		Subject: s, Kind: refund.Kind(l.direction), Amount: refund.Amount{Minor: l.minor, Currency: l.currency},
		Seq: uint64(l.seq), At: time.UnixMicro(l.at).UTC(),
	}
	var err error
	if p.Key, err = uuid.Parse(l.key); err == nil && l.reverses != "" {
		p.Reverses, err = uuid.Parse(l.reverses)
	}
	return p, err
}
