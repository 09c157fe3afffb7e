package kyc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// awkward is a provider that does something else instead of answering one kind of call. It
// heeds no context.
type awkward struct {
	*kyctest.Provider
	open, report, terminate func()
	session                 string // that this is about; "": every
}

func instead(do func()) {
	if do != nil {
		do()
	}
}

func (p *awkward) Open(ctx context.Context, o kyc.Opening) (kyc.Session, error) {
	instead(p.open)
	return p.Provider.Open(ctx, o)
}

func (p *awkward) Report(ctx context.Context, session string) (kyc.Reading, error) {
	instead(p.report)
	return p.Provider.Report(ctx, session)
}

func (p *awkward) Terminate(ctx context.Context, session string) (bool, error) {
	if p.session == "" || p.session == session {
		instead(p.terminate)
	}
	return p.Provider.Terminate(ctx, session)
}

// awkwardly makes a host, and a service of it over such a provider.
func awkwardly(t *testing.T) (*kyctest.Host, *kyc.Service, *awkward) {
	t.Helper()
	h := newHost(t, nil)
	p := &awkward{Provider: h.Provider}
	s, err := kyc.NewService(kyc.Config{
		Repository: h.Repository, Providers: map[string]kyc.Provider{kyctest.Code: p}, Settings: kyc.DefaultSettings(), Now: h.Clock.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, s, p
}

// asks are the operations that ask the provider and cannot do without its answer.
var asks = []struct {
	name, why string
	breaks    func(p *awkward, do func())
	ask       func(ctx context.Context, h *kyctest.Host, s *kyc.Service, v kyc.Validation) error
}{
	{"create", "a session is opened", func(p *awkward, do func()) { p.open = do },
		func(ctx context.Context, h *kyctest.Host, s *kyc.Service, _ kyc.Validation) error {
			return second(s.Create(ctx, h.Person, kyc.NewValidation{EntityID: kyctestID(9), Provider: kyctest.Code}))
		}},
	{"sync", "the session is read", func(p *awkward, do func()) { p.report = do },
		func(ctx context.Context, h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
			return second(s.Sync(ctx, h.Person, v.ID, true))
		}},
	{"approve", "the session is read before", func(p *awkward, do func()) { p.report = do },
		func(ctx context.Context, h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
			return second(s.Approve(ctx, h.Person, v.ID, "because of it"))
		}},
	{"reject", "the session is read before", func(p *awkward, do func()) { p.report = do },
		func(ctx context.Context, h *kyctest.Host, s *kyc.Service, v kyc.Validation) error {
			return second(s.Reject(ctx, h.Person, v.ID, "because of it"))
		}},
}

// TestAProviderThatHangsIsLeft is fault C4: the provider never answers, and heeds no context.
func TestAProviderThatHangsIsLeft(t *testing.T) {
	limit := kyc.DefaultSettings().CallTimeout
	for _, row := range asks {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s, p := awkwardly(t)
				v := h.In(kyc.InReview)
				before := stored(t, h, v).Version
				release := make(chan struct{})
				defer close(release) // a bubble ends when all in it have
				row.breaks(p, func() { <-release })
				began := time.Now()
				err := row.ask(ctx, h, s, v)
				if took := time.Since(began); took != limit {
					t.Errorf("left after %v, want %v: %s", took, limit, row.why)
				}
				if got := kyc.Explain(err); !errors.Is(err, kyc.ErrProvider) || !errors.Is(err, product.ErrTimedOut) || got.HTTP != 502 {
					t.Errorf("got error %v, %+v, want ErrProvider and ErrTimedOut", err, got)
				}
				short, cancel := context.WithTimeout(ctx, 2*time.Second)
				defer cancel()
				began = time.Now()
				err = row.ask(short, h, s, v)
				if took := time.Since(began); took != 2*time.Second || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, product.ErrTimedOut) {
					t.Errorf("a caller who waits for 2 s got error %v after %v", err, took)
				}
				if after := stored(t, h, v).Version; after != before {
					t.Errorf("something was written: version %d after %d", after, before)
				}
			})
		})
	}
}

// TestAProviderThatPanicsFailsItsCall is fault C4: the panic is an error of that call, and
// of no other.
func TestAProviderThatPanicsFailsItsCall(t *testing.T) {
	const secret = "Jane Doe, PA1234567"
	for _, row := range asks {
		t.Run(row.name, func(t *testing.T) {
			h, s, p := awkwardly(t)
			v := h.In(kyc.InReview)
			before := stored(t, h, v).Version
			for _, value := range []any{secret, errors.New(secret), fmt.Stringer(nil)} {
				row.breaks(p, func() { panic(value) })
				err := row.ask(ctx, h, s, v)
				if got := kyc.Explain(err); !errors.Is(err, kyc.ErrProvider) || !errors.Is(err, product.ErrPanicked) || got.Code != "PROVIDER_ERROR" {
					t.Fatalf("got error %v, %+v, want ErrProvider and ErrPanicked: %s", err, got, row.why)
				}
				for _, text := range []string{fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprint(errors.Unwrap(err)), kyc.Explain(err).Message} {
					if strings.Contains(text, "Jane") {
						t.Errorf("the error repeats what the panic said: %s", text)
					}
				}
			}
			if after := stored(t, h, v).Version; after != before {
				t.Errorf("something was written: version %d after %d", after, before)
			}
			row.breaks(p, nil)
			if err := row.ask(ctx, h, s, v); err != nil {
				t.Errorf("when it is well again: %v", err)
			}
		})
	}
}

