package sandbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kycle/kycle/kyc"
)

// Code is the integration code of the sandbox provider.
const Code = "global_gueno_validation_kyc"

var (
	// ErrDown: the provider was told to be unreachable.
	ErrDown = errors.New("sandbox: down")
	// ErrGone: the session was terminated.
	ErrGone = errors.New("sandbox: session gone")
	// ErrNoSession: there never was such a session.
	ErrNoSession = errors.New("sandbox: no such session")
)

// words translates the sandbox's words into the library's: the adapter's work in every
// integration.
var words = map[string]kyc.ProviderStatus{
	"not_started": kyc.ProviderNotStarted,
	"in_progress": kyc.ProviderInProgress,
	"resubmitted": kyc.ProviderInProgress, // asked to redo steps: in the flow again
	"in_review":   kyc.ProviderInReview,
	"approved":    kyc.ProviderApproved,
	"declined":    kyc.ProviderRejected,
	"expired":     kyc.ProviderExpired,
	"abandoned":   kyc.ProviderAbandoned,
}

// Translate gives the library's word for one of the sandbox's; ok is false for what is
// none of them.
func Translate(word string) (status kyc.ProviderStatus, ok bool) {
	status, ok = words[word]
	return status, ok
}

// Provider is the sandbox provider, a kyc.Provider. It may be used by any number of
// goroutines.
type Provider struct {
	db  *sql.DB
	now func() time.Time
	// turn lets one writer of the sandbox at a time ask for the file's lock: SQLite's own
	// queue is a poll, in which a crowd would starve the library's one writer.
	turn sync.Mutex
	down atomic.Bool // in memory only: an outage ends with the process
}

// New makes the provider's table where it is missing.
func New(ctx context.Context, db *sql.DB, now func() time.Time) (*Provider, error) {
	_, err := db.ExecContext(ctx, `create table if not exists sandbox_session (
		id text primary key, reference text not null unique, word text not null,
		changed_us integer not null, stamped_us integer not null,
		terminated integer not null default 0, reads integer not null default 0)`)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return &Provider{db: db, now: now}, nil
}

// Outage makes every call of the library fail at once, or no longer.
func (p *Provider) Outage(down bool) { p.down.Store(down) }

