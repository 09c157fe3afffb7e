package idpass_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store"
)

// came is one input of one decision, for the rules that judge it.
type came struct {
	in      idpass.Input
	verdict lifecycle.Verdict
	err     error
}

// decider is idpass.Decide, or a faulty one that a test puts in its place.
type decider func(store.Record[idpass.Pass], idpass.Input) (idpass.Decision, error)

// table is the specification's table once more, in plain words: where what leads.
var leads = map[idpass.Event]map[idpass.Status]idpass.Status{
	idpass.Open:          {idpass.New: idpass.Opened},
	idpass.Consent:       {idpass.New: idpass.InProgress, idpass.Opened: idpass.InProgress},
	idpass.CompleteCheck: {idpass.New: idpass.Complete, idpass.Opened: idpass.Complete, idpass.InProgress: idpass.Complete},
	idpass.Fail:          {idpass.New: idpass.Failed, idpass.Opened: idpass.Failed, idpass.InProgress: idpass.Failed},
	idpass.Expire:        {idpass.New: idpass.Expired, idpass.Opened: idpass.Expired, idpass.InProgress: idpass.Expired},
	idpass.Cancel:        {idpass.New: idpass.Cancelled, idpass.Opened: idpass.Cancelled, idpass.InProgress: idpass.Cancelled},
}

// inputs lists all that can be decided of a pass, by an event's words.
func (s *stage) inputs() (list []struct {
	event string
	idpass.Input
}) {
	put := func(event string, at time.Time, kind string, in idpass.Input) {
		in.Call = audit.Call{ID: dated(at, 1), Salt: dated(at, 2), At: at, Actor: idpass.Actor{Organization: idpasstest.Organization, Kind: kind, ID: "actor_a"}}
		list = append(list, struct {
			event string
			idpass.Input
		}{event, in})
	}
	times := map[string]time.Time{"": s.next()}
	if ends := s.lives[0].Value.ExpiresAt; open[s.lives[0].Value.Status] && ends.After(s.next()) {
		times[" on the instant of the deadline"], times[" after the deadline"] = ends, ends.Add(time.Microsecond)
	}
	for _, suffix := range slices.Sorted(maps.Keys(times)) {
		at := times[suffix]
		put("register"+suffix, at, audit.Person, idpass.Input{Event: idpass.Register})
		put("cancel"+suffix, at, audit.Person, idpass.Input{Event: idpass.Cancel})
		put("cancel for a newer one"+suffix, at, audit.Person, idpass.Input{Event: idpass.Cancel, Newer: dated(at, 3)})
		put("expire by the clock"+suffix, at, audit.Clock, idpass.Input{Event: idpass.Expire, OccurredAt: s.lives[0].Value.ExpiresAt})
		for _, e := range reportEvents {
			in := idpass.Input{Event: e, OccurredAt: at.Add(-time.Second)}
			if e == idpass.CompleteCheck {
				in.Outcome = idpass.CheckFailed
				put("complete, not passed"+suffix, at, audit.Provider, in)
				in.Outcome = idpass.Passed
			}
			put(string(e)+suffix, at, audit.Provider, in)
			in.OccurredAt, in.Source, in.Receipts = time.Time{}, "actor_a/event", map[string]string{"event " + at.String(): string(e)}
			put(string(e)+" with an event id"+suffix, at, audit.Provider, in)
		}
	}
	return list
}

func (s *stage) decided(decide decider, event string, in idpass.Input) lifecycletest.Step[*stage] {
	l := s.lives[0]
	d, err := decide(l.Asked(slices.Collect(maps.Keys(in.Receipts))...), in)
	to := s.then(in.Call.At, l)
	to.came = &came{in, d.Verdict, err}
	if errors.Is(err, lifecycle.ErrNotAllowed) {
		to.came.verdict = lifecycle.Refuse
	}
	step := lifecycletest.Step[*stage]{Event: event, Verdict: strings.TrimSpace(string(to.came.verdict) + " " + d.Why), To: to}
	for _, c := range d.Changes {
		to.lives = []*life{l.Take(c)}
	}
	if len(d.Changes) > 1 {
		step.Err = fmt.Errorf("%d changes of one record", len(d.Changes))
	}
	return step
}

// input makes a rule about one decision one about a step.
func input(rule func(before, after *life, c *came) error) func(from, to *stage) error {
	return func(from, to *stage) error {
		if to.came == nil {
			return nil
		}
		return rule(from.lives[0], to.lives[0], to.came)
	}
}

