package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
)

// errUnfit: a change that no decision on the present record can have made.
var errUnfit = errors.New("postgres: the change does not fit the record")

// The answers of update.sql and commit.sql.
const (
	answerDone      = 1
	answerConflict  = 2
	answerDuplicate = 3
	answerUnfit     = 4
	answerLate      = 5
)

var (
	//go:embed update.sql
	updateText string
	//go:embed commit.sql
	commitText string

	updateOne = bare(updateText)
	commitAny = bare(commitText)
)

// row is a change as it will be written.
type row[A any] struct {
	store.Change[A]
	index store.Index
	data  string
}

// Commit makes one change, or two: the record replaced, then the new one, in one
// statement. It fails with store.ErrConflict, store.ErrDuplicate, store.ErrText or
// store.ErrUnknownOutcome. At READ COMMITTED the first three are no error of the
// database's, and a transaction around it stays usable. A context that ends while the
// statement is under way leaves the outcome unknown.
func (s *Store[A]) Commit(ctx context.Context, changes ...store.Change[A]) error {
	if ctx.Err() != nil {
		return failed(ctx, "commit", ctx.Err())
	}
	if len(changes) == 0 {
		return nil
	}
	rows, err := s.rows(changes)
	if err != nil {
		return failed(ctx, "commit", err)
	}
	if len(rows) == 2 && rows[0].index.Key() == rows[1].index.Key() {
		return failed(ctx, "commit", fmt.Errorf("one record twice: %w", store.ErrConflict))
	}
	attempt := uuid.New().String()
	statement, args, err := s.statement(rows, attempt)
	if err != nil {
		return failed(ctx, "commit", err)
	}
	if err := s.settle(ctx, statement, args); err != nil {
		return failed(ctx, "commit", err)
	}
	return nil
}

// settle sends a commit until its answer is certain. One that lost to somebody it had to
// wait for is sent again, which is safe, since the version guards it: it may have lost to
// its own first sending, which it then finds by its token; and what SERIALIZABLE refuses
// need not have had a rival. In a transaction of the host's that is in vain.
func (s *Store[A]) settle(ctx context.Context, statement string, args []any) error {
	var first error
	for try := range attempts {
		if try > 0 {
			if err := pause(ctx, try-1); err != nil {
				return fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
			}
		}
		err := s.send(ctx, statement, args)
		switch {
		case first != nil && sqlState(err) == aborted:
			return first
		case !errors.Is(err, errLate):
			return err
		case first == nil:
			first = err
		}
	}
	return first
}

// rows checks and encodes the changes.
func (s *Store[A]) rows(changes []store.Change[A]) ([]row[A], error) {
	if len(changes) > 2 {
		return nil, fmt.Errorf("%w: more than a record and the one it replaces", errUnfit)
	}
	rows := make([]row[A], len(changes))
	for i, c := range changes {
		if err := c.Valid(s.schema); err != nil {
			return nil, err
		}
		data, err := s.schema.Encode(c.Next)
		if err != nil {
			return nil, fmt.Errorf("encode: %w", err)
		}
		rows[i] = row[A]{c, s.schema.Index(c.Next), string(data)}
		if !store.ValidText(rows[i].data) {
			return nil, fmt.Errorf("encode: %w", store.ErrText)
		}
	}
	return rows, nil
}

// statement gives the short form where it will do. One posting at most: that two have one
// key is for the long form to find, after the version.
func (s *Store[A]) statement(rows []row[A], attempt string) (string, []any, error) {
	r := rows[0]
	if len(rows) > 1 || r.Expect == 0 || len(r.Entries) > 1 || len(r.Postings) > 1 {
		return s.commitAny(rows, attempt)
	}
	receipts, err := r.receiptsObject()
	if err != nil {
		return "", nil, err
	}
	i := r.index
	args := []any{
		s.schema.Kind, i.Organization, i.ID.String(), int64(r.Expect), i.Owner, i.Status, i.Current,
		orNull(i.ExclusiveKey), orNull(i.Session), i.Created.UnixMicro(), moment(i.Due), r.data,
		int64(0), nil, nil, nil, receipts, attempt,
		nil, nil, nil, nil, nil, nil, nil, int64(i.DueRank),
	}
	if len(r.Entries) == 1 {
		e := &r.Entries[0]
		args[12], args[13] = int64(e.Seq), e.Encode()
		if hasBody(e) {
			args[14], args[15] = append([]byte{}, e.Salt...), string(e.Body) // an empty salt is not null
		}
	}
	if len(r.Postings) == 1 {
		p := &r.Postings[0]
		args[18], args[19], args[20], args[21], args[22] = p.Key.String(), int64(p.Seq), string(p.Kind), p.Minor, p.Currency
		if p.Reverses != uuid.Nil {
			args[23] = p.Reverses.String()
		}
		args[24] = p.At.UnixMicro()
	}
	return updateOne, args, nil
}

// errLate: another commit of a record that this one needs ended while this one waited.
var errLate = fmt.Errorf("somebody committed meanwhile: %w", store.ErrConflict)

// send runs a commit statement and says what became of it.
func (s *Store[A]) send(ctx context.Context, statement string, args []any) error {
	var answer int64
	err := s.query(ctx, statement, args, func(scan scan) error { return scan(&answer) })
	switch {
	case err != nil && lost(err):
		return fmt.Errorf("%w: %w", errLate, err)
	case err != nil && inDoubt(err):
		return fmt.Errorf("%w: %w", store.ErrUnknownOutcome, err)
	case err != nil:
		return err
	}
	switch answer {
	case answerDone:
		return nil
	case answerConflict:
		return fmt.Errorf("version, exclusive key or session: %w", store.ErrConflict)
	case answerDuplicate:
		return fmt.Errorf("posting or receipt: %w", store.ErrDuplicate)
	case answerUnfit:
		return fmt.Errorf("%w: exclusive key, session, creation or the next entry's place", errUnfit)
	case answerLate:
		return errLate
	}
	return fmt.Errorf("%w: the statement gave no answer", store.ErrUnknownOutcome)
}

// orNull is null where there is no text: the partial indexes leave null out.
func orNull(s string) any {
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

// hasBody is false for an entry that never had one, and for one whose is erased: null
// stands for both, and an empty salt or body for itself.
func hasBody(e *audit.Entry) bool { return e.BodyDigest != (audit.Digest{}) && !e.Erased() }
