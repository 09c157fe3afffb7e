package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// errUnfit: a change that no decision on the present record can have made.
var errUnfit = errors.New("sqlite: the change does not fit the record")

// row is a change as it will be written.
type row[A any] struct {
	store.Change[A]
	index store.Index
	data  []byte
}

// Commit makes one change, or two: the record replaced, then the new one. It fails with
// store.ErrConflict, store.ErrDuplicate, store.ErrText, store.ErrUnknownOutcome, or with
// store.ErrUnavailable where another process held the file for ten seconds, or for what was
// left of the context: then nothing was written.
func (s *Store[A]) Commit(ctx context.Context, changes ...store.Change[A]) error {
	if len(changes) > 2 {
		return fmt.Errorf("%w: more than a record and the one it replaces", errUnfit)
	}
	rows := make([]row[A], len(changes))
	for i, c := range changes {
		if err := c.Valid(s.schema); err != nil {
			return fmt.Errorf("sqlite: commit: %w", err)
		}
		data, err := s.schema.Encode(c.Next)
		if err != nil {
			return fmt.Errorf("sqlite: encode: %w", err)
		}
		if !store.ValidText(string(data)) {
			return fmt.Errorf("sqlite: encode: %w", store.ErrText)
		}
		rows[i] = row[A]{c, s.schema.Index(c.Next), data}
	}
	err := s.alone(ctx, func(ctx context.Context, conn *sql.Conn) error { return s.apply(ctx, conn, rows) })
	if err != nil {
		return failed(ctx, "commit", err)
	}
	return nil
}

// alone waits for this store's turn and runs a function as write does. The turn comes
// before the connection: those who wait must not hold what readers need.
func (s *Store[A]) alone(ctx context.Context, do func(context.Context, *sql.Conn) error) error {
	until := time.Now().Add(lockWait)
	timer := time.NewTimer(lockWait)
	defer timer.Stop()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return fmt.Errorf("%w: other writers: %w", store.ErrUnavailable, context.Cause(ctx))
	case <-timer.C:
		return fmt.Errorf("%w: other writers are before this one", store.ErrUnavailable)
	}
	conn, err := s.conn(ctx, lockSlice)
	if err != nil {
		return err
	}
	defer release(conn)
	return write(ctx, conn, until, do)
}

// begin takes the file's lock to write, and asks for it until a time has come or the
// context has ended. It fails with store.ErrUnavailable where somebody else has it still.
func begin(ctx context.Context, conn *sql.Conn, until time.Time) error {
	for {
		asked := time.Now()
		_, err := conn.ExecContext(ctx, "begin immediate")
		if err == nil {
			return nil
		}
		// Not every driver tells SQLite's code. Without one, a wait tells that the lock is held.
		held := busy(err) || code(err) == 0 && time.Since(asked) >= lockSlice
		if held && ctx.Err() == nil && time.Now().Before(until) {
			continue
		}
		// It may have begun just before the context ended: the connection is not used again.
		discard(conn)
		if held || ctx.Err() != nil {
			return fmt.Errorf("%w: the lock to write: %w", store.ErrUnavailable, err)
		}
		return err
	}
}

// write runs a function with the lock to write, and commits unless it fails. Once it has
// the lock the context no longer interrupts it: an interrupted COMMIT would leave in
// doubt what took a moment to know.
func write(ctx context.Context, conn *sql.Conn, until time.Time, do func(context.Context, *sql.Conn) error) error {
	if err := begin(ctx, conn, until); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := do(ctx, conn); err != nil {
		if _, undone := conn.ExecContext(ctx, "rollback"); undone != nil {
			discard(conn) // to close it rolls back: nothing was committed
		}
		return err
	}
	if _, err := conn.ExecContext(ctx, "commit"); err != nil {
		_, undone := conn.ExecContext(ctx, "rollback")
		discard(conn)
		// Without a transaction to roll back it may have ended either way. A failed write may
		// have put it on the disk, where a recovery after a crash would find it.
		if undone != nil || code(err) == codeIO {
			return fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
		}
		if busy(err) {
			return fmt.Errorf("%w: %w", store.ErrConflict, err)
		}
		return err
	}
	return nil
}

