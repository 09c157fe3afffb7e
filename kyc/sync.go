package kyc

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
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
	if err := identified(a); err != nil {
		return Validation{}, err
	}
	r, err := s.load(ctx, a, id)
	if err != nil {
		return Validation{}, err
	}
	v := r.Value
	age, read := v.readAge(s.now())
	if Machine.State(v.Status).Absorbing || read && age < s.config.Settings.RecencyWindow && !force {
		return v, nil
	}
	v, _, err = s.read(ctx, v)
	if errors.Is(err, ErrProvider) {
		// It may have been cancelled meanwhile, and its session be gone for that.
		if r, again := s.load(ctx, a, id); again == nil && Machine.State(r.Value.Status).Absorbing {
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
	provider := s.config.Providers[v.Provider]
	if provider == nil {
		return v, "", ErrNotConfigured
	}
	asked := s.now()
	reading, err := provider.Report(ctx, v.ValidationSessionID)
	if err == nil {
		err = reading.check(v.CreatedAt, s.now(), s.config.Settings)
	}
	if err != nil {
		return v, "", &ProviderError{v.Provider, err}
	}
	in := Input{Word: Word{reading.Status, reading.ChangedAt}, ReadAt: asked, URL: reading.URL, Evidence: &reading.Evidence}
	if reading.ChangedAt.IsZero() {
		in.Word.At, in.Timeless = asked, true
	}
	in.Word.At = in.Word.At.UTC().Truncate(time.Microsecond)
	decision, err := s.report(ctx, Index(v).Key(), v.Provider, in)
	return decision.Validation, reading.Status, err
}

// Observe takes one report of a provider, from a webhook whose signature the host has
// checked. It may be called any number of times: a report received before, by source and
// event id or by (session, status, occurred-at), is a Duplicate and does nothing.
// One that bears the event id of another word is a Duplicate too (spec 1.5), and Why is
// store.EventReused then: the word is lost, so look into where the ids come from.
//
// It fails with lifecycle.ErrInvalid, store.ErrNotFound (an unknown session: create may
// not have committed yet, so the provider should try again), store.ErrConflict or
// store.ErrUnknownOutcome.
func (s *Service) Observe(ctx context.Context, p ProviderReport) (Decision, error) {
	p.OccurredAt = p.OccurredAt.UTC().Truncate(time.Microsecond)
	if err := p.check(s.now(), s.config.Settings.ClockSkew); err != nil {
		return Decision{}, err
	}
	word := Word{p.Status, p.OccurredAt}
	return s.report(ctx, store.Key{Session: session(p.Source, p.Session)}, p.Source, Input{
		Word: word, Source: p.Source + "/" + p.EventID, Evidence: p.Evidence,
		Receipts: map[string]string{"event " + strconv.Quote(p.Source) + " " + p.EventID: word.receipt()},
	})
}

// report commits a word of the provider, from a webhook or from a reading.
func (s *Service) report(ctx context.Context, key store.Key, provider string, in Input) (Decision, error) {
	in.Event, _ = in.Word.Status.Event()
	in.Call = s.call(Actor{Kind: audit.Provider, ID: provider}) // of the record's organization
	if in.Receipts == nil {
		in.Receipts = map[string]string{}
	}
	in.Receipts[in.Word.receipt()] = ""
	if in.Timeless && in.Event == NotStartedAtProvider {
		in.Receipts = map[string]string{"word not_started": ""} // or every reading would be a new word
	}
	return s.update(ctx, key, in)
}

// terminate fulfils an owed termination and records the outcome.
func (s *Service) terminate(ctx context.Context, v Validation) (Validation, error) {
	if v.TerminationOwed.IsZero() {
		return v, nil
	}
	provider := s.config.Providers[v.Provider]
	if provider == nil {
		return v, ErrNotConfigured
	}
	gone, err := provider.Terminate(ctx, v.ValidationSessionID)
	if err != nil {
		return v, &ProviderError{v.Provider, err}
	}
	call := s.call(Actor{Organization: v.OrganizationID, Kind: audit.System, ID: "termination"})
	var found store.Record[Validation]
	reads := []store.Read[Validation]{{Key: Index(v).Key(), Into: &found}}
	err = store.Update(ctx, s.config.Repository, call.ID, s.limits(), reads,
		func() ([]store.Change[Validation], error) {
			changes := terminated(found, call, gone)
			v = found.Value
			if len(changes) > 0 {
				v = changes[0].Next
			}
			return changes, nil
		})
	return v, err
}

// clock is who makes deadlines happen.
func clock(organization string) Actor {
	return Actor{Organization: organization, Kind: audit.Clock, ID: "deadline"}
}

// Swept is what one sweep did.
type Swept struct {
	Expired    int // deadlines that happened
	Terminated int // owed terminations fulfilled
	Owed       int // terminations tried in vain: they stay owed
}

// Sweep makes due deadlines and owed terminations happen, in batches, until every due
// record had its turn. What fails stays due, and its lease keeps it from standing before
// the others: a sweep without a lease may get no further than one batch of failures. It may run in any number of processes at once, and running it twice
// does nothing twice. A provider's failure is counted in Owed; the error joins those of the
// store, and a record that fails does not keep the others of its batch from their turn.
func (s *Service) Sweep(ctx context.Context) (done Swept, err error) {
	tried, failed := map[store.Key]bool{}, []error{}
	for {
		keys, err := s.config.Repository.Due(ctx, s.now(), s.config.Settings.SweepLease, s.config.Settings.SweepBatch)
		if err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		fresh := false
		for _, key := range keys {
			fresh, tried[key] = fresh || !tried[key], true
			failed = append(failed, s.sweep(ctx, key, &done))
		}
		if len(keys) < s.config.Settings.SweepBatch || !fresh {
			return done, errors.Join(failed...)
		}
	}
}

func (s *Service) sweep(ctx context.Context, key store.Key, done *Swept) error {
	call := s.call(clock(key.Organization))
	var decision Decision
	var found store.Record[Validation]
	reads := []store.Read[Validation]{{Key: key, Into: &found}}
	err := store.Update(ctx, s.config.Repository, call.ID, s.limits(), reads,
		func() (_ []store.Change[Validation], err error) {
			decision = Decision{Validation: found.Value}
			if found.Value.overdue(call.At) {
				decision, err = Decide(found, Input{Event: DeadlinePassed, Call: call}, s.config.Settings)
			}
			return decision.Changes, err
		})
	if err != nil {
		return err
	}
	if decision.Verdict == lifecycle.Move {
		done.Expired++
	}
	if decision.Validation.TerminationOwed.IsZero() {
		return nil
	}
	switch _, err = s.terminate(ctx, decision.Validation); {
	case err == nil:
		done.Terminated++
	case errors.Is(err, ErrProvider), errors.Is(err, ErrNotConfigured):
		done.Owed++
		return nil
	}
	return err
}
