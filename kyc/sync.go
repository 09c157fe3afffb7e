package kyc

import (
	"context"
	"errors"
	"strconv"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// Sync reads the provider and commits what it says. Unless forced, it answers with the
// stored validation and calls nobody while the last reading is within
// Settings.RecencyWindow; a cancelled validation always answers so. Evidence, links and
// the time of the reading are refreshed also where the status is protected. Syncing
// never charges for itself: the transition it brings may.
//
// It fails with store.ErrNotFound, ErrNoSession, ErrNotConfigured, ErrProvider,
// store.ErrConflict or store.ErrUnknownOutcome.
func (s *Service) Sync(ctx context.Context, a Actor, id uuid.UUID, force bool) (Validation, error) {
	if err := s.runner.Authorize(a); err != nil {
		return Validation{}, err
	}
	r, err := s.runner.Load(ctx, product.Key(a, id))
	if err != nil {
		return Validation{}, err
	}
	v := r.Value
	age, read := v.readAge(s.runner.Now())
	if s.settings.lifecycle().State(v.Status).Absorbing || read && age < s.settings.RecencyWindow && !force {
		return v, nil
	}
	v, _, err = s.read(ctx, v)
	if errors.Is(err, ErrProvider) {
		// It may have been cancelled meanwhile, and its session be gone for that.
		if r, again := s.runner.Load(ctx, product.Key(a, id)); again == nil && s.settings.lifecycle().State(r.Value.Status).Absorbing {
			return r.Value, nil
		}
	}
	return v, err
}

// read makes one reading of the provider, outside any transaction, and commits its word.
func (s *Service) read(ctx context.Context, v Validation) (Validation, ProviderStatus, error) {
	if v.ValidationSessionID == "" {
		return v, "", ErrNoSession
	}
	asked := s.runner.Now()
	reading, err := reach(ctx, s, v.Provider, methodReport, func(ctx context.Context, p Provider) (Reading, error) {
		return p.Report(ctx, v.ValidationSessionID)
	}, func(r Reading) error { return r.check(v.CreatedAt, s.runner.Now(), s.settings) })
	if err != nil {
		return v, "", err
	}
	in := Input{Word: Word{reading.Status, reading.ChangedAt}, ReadAt: asked, URL: reading.URL, Evidence: &reading.Evidence}
	if reading.ChangedAt.IsZero() {
		in.Word.At, in.Timeless = asked, true
	}
	in.Word.At = product.Moment(in.Word.At)
	result, err := s.report(ctx, Index(v).Key(), v.Provider, in)
	return result.Value, reading.Status, err
}

// Observe takes one report of a provider, from a webhook whose signature the host has
// checked. It may be called any number of times: a report received before, by source and
// event id or by (session, status, occurred-at), is a Duplicate and does nothing.
// One that bears the event id of another word is a Duplicate too (spec 1.5), and Why is
// store.EventReused then: the word is lost, so look into where the ids come from.
//
// It fails with lifecycle.ErrInvalid, store.ErrNotFound (an unknown session: create may
// not have committed yet, so the provider should try again), store.ErrConflict,
// store.ErrUnavailable or store.ErrUnknownOutcome.
func (s *Service) Observe(ctx context.Context, p ProviderReport) (Result, error) {
	p.OccurredAt = product.Moment(p.OccurredAt)
	if err := p.check(s.runner.Now(), s.settings.ClockSkew); err != nil {
		return Result{}, err
	}
	word := Word{p.Status, p.OccurredAt}
	return s.report(ctx, store.Key{Session: session(p.Source, p.Session)}, p.Source, Input{
		Word: word, Source: p.Source + "/" + p.EventID, Evidence: p.Evidence,
		Receipts: map[string]string{"event " + strconv.Quote(p.Source) + " " + p.EventID: word.receipt()},
	})
}

// report commits a word of the provider, from a webhook or from a reading.
func (s *Service) report(ctx context.Context, key store.Key, provider string, in Input) (Result, error) {
	in.Event, _ = in.Word.Status.Event()
	in.Call = s.runner.Call(Actor{Kind: audit.Provider, ID: provider}) // of the record's organization
	if in.Receipts == nil {
		in.Receipts = map[string]string{}
	}
	in.Receipts[in.Word.receipt()] = ""
	if in.Timeless && in.Event == NotStartedAtProvider {
		in.Receipts = map[string]string{"word not_started": ""} // or every reading would be a new word
	}
	return s.decide(ctx, key, in)
}
