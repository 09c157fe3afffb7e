package kyc_test

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/internal/shelf"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store/fault"
)

// hall is the real service over a shelf, with everything that can go wrong in reach.
type hall struct {
	*kyc.Service
	shelf *shelf.Shelf[kyc.Validation]
	fault *fault.Store[kyc.Validation]
	now   time.Time
	n     byte // ids drawn since the hall was opened

	// The provider: what it answers, and how often it was asked.
	reading kyc.Reading
	down    bool
	gone    bool
	asked   int
}

// decade is longer than all the steps of a search take together, the deadlines that they
// pass included: what waits so long waits until a step passes that too.
const decade = 10 * 365 * 24 * time.Hour

var errDown = errors.New("the provider is down")

func newHall() *hall {
	h := &hall{shelf: &shelf.Shelf[kyc.Validation]{Schema: kyc.Schema}}
	h.fault = fault.New[kyc.Validation](shelved{h.shelf})
	settings := kyc.DefaultSettings()
	settings.SweepLease, settings.Attempts = 0, 3 // more would only wait
	settings.BackoffMin, settings.BackoffMax = decade, decade
	h.Service = must(kyc.NewService(kyc.Config{
		Repository: h.fault, Providers: map[string]kyc.Provider{kyctest.Code: h}, Settings: settings,
		Now:   func() time.Time { return h.now },
		NewID: func() uuid.UUID { h.n++; return dated(h.now, h.n) },
	}))
	return h
}

func (h *hall) answer(err error) error {
	h.asked++
	if h.down {
		return errDown
	}
	return err
}

func (h *hall) Open(_ context.Context, o kyc.Opening) (kyc.Session, error) {
	return kyc.Session{ID: "session_" + o.Reference.String(), URL: "https://verify.example.com"}, h.answer(nil)
}

func (h *hall) Report(context.Context, string) (kyc.Reading, error) {
	return h.reading, h.answer(nil)
}

func (h *hall) Terminate(context.Context, string) (bool, error) { return h.gone, h.answer(nil) }

// begin opens the hall on a stage, when the next thing comes, with a provider that is well.
func (h *hall) begin(s *stage) {
	h.shelf.Lives, h.now, h.n, h.asked = s.lives, s.next(), 0, 0
	h.reading, h.down, h.gone = kyc.Reading{}, false, false
	h.fault.Follow()
}

// end is the stage that the hall has come to.
func (h *hall) end(s *stage) *stage { return s.then(h.now, h.shelf.Lives...) }

// pending is the stage on which every search begins: one validation, just created.
func (h *hall) pending() *stage {
	s := &stage{now: time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC), pace: 72 * time.Hour}
	h.begin(s)
	must(h.Create(ctx, someone, kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code}))
	return h.end(s)
}

// createKey is the idempotency key of an entity's second validation.
const createKey = "second"

func (h *hall) createSecond() (kyc.Validation, error) {
	return h.Create(ctx, someone, kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code, IdempotencyKey: createKey})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
