package integration

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// perEntity is how many validations an entity has: all but the newest are superseded.
const perEntity = 10

// opener opens a provider's sessions, numbered from 0.
type opener struct {
	kyc.Provider
	n int
}

func (o *opener) Open(context.Context, kyc.Opening) (kyc.Session, error) {
	defer func() { o.n++ }()
	return kyc.Session{ID: sessionOf(o.n), URL: "https://provider.example/verify/" + sessionOf(o.n)}, nil
}

func sessionOf(n int) string { return fmt.Sprintf("session-%08d", n) }

// archive is a repository that keeps one entity's validations, the newest last, each as
// one change: its last state, with all entries since the first.
type archive struct {
	kyc.Repository
	all []store.Change[kyc.Validation]
}

func (a *archive) Load(_ context.Context, key store.Key, _ ...string) (store.Record[kyc.Validation], error) {
	if len(a.all) == 0 || key.ExclusiveKey == "" {
		return store.Record[kyc.Validation]{}, store.ErrNotFound
	}
	return recordOf(a.all[len(a.all)-1]), nil
}

// recordOf is a record as such a change leaves it.
func recordOf(c store.Change[kyc.Validation]) store.Record[kyc.Validation] {
	return store.Record[kyc.Validation]{Value: c.Next, Version: c.Expect + 1, Head: c.Entries[len(c.Entries)-1].Head()}
}

func (a *archive) Commit(_ context.Context, changes ...store.Change[kyc.Validation]) error {
	for _, c := range changes {
		if c.Expect == 0 {
			c.Receipts = map[string]string{}
			a.all = append(a.all, c)
		} else {
			a.grow(c)
		}
	}
	return nil
}

// grow adds a change to the newest.
func (a *archive) grow(c store.Change[kyc.Validation]) {
	was := &a.all[len(a.all)-1]
	receipts := maps.Clone(was.Receipts)
	maps.Copy(receipts, c.Receipts)
	c.Entries, c.Receipts = append(was.Entries, c.Entries...), receipts
	*was = c
}

// opened is when all validations of a benchmark are made, on the host's clock.
var opened = time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC)

// hostOf is a service whose clock stands still.
func hostOf(t testing.TB, repo kyc.Repository, provider kyc.Provider, now time.Time) *kyc.Service {
	t.Helper()
	s, err := kyc.NewService(kyc.Config{
		Repository: repo, Providers: map[string]kyc.Provider{kyctest.Code: provider}, Settings: kyc.DefaultSettings(),
		Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var person = kyc.Actor{Organization: kyctest.Organization, Kind: audit.Person, ID: "user_a"}

// entityOf is the entity of the n-th validation.
func entityOf(n int) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, "entity ", n/perEntity))
}

// genuine gives validations as the service makes them. Each then hears that it is in
// progress, and, for a longer history, words that are ignored.
func genuine(t testing.TB, validations, words int) iter.Seq[store.Change[kyc.Validation]] {
	return func(yield func(store.Change[kyc.Validation]) bool) {
		a, sessions := &archive{}, &opener{}
		s := hostOf(t, a, sessions, opened)
		for n := range validations {
			if n%perEntity == 0 {
				a.all = nil
			}
			_, err := s.Create(context.Background(), person, kyc.NewValidation{EntityID: entityOf(n), Provider: kyctest.Code})
			if err != nil {
				t.Fatal(err)
			}
			for word := range words {
				said := kyc.ProviderInProgress
				if word > 0 {
					said = kyc.ProviderNotStarted
				}
				d, err := kyc.Decide(recordOf(a.all[len(a.all)-1]), inputOf(reportOf(n, said, opened)), kyc.DefaultSettings())
				if err != nil {
					t.Fatal(err)
				}
				a.grow(d.Changes[0])
			}
			if n%perEntity == perEntity-1 || n == validations-1 {
				for _, c := range a.all {
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

func reportOf(n int, said kyc.ProviderStatus, at time.Time) kyc.ProviderReport {
	return kyc.ProviderReport{Source: kyctest.Code, EventID: uuid.NewString(), Session: sessionOf(n), Status: said, OccurredAt: at}
}

// inputOf is a report as the service gives it to Decide.
func inputOf(p kyc.ProviderReport) kyc.Input {
	word := kyc.Word{Status: p.Status, At: p.OccurredAt}
	on, _ := p.Status.Event()
	remembered := "word " + string(word.Status) + " " + word.At.Format(time.RFC3339Nano)
	return kyc.Input{
		Event: on, Word: word, Source: p.Source + "/" + p.EventID,
		Receipts: map[string]string{`event "` + p.Source + `" ` + p.EventID: remembered, remembered: ""},
		Call:     audit.Call{ID: uuid.New(), Salt: uuid.New(), Actor: kyc.Actor{Kind: audit.Provider, ID: p.Source}, At: opened.Add(time.Hour)},
	}
}

// webhooks are the work of a benchmark: words of the provider that each move a validation,
// in review and back to the customer by turns. Each client has validations of its own.
type webhooks struct {
	inReview []bool
	words    atomic.Int64 // so far, each a microsecond later than the one before
}

func newWebhooks(records int) *webhooks { return &webhooks{inReview: make([]bool, records)} }

// next draws one of the client's validations and what the provider says of it.
func (w *webhooks) next(clients, client int, r *rand.Rand) kyc.ProviderReport {
	n := r.IntN(len(w.inReview)/clients)*clients + client
	w.inReview[n] = !w.inReview[n]
	said := map[bool]kyc.ProviderStatus{true: kyc.ProviderInReview, false: kyc.ProviderInProgress}[w.inReview[n]]
	return reportOf(n, said, opened.Add(time.Duration(w.words.Add(1))*time.Microsecond))
}

var errNoMove = errors.New("test: the word moved nothing")

// observe lets a host's service hear the words.
func (w *webhooks) observe(t testing.TB, name string, clients int, repo kyc.Repository) contestant {
	s := hostOf(t, repo, &opener{}, opened.Add(time.Hour))
	return contestant{name, func(client int, r *rand.Rand) error {
		d, err := s.Observe(context.Background(), w.next(clients, client, r))
		if err == nil && d.Verdict != lifecycle.Move {
			err = errNoMove
		}
		return err
	}}
}