// Open opens a session, or finds the one that was opened with the same reference.
func (p *Provider) Open(ctx context.Context, o kyc.Opening) (kyc.Session, error) {
	if p.down.Load() {
		return kyc.Session{}, ErrDown
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	id, now := "session_"+o.Reference.String(), p.now().UnixMicro()
	_, err := p.db.ExecContext(ctx, `insert into sandbox_session (id, reference, word, changed_us, stamped_us)
		values (?, ?, 'not_started', ?, ?) on conflict (reference) do nothing`, id, o.Reference.String(), now, now)
	if err != nil {
		return kyc.Session{}, fmt.Errorf("sandbox: open: %w", err)
	}
	return kyc.Session{ID: id, URL: link(id)}, nil
}

// Report reads a session, and counts that it was asked. One that was terminated is
// ErrGone.
func (p *Provider) Report(ctx context.Context, id string) (kyc.Reading, error) {
	if p.down.Load() {
		return kyc.Reading{}, ErrDown
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	var word string
	var changed int64
	var terminated bool
	err := p.db.QueryRowContext(ctx, `update sandbox_session set reads = reads + 1 where id = ?
		returning word, changed_us, terminated`, id).Scan(&word, &changed, &terminated)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return kyc.Reading{}, ErrNoSession
	case err != nil:
		return kyc.Reading{}, fmt.Errorf("sandbox: report: %w", err)
	case terminated:
		return kyc.Reading{}, ErrGone
	}
	return kyc.Reading{
		Status: words[word], ChangedAt: time.UnixMicro(changed).UTC(), URL: link(id), Evidence: p.evidence(id, word),
	}, nil
}

// Terminate ends a session. Of two calls at once exactly one ends it; for the other it
// was gone.
func (p *Provider) Terminate(ctx context.Context, id string) (gone bool, err error) {
	if p.down.Load() {
		return false, ErrDown
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	done, err := p.db.ExecContext(ctx, `update sandbox_session set terminated = 1 where id = ? and terminated = 0`, id)
	if err != nil {
		return false, fmt.Errorf("sandbox: terminate: %w", err)
	}
	n, err := done.RowsAffected()
	return n == 0, err
}

// Session is how a session stands, as its control shows it.
type Session struct {
	Status     string    `json:"status"` // the sandbox's word
	OccurredAt time.Time `json:"occurredAt"`
	Terminated bool      `json:"terminated"`
	Reads      int       `json:"reads"`
}

const columns = ` word, changed_us, terminated, reads `

// Session looks at a session without asking the provider. It fails with ErrNoSession.
func (p *Provider) Session(ctx context.Context, id string) (Session, error) {
	return session(p.db.QueryRowContext(ctx, `select`+columns+`from sandbox_session where id = ?`, id))
}

// skew is how far ahead of the clock a status may have been said to occur and still be
// outdone by the next one. It is what the library allows.
const skew = 5 * time.Minute

// Say lets a session's status change, terminated or not, at the given time, or at the
// clock's if that is zero. The clock's times rise strictly for one session, so that each
// is a newer word than the one before; a time far off that somebody gave does not drag
// all later ones along. It fails with ErrNoSession.
func (p *Provider) Say(ctx context.Context, id, word string, at time.Time) (Session, error) {
	p.turn.Lock()
	defer p.turn.Unlock()
	if !at.IsZero() {
		return session(p.db.QueryRowContext(ctx, `update sandbox_session set word = ?, changed_us = ? where id = ?
			returning`+columns, word, at.UnixMicro(), id))
	}
	now := p.now()
	return session(p.db.QueryRowContext(ctx, `update sandbox_session set word = ?1,
		changed_us = max(?2, stamped_us + 1, iif(changed_us <= ?3, changed_us + 1, 0)),
		stamped_us = max(?2, stamped_us + 1, iif(changed_us <= ?3, changed_us + 1, 0))
		where id = ?4 returning`+columns, word, now.UnixMicro(), now.Add(skew).UnixMicro(), id))
}

func session(row *sql.Row) (s Session, err error) {
	var changed int64
	err = row.Scan(&s.Status, &changed, &s.Terminated, &s.Reads)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Session{}, ErrNoSession
	case err != nil:
		return Session{}, fmt.Errorf("sandbox: session: %w", err)
	}
	s.OccurredAt = time.UnixMicro(changed).UTC()
	return s, nil
}

func link(id string) string { return "https://verify.example.com/" + id }

// imageLife is how long an image link works, which is why a reading is refreshed.
const imageLife = 4 * time.Hour

// evidence is what the provider found so far: nothing before the customer has finished.
func (p *Provider) evidence(id, word string) kyc.Evidence {
	decision, done := map[string]string{"in_review": "manual_review", "approved": "approved", "declined": "declined"}[word]
	if !done {
		return kyc.Evidence{}
	}
	image := fmt.Sprintf("https://images.example.com/%s/document?expires=%d", id, p.now().Add(imageLife).Unix())
	return kyc.Evidence{
		Decision:          object(map[string]any{"result": decision}),
		DocumentsVerified: []json.RawMessage{object(map[string]any{"type": "passport", "image": image})},
		BiometricResult:   object(map[string]any{"liveness": "passed", "match": 0.97}),
		RiskAssessment:    object(map[string]any{"level": "low"}),
		VerifiedFields:    []string{"document", "face"},
	}
}

func object(members map[string]any) json.RawMessage {
	raw, err := json.Marshal(members)
	if err != nil {
		return nil // strings and numbers always marshal
	}
	return raw
}