// discard makes the pool close a connection instead of handing it to somebody else.
func discard(conn *sql.Conn) {
	// The error is the one asked for.
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// apply looks, and then writes: all versions first, then the records with their
// exclusive keys, then postings and receipts. The lock to write is held, so nothing found changes before the commit.
func (s *Store[A]) apply(ctx context.Context, conn *sql.Conn, rows []row[A]) error {
	stored := make([]present, len(rows))
	for i, r := range rows {
		var err error
		if stored[i], err = s.present(ctx, conn, r.index); err != nil {
			return err
		}
		if stored[i].version != r.Expect || i > 0 && r.index.Key() == rows[0].index.Key() {
			return fmt.Errorf("version: %w", store.ErrConflict)
		}
	}
	for i, r := range rows {
		save := s.update
		if r.Expect == 0 {
			save = s.insert
		}
		if err := save(ctx, conn, r, stored[i]); err != nil {
			return err
		}
		if err := s.append(ctx, conn, r, stored[i].seq); err != nil {
			return err
		}
	}
	return nil
}

// present is what a commit must know of a record as it is; version 0: not there.
type present struct {
	version, seq          uint64
	exclusiveKey, session sql.NullString
}

func (s *Store[A]) present(ctx context.Context, conn *sql.Conn, i store.Index) (p present, err error) {
	err = conn.QueryRowContext(ctx, findPresent, i.Organization, s.schema.Kind, i.ID.String()).
		Scan(&p.version, &p.exclusiveKey, &p.session, &p.seq)
	if errors.Is(err, sql.ErrNoRows) {
		return present{}, nil
	}
	return p, err
}

func (s *Store[A]) insert(ctx context.Context, conn *sql.Conn, r row[A], _ present) error {
	i := r.index
	var taken bool
	err := conn.QueryRowContext(ctx, findTaken, i.Organization, s.schema.Kind, text(i.ExclusiveKey), s.schema.Kind, text(i.Session)).
		Scan(&taken)
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("exclusive key or session: %w", store.ErrConflict)
	}
	_, err = conn.ExecContext(ctx, insertRecord, i.Organization, s.schema.Kind, i.ID.String(), i.Owner, i.Status, i.Current,
		text(i.ExclusiveKey), text(i.Session), moment(i.Due), i.DueRank, i.Created.UnixMicro(), string(r.data))
	return err
}

func (s *Store[A]) update(ctx context.Context, conn *sql.Conn, r row[A], p present) error {
	i := r.index
	if i.ExclusiveKey != "" && i.ExclusiveKey != p.exclusiveKey.String || i.Session != p.session.String {
		return fmt.Errorf("%w: exclusive key and session are settled when it is made", errUnfit)
	}
	_, err := conn.ExecContext(ctx, updateRecord, i.Owner, i.Status, i.Current, text(i.ExclusiveKey), moment(i.Due), i.DueRank, string(r.data),
		i.Organization, s.schema.Kind, i.ID.String())
	return err
}

// append writes what is only ever added to, after the entry last.
func (s *Store[A]) append(ctx context.Context, conn *sql.Conn, r row[A], last uint64) error {
	organization, kind, id := r.index.Organization, s.schema.Kind, r.index.ID.String()
	for n := range r.Entries {
		e := &r.Entries[n]
		if last++; e.Seq != last {
			return fmt.Errorf("%w: entry %d where entry %d would follow", errUnfit, e.Seq, last)
		}
		if _, err := conn.ExecContext(ctx, insertEntry, organization, kind, id, e.Seq, e.Encode(), bytesOf(e, e.Salt), bytesOf(e, e.Body)); err != nil {
			return err
		}
	}
	for _, p := range r.Postings {
		if err := absent(ctx, conn, "posting", findPosting, organization, p.Key.String()); err != nil {
			return err
		}
		var reverses any
		if p.Reverses != uuid.Nil {
			reverses = p.Reverses.String()
		}
		_, err := conn.ExecContext(ctx, insertPosting, organization, p.Key.String(), kind, id, p.Seq,
			string(p.Kind), p.Minor, p.Currency, reverses, p.At.UnixMicro())
		if err != nil {
			return err
		}
	}
	for key, fingerprint := range r.Receipts {
		if err := absent(ctx, conn, "receipt", findReceipt, organization, kind, id, key); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, insertReceipt, organization, kind, id, key, fingerprint); err != nil {
			return err
		}
	}
	return nil
}

// absent looks for a key, and fails with store.ErrDuplicate where it is there.
func absent(ctx context.Context, conn *sql.Conn, what, query string, key ...any) error {
	var there bool
	if err := conn.QueryRowContext(ctx, query, key...).Scan(&there); err != nil {
		return err
	}
	if there {
		return fmt.Errorf("%s: %w", what, store.ErrDuplicate)
	}
	return nil
}

// text is null where there is none: the partial indexes leave null out.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// moment is null where there is none.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// bytesOf is null for an entry that never had a body; otherwise never null, since null
// means erased.
func bytesOf(e *audit.Entry, b []byte) any {
	if e.BodyDigest == (audit.Digest{}) || e.Erased() {
		return nil
	}
	return append([]byte{}, b...)
}

// posting reads the columns of a posting. SQLite keeps anything in any column: what is no
// number there is 0, which no posting has, so that Reconcile names it.
func posting(rows *sql.Rows, s refund.Subject) (refund.Posting, error) {
	p := refund.Posting{Subject: s}
	var reverses uuid.NullUUID
	var seq, minor, at any
	if err := rows.Scan(&p.Key, &seq, &p.Kind, &minor, &p.Currency, &reverses, &at); err != nil {
		return refund.Posting{}, err
	}
	number := func(column any) int64 { n, _ := column.(int64); return n }
	p.Seq, p.Minor, p.Reverses, p.At = uint64(number(seq)), number(minor), reverses.UUID, time.UnixMicro(number(at)).UTC()
	return p, nil
}