// breakdowns are what a provider may do instead of ending a session.
var breakdowns = []struct {
	name string
	do   func(release chan struct{}) func()
	took time.Duration
}{
	{"hangs", func(release chan struct{}) func() { return func() { <-release } }, kyc.DefaultSettings().CallTimeout},
	{"panics", func(chan struct{}) func() { return func() { panic("Jane Doe") } }, 0},
}

// TestACancelStandsWhateverTheProviderDoes: the cancel has committed before.
func TestACancelStandsWhateverTheProviderDoes(t *testing.T) {
	for _, row := range breakdowns {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s, p := awkwardly(t)
				v := h.In(kyc.InReview)
				release := make(chan struct{})
				defer close(release)
				p.terminate = row.do(release)
				began := time.Now()
				got, err := s.Cancel(ctx, h.Person, v.ID, "because of it")
				if took := time.Since(began); err != nil || got.Status != kyc.Cancelled || took != row.took {
					t.Errorf("got %s, error %v after %v, want it cancelled after %v", got.Status, err, took, row.took)
				}
				if now := stored(t, h, v).Value; now.TerminationOwed.IsZero() || now.TerminationFailures != 1 {
					t.Errorf("owed since %v, %d failures, want it owed after one", now.TerminationOwed, now.TerminationFailures)
				}
			})
		})
	}
}

// TestASweepGoesOnWhateverTheProviderDoes has it fail for one session of three records that
// are due, and again and again.
func TestASweepGoesOnWhateverTheProviderDoes(t *testing.T) {
	for _, row := range breakdowns {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s, p := awkwardly(t)
				h.Provider.Down(true)
				var owing []kyc.Validation
				for range 2 {
					h.Provider.Down(false)
					v := h.In(kyc.InReview)
					h.Provider.Down(true)
					if _, err := h.Cancel(ctx, h.Person, v.ID, "because of it"); err != nil {
						t.Fatal(err)
					}
					owing = append(owing, v)
				}
				h.Provider.Down(false)
				late := h.In(kyc.InProgress)
				h.Clock.Advance(8 * 24 * time.Hour)
				release := make(chan struct{})
				defer close(release)
				p.session, p.terminate = owing[0].ValidationSessionID, row.do(release)
				began := time.Now()
				done, err := s.Sweep(ctx)
				if took := time.Since(began); err != nil || done != (kyc.Swept{Expired: 1, Terminated: 1, Owed: 1}) || took != row.took {
					t.Errorf("swept %+v, error %v after %v, want the two others done after %v", done, err, took, row.took)
				}
				if got := stored(t, h, late).Value.Status; got != kyc.Abandoned {
					t.Errorf("the deadline beside it: got %s, want abandoned", got)
				}
				if got := stored(t, h, owing[0]).Value; got.TerminationFailures != 2 {
					t.Errorf("it has counted %d failures, want 2", got.TerminationFailures)
				}
				if done, err := s.Sweep(ctx); err != nil || done != (kyc.Swept{}) {
					t.Errorf("at once again: swept %+v, error %v, want it to wait", done, err)
				}
			})
		})
	}
}

// TestAReaderIsNotKeptWaitingForEver: what is stored is shown, and said to be stale.
func TestAReaderIsNotKeptWaitingForEver(t *testing.T) {
	for _, row := range breakdowns {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h, s, p := awkwardly(t)
				v := h.In(kyc.InReview)
				if _, err := s.Sync(ctx, h.Person, v.ID, true); err != nil {
					t.Fatal(err)
				}
				h.Clock.Advance(4 * time.Hour)
				release := make(chan struct{})
				defer close(release)
				p.report = row.do(release)
				began := time.Now()
				view, err := s.Validation(ctx, h.Person, v.ID)
				if took := time.Since(began); err != nil || !view.Stale || view.ID != v.ID || took != row.took {
					t.Errorf("got %v, stale %t, error %v after %v, want what is stored after %v", view.ID, view.Stale, err, took, row.took)
				}
			})
		})
	}
}

// TestAPanicInTheStoreKeepsNoRecordFromItsTurn: one record cannot be loaded.
func TestAPanicInTheStoreKeepsNoRecordFromItsTurn(t *testing.T) {
	f := fault.New(newStore())
	h := newHost(t, f)
	poisoned, sound := h.Create(), h.Create()
	h.Clock.Advance(8 * 24 * time.Hour)
	f.Follow(fault.Script(fault.Load, fault.Wait(func(context.Context) error { panic("Jane Doe") })))
	done, err := h.Sweep(ctx)
	if !errors.Is(err, product.ErrPanicked) || done != (kyc.Swept{Expired: 1}) || strings.Contains(fmt.Sprint(err), "Jane") {
		t.Errorf("swept %+v, error %v, want the other one expired, and ErrPanicked", done, err)
	}
	f.Follow()
	statuses := map[kyc.Status]int{}
	for _, v := range []kyc.Validation{poisoned, sound} {
		r, err := h.Repository.Load(ctx, store.Key{Organization: v.OrganizationID, ID: v.ID})
		if err != nil {
			t.Fatal(err)
		}
		statuses[r.Value.Status]++
	}
	if statuses[kyc.Expired] != 1 || statuses[kyc.Pending] != 1 {
		t.Errorf("they are %v, want one expired and one left pending", statuses)
	}
}
