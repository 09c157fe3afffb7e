package payout_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/payout"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

const rivals = 16

// atOnce lets rivals do something together, and gives what each got.
func atOnce(do func(i int) error) []error {
	errs, start := make([]error, rivals), make(chan struct{})
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			<-start
			errs[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return errs
}

// two gives two persons in turn.
func two(one, other audit.Actor) func(int) audit.Actor {
	return func(i int) audit.Actor { return []audit.Actor{one, other}[i%2] }
}

// crowds are who approves at once, and how many approvals that makes.
var crowds = []struct {
	name, why string
	who       func(i int) audit.Actor
	approvals int
}{
	{"two persons, eight times each", "each of the two approves once", two(first, second), 2},
	{"sixteen persons", "two of them are enough", func(i int) audit.Actor { return person(fmt.Sprint("user_", i)) }, 2},
	{"one person, sixteen times", "nobody is two persons", two(first, first), 1},
	{"the requester and one other", "the requester is neither of the two", two(requester, second), 1},
}

// approveAtOnce lets every crowd approve a payout of its own, over the hosts in turn.
func approveAtOnce(t *testing.T, hosts ...host) {
	t.Helper()
	for _, crowd := range crowds {
		h, o := hosts[0], order()
		o.Invoice = ""
		p := h.must(h.Request(ctx, requester, o, ""))
		done := 0
		for _, err := range atOnce(func(i int) error {
			_, err := hosts[i%len(hosts)].Approve(ctx, crowd.who(i), p.ID)
			return err
		}) {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, lifecycle.ErrNotAllowed):
				t.Errorf("%s: a rival got %v, want a refusal", crowd.name, err)
			}
		}
		p = h.must(h.Details(ctx, requester, p.ID))
		trail, by := h.trail(p.ID), map[string]bool{requester.ID: true}
		for _, id := range p.ApprovedBy {
			by[id] = true
		}
		if done != crowd.approvals || len(p.ApprovedBy) != done || len(trail.Entries) != 1+done || len(by) != 1+done {
			t.Errorf("%s: %d approvals, by %q, in %d entries, want %d (%s)",
				crowd.name, done, p.ApprovedBy, len(trail.Entries), crowd.approvals, crowd.why)
		}
		if sent := p.Status == payout.Sent; sent != (crowd.approvals == 2) {
			t.Errorf("%s: it is %q (%s)", crowd.name, p.Status, crowd.why)
		}
	}
}

// distant is a repository in memory that is as far away as a server is, by the clock of a
// synctest bubble, which moves only when everybody waits: so rivals meet on any machine.
func distant() *fault.Store[payout.Payout] {
	return fault.New(memory.New(payout.Schema), func(fault.Call) fault.Fault {
		return fault.Wait(func(context.Context) error {
			time.Sleep(2 * time.Nanosecond)
			return nil
		})
	})
}

func TestApproversRace(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			repository := distant()
			approveAtOnce(t, newHost(t, repository))
			if n := repository.Calls(fault.Commit); n < 4*rivals/2 {
				t.Errorf("the rivals did not meet: %d commits", n)
			}
		})
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		handles := inFile(t, 2)
		near, far := newHost(t, handles[0]), newHost(t, handles[1])
		for range 4 {
			approveAtOnce(t, near, far)
		}
	})
}

// Approval and withdrawal meet: the fee is refunded exactly where nothing was sent.
func TestAWithdrawalRacesTheSecondApproval(t *testing.T) {
	for _, repository := range append(inFile(t, 1), memory.New(payout.Schema)) {
		h, o := newHost(t, repository), order()
		o.Invoice = ""
		for range 8 {
			p := h.must(h.Request(ctx, requester, o, ""))
			h.must(h.Approve(ctx, first, p.ID))
			errs := atOnce(func(i int) error {
				if i%2 == 0 {
					_, err := h.Approve(ctx, second, p.ID)
					return err
				}
				_, err := h.Withdraw(ctx, requester, p.ID)
				return err
			})
			p = h.must(h.Details(ctx, requester, p.ID))
			h.trail(p.ID)
			sent := len(p.ApprovedBy) == 2
			want := map[bool]payout.Status{true: payout.Recalled, false: payout.Withdrawn}[sent]
			if p.Status != want || p.FeeRefunded == sent {
				t.Errorf("sent %v, and it is %q with fee_refunded %v; the rivals got %v", sent, p.Status, p.FeeRefunded, errs)
			}
		}
	}
}

// Equal requests under one key make one payout and one charge.
func TestRequestsRace(t *testing.T) {
	for name, repository := range map[string]store.Repository[payout.Payout]{"memory": memory.New(payout.Schema), "sqlite": inFile(t, 1)[0]} {
		h, made := newHost(t, repository), [rivals]payout.Payout{}
		for _, err := range atOnce(func(i int) (err error) {
			made[i], err = h.Request(ctx, requester, order(), "key")
			return err
		}) {
			if err != nil {
				t.Errorf("%s: an equal request got %v", name, err)
			}
		}
		for _, p := range made {
			if p.ID != made[0].ID {
				t.Fatalf("%s: payouts %s and %s", name, p.ID, made[0].ID)
			}
		}
		if postings := h.trail(made[0].ID).Postings; len(postings) != 1 || postings[0].Kind != refund.Charge {
			t.Errorf("%s: postings %v, want one charge", name, postings)
		}
	}
}
