package kyctest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kycle/kycle/kyc"
)

// ErrDown is what a provider that is down answers.
var ErrDown = errors.New("kyctest: the provider is down")

// ErrGone is what a provider answers about a session that it does not have.
var ErrGone = errors.New("kyctest: no such session")

// Provider is a kyc.Provider that says what it is told. It may be used by any number of
// goroutines.
type Provider struct {
	// Timeless: readings do not say when a status came to be so. Set before use.
	Timeless bool

	mu       sync.Mutex
	now      func() time.Time
	sessions map[string]*session
	down     bool
	reads    int
}

type session struct {
	reading    kyc.Reading
	terminated bool
}

// NewProvider makes a provider that stamps what it says with a clock.
func NewProvider(now func() time.Time) *Provider {
	return &Provider{now: now, sessions: map[string]*session{}}
}

// Say sets the status of a session, from now.
func (p *Provider) Say(id string, status kyc.ProviderStatus) {
	p.SayReading(id, kyc.Reading{Status: status, ChangedAt: p.now()})
}

// SayReading sets what a reading of a session answers, word for word.
func (p *Provider) SayReading(id string, r kyc.Reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sessions[id] == nil {
		p.sessions[id] = &session{}
	}
	p.sessions[id].reading = r
}

// Down makes every call fail at once, or no longer.
func (p *Provider) Down(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// Reads is how often a session was read.
func (p *Provider) Reads() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reads
}

// Terminated tells whether a session was terminated.
func (p *Provider) Terminated(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions[id] != nil && p.sessions[id].terminated
}

// Open answers with the same session for the same reference.
func (p *Provider) Open(_ context.Context, o kyc.Opening) (kyc.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return kyc.Session{}, ErrDown
	}
	id := "session_" + o.Reference.String()
	if p.sessions[id] == nil {
		p.sessions[id] = &session{reading: kyc.Reading{Status: kyc.ProviderNotStarted, ChangedAt: p.now()}}
	}
	return kyc.Session{ID: id, URL: "https://verify.example.com/" + id}, nil
}

// Report reads a session.
func (p *Provider) Report(_ context.Context, id string) (kyc.Reading, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reads++
	s := p.sessions[id]
	switch {
	case p.down:
		return kyc.Reading{}, ErrDown
	case s == nil || s.terminated:
		return kyc.Reading{}, ErrGone
	}
	r := s.reading
	if p.Timeless {
		r.ChangedAt = time.Time{}
	}
	return r, nil
}

// Terminate ends a session.
func (p *Provider) Terminate(_ context.Context, id string) (gone bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sessions[id]
	switch {
	case p.down:
		return false, ErrDown
	case s == nil || s.terminated:
		return true, nil
	}
	s.terminated = true
	return false, nil
}