func inputLaws(decide decider) []law {
	return []law{
		{Name: "every input has the verdict of the table", Why: "spec 2.1, after a deadline that lies in the past", Edge: input(func(before, after *life, c *came) error {
			from, want := before.Value.Status, lifecycle.Move
			itself := c.in.Event == idpass.Expire && c.in.Call.Actor.Kind == audit.Clock
			if late(before, c.in.Call.At) && !itself {
				from = idpass.Expired
			}
			to, row := leads[c.in.Event][from]
			switch {
			case !row && (c.in.Event == idpass.Cancel || c.in.Event == idpass.Register):
				to, want = before.Value.Status, lifecycle.Refuse // which leaves the deadline to the sweep
			case !row:
				to, want = from, lifecycle.Ignore
			}
			return wrong(c.verdict != want || after.Value.Status != to, "it should be %s, to %s", want, to)
		})},
		{Name: "a refused command writes nothing", Why: "spec 1.2", Edge: input(func(before, after *life, c *came) error {
			return wrong(c.err != nil && before != after, "it wrote version %d", after.Version)
		})},
		{Name: "what came is told", Why: "spec 4: one entry says what came, when it occurred, and by whom", Edge: input(func(before, after *life, c *came) error {
			if c.err != nil {
				return nil
			}
			e, occurred := after.Change.Entries[len(after.Change.Entries)-1], c.in.OccurredAt
			if occurred.IsZero() {
				occurred = c.in.Call.At
			}
			return wrong(e.Event != string(c.in.Event) || !e.OccurredAt.Equal(occurred) || !e.RecordedAt.Equal(c.in.Call.At) || e.Actor != c.in.Call.Actor || e.Source != c.in.Source ||
				(e.Verdict == audit.Ignored) != (c.verdict == lifecycle.Ignore) || after.Value.SupersededBy != c.in.Newer && c.in.Event == idpass.Cancel, "the entry is %+v", e)
		})},
		{Name: "the same once more moves nothing", Why: "spec 1.2 and 2.2: a crash between commit and answer costs nothing", Edge: input(func(_, after *life, c *came) error {
			d, err := decide(after.Asked(slices.Collect(maps.Keys(c.in.Receipts))...), c.in)
			money := err == nil && len(d.Changes) > 0 && len(d.Changes[0].Postings) > 0
			moved := err == nil && d.Value.Status != after.Value.Status
			return wrong(money || moved || c.in.Receipts != nil && d.Verdict != lifecycle.Duplicate, "it is %s then, and leaves %s", d.Verdict, d.Value.Status)
		})},
		{Name: "received before is a duplicate", Why: "spec 1.2: nothing happens, not even a deadline", State: func(s *stage) error {
			in := idpass.Input{Event: idpass.Fail, Call: audit.Call{At: s.next()}}
			for l := s.lives[0]; l != nil; l = l.Before {
				for key := range l.Change.Receipts {
					in.Receipts = map[string]string{key: ""}
					if d, err := decide(s.lives[0].Asked(key), in); err != nil || d.Verdict != lifecycle.Duplicate || len(d.Changes) > 0 {
						return fmt.Errorf("%s: the verdict is %s, error %v, and should be duplicate", key, d.Verdict, err)
					}
				}
			}
			return nil
		}},
	}
}

// decisions is the space of all decisions about one pass, of each fee.
func decisions(decide decider) lifecycletest.Space[*stage, key] {
	return lifecycletest.Space[*stage, key]{
		Start: []*stage{newHall().registered(0, ""), newHall().registered(500, "slot_1")}, Show: (*stage).show, Bound: 1000,
		Key:        func(s *stage) key { return keyOf(s.lives[0], s.next()) },
		Invariants: slices.Concat(laws, inputLaws(decide)),
		Steps: func(s *stage) (list []lifecycletest.Step[*stage]) {
			for _, in := range s.inputs() {
				list = append(list, s.decided(decide, in.event, in.Input))
			}
			return append(list, s.passing()...)
		},
	}
}

func TestEveryDecisionThereIs(t *testing.T) {
	found, err := lifecycletest.Explore(decisions(idpass.Decide))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", found)
}

// TestPlantedFaultsAreFound searches decisions that misbehave on purpose: a search that
// finds nothing in them would prove nothing of those that do not.
func TestPlantedFaultsAreFound(t *testing.T) {
	for _, row := range []struct {
		name, why string
		decide    decider
		want      string // the whole counterexample: the shortest there is
	}{
		{"a refund past consent", "the fee stays paid once the work has begun", func(r store.Record[idpass.Pass], in idpass.Input) (idpass.Decision, error) {
			d, err := idpass.Decide(r, in)
			if in.Event == idpass.Cancel && r.Value.Status == idpass.InProgress && err == nil && r.Value.Order.Fee.Minor > 0 {
				d.Changes[0].Next.FeeRefunded = true
			}
			return d, err
		}, `the books agree (spec 2.1 and 3: charged once, at registration; refunded once, exactly by a cancel from new or opened; fee_refunded, posting and the entry's from say the same): pass 1: the postings are [charge 500 at entry 1], and should be [charge 500 at entry 1]; fee_refunded is true
   new
1. consent: move
   in_progress
2. cancel: move
   cancelled, refunded`},
		{"a cancel after the deadline", "it is final, whenever the sweep ran", func(r store.Record[idpass.Pass], in idpass.Input) (idpass.Decision, error) {
			if in.Event == idpass.Cancel && r.Value.Status == idpass.Opened {
				r.Value.ExpiresAt = in.Call.At
			}
			d, err := idpass.Decide(r, in)
			for i := range d.Changes {
				d.Changes[i].Next.ExpiresAt = r.Value.CreatedAt.AddDate(0, 0, 7)
			}
			return d, err
		}, `the deadline comes first (spec 2.1: in the same commit, by every command and report that meets it): pass 1: it became cancelled, by cancel of the person
   new, for nothing, no slot
1. open: move
   opened, for nothing, no slot
2. cancel after the deadline: move
   cancelled, for nothing, no slot`},
	} {
		t.Run(row.name, func(t *testing.T) {
			found, err := lifecycletest.Explore(decisions(row.decide))
			var c *lifecycletest.Counterexample
			if !errors.As(err, &c) || c.Error() != row.want {
				t.Errorf("%s: of %+v\n%v", row.why, found, err)
			}
		})
	}
}

// dated is an id that no other time and place in a search has.
func dated(now time.Time, n byte) uuid.UUID {
	id, at := uuid.UUID{6: 0x80, 8: 0x80, 15: n}, now.UnixMicro()
	for i := range 6 {
		id[i] = byte(at >> (8 * i))
	}
	return id
}
