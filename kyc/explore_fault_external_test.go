package kyc_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store/fault"
)

// rivals are operations in which another writer comes between a decision and its commit.
func (s *stage) rivals() (list []operation) {
	v := &s.lives[0].Value
	for _, status := range order {
		observe := func(h *hall) fault.Fault {
			return fault.Wait(func(context.Context) error {
				return second(h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: "rival " + h.now.String(), Session: v.ValidationSessionID, Status: status, OccurredAt: h.now.Add(time.Second)}))
			})
		}
		list = append(list, operation{"approve reads in_review, a webhook " + string(status) + " comes first", func(h *hall) (string, error) {
			h.reading = kyc.Reading{Status: kyc.ProviderInReview, ChangedAt: h.now}
			h.fault.Follow(fault.Script(fault.Commit, fault.None, observe(h)))
			got, err := h.Approve(ctx, someone, v.ID, "because of it")
			return answered(got, err, !v.DecidedByHand && (status == kyc.ProviderInReview || status == kyc.ProviderNotStarted))
		}}, operation{"cancel, a webhook " + string(status) + " comes first", func(h *hall) (string, error) {
			h.fault.Follow(fault.Script(fault.Commit, observe(h)))
			got, err := h.Cancel(ctx, someone, v.ID, "because of it")
			open := status == kyc.ProviderNotStarted || status == kyc.ProviderInProgress || status == kyc.ProviderInReview
			return answered(got, err, s.cancellable(0) && open)
		}})
	}
	sweep := func(h *hall) fault.Fault {
		return fault.Wait(func(context.Context) error { return second(h.Sweep(ctx)) })
	}
	list = append(list, operation{"sweep, another one comes first", func(h *hall) (string, error) {
		h.fault.Follow(fault.Script(fault.Commit, sweep(h)))
		done, err := h.Sweep(ctx)
		return fmt.Sprintf("%+v", done), err
	}}, operation{"sweep, the provider is down, another one fails first", func(h *hall) (string, error) {
		h.down = true
		h.fault.Follow(fault.Script(fault.Commit, sweep(h)))
		done, err := h.Sweep(ctx)
		return fmt.Sprintf("%+v", done), err
	}}, operation{"cancel, a sweep terminates first", func(h *hall) (string, error) {
		h.fault.Follow(fault.Script(fault.Commit, fault.None, sweep(h)))
		got, err := h.Cancel(ctx, someone, v.ID, "because of it")
		return answered(got, err, s.cancellable(0))
	}})
	return append(list, operation{"reject reads in_review, somebody cancels first", func(h *hall) (string, error) {
		h.reading = kyc.Reading{Status: kyc.ProviderInReview, ChangedAt: h.now}
		h.fault.Follow(fault.Script(fault.Commit, fault.None, fault.Wait(func(context.Context) error {
			return second(h.Cancel(ctx, someone, v.ID, "because of it"))
		})))
		got, err := h.Reject(ctx, someone, v.ID, "because of it")
		return answered(got, err, false)
	}})
}

// TestEveryOperationUnderEveryFault is the service at one validation, and each of its
// commits lost to a rival, in doubt in every way, or the last thing that the process did.
// What is settled must be as if nothing had been; what has crashed is a stage like any
// other, on which every operation, the same one too, is made again.
func TestEveryOperationUnderEveryFault(t *testing.T) {
	h := newHall()
	found, err := lifecycletest.Explore(lifecycletest.Space[*stage, pair]{
		Start: []*stage{h.pending()}, Show: (*stage).show, Bound: 20_000, Key: (*stage).pair, Invariants: laws,
		Steps: func(s *stage) (list []lifecycletest.Step[*stage]) {
			for _, o := range s.operations(true) {
				list = append(list, h.under(s, o)...)
			}
			for _, o := range s.rivals() {
				list = append(list, h.run(s, o))
			}
			list = append(list, s.passing()...)
			for _, step := range list {
				step.To.lives = step.To.lives[:1] // two are another search's
			}
			return list
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", found)
}

var settled = []struct {
	name string
	fault.Fault
}{
	{"a conflict", fault.Conflict}, {"a lost request", fault.LostRequest}, {"a lost answer", fault.LostAnswer}, {"a late commit", fault.Late},
}

var crashes = []struct {
	name string
	fault.Fault
}{
	{"before", fault.Fail(errCrash)}, {"after", fault.Hold(func(context.Context) error { return errCrash })},
}

// under is the operation by itself, and with every fault in each of its commits.
func (h *hall) under(s *stage, o operation) []lifecycletest.Step[*stage] {
	before := h.fault.Calls(fault.Commit)
	plain := h.run(s, o)
	list, commits := []lifecycletest.Step[*stage]{plain}, h.fault.Calls(fault.Commit)-before
	for n := range commits {
		script := make([]fault.Fault, n+1)
		for _, f := range settled {
			script[n] = f.Fault
			step := h.run(s, o, script...)
			step.Event += fmt.Sprintf(", with %s at commit %d", f.name, n+1)
			if step.Err == nil {
				step.Err = alike(plain.To, step.To)
			}
			list = append(list, step)
		}
		for _, f := range crashes {
			script[n] = f.Fault
			step := h.run(s, o, script...)
			step.Event += fmt.Sprintf(", and the process ends %s commit %d", f.name, n+1)
			list = append(list, step)
		}
	}
	return list
}

// alike tells whether a fault made a difference. The version may be higher: a commit without
// an entry that was in doubt is made again.
func alike(want, got *stage) error {
	for i, l := range got.lives {
		if i >= len(want.lives) || l.Head != want.lives[i].Head || !reflect.DeepEqual(l.Value, want.lives[i].Value) {
			return fmt.Errorf("without the fault it is %s", want.show())
		}
	}
	return wrong(len(got.lives) != len(want.lives), "%d validations, and without the fault %d", len(got.lives), len(want.lives))
}
