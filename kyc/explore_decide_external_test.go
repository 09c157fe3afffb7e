package kyc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store"
)

// decider is kyc.Decide, or a faulty one that a test puts in its place.
type decider func(store.Record[kyc.Validation], kyc.Input, kyc.Settings) (kyc.Decision, error)

// trial is one input that comes on a stage.
type trial struct {
	event string
	in    kyc.Input
	when  instant
}

// trials lists all that can be decided of the first validation of a stage.
func (s *stage) trials() (list []trial) {
	l, now := s.lives[0], s.next()
	put := func(event string, when instant, in kyc.Input) {
		if in.Call.At.IsZero() {
			in.Call.At = now
		}
		in.Call.ID, in.Call.Salt = dated(in.Call.At, 1), dated(in.Call.At, 2)
		list = append(list, trial{event, in, when})
	}
	said := func(event string, when instant, in kyc.Input) {
		in.Event, _ = in.Word.Status.Event()
		in.Call.Actor = outside
		in.Evidence = &kyc.Evidence{ExtractedData: json.RawMessage(fmt.Sprint(l.Version + 1))}
		put(event+" "+string(in.Word.Status)+", "+string(when), when, in)
	}
	for _, when := range instants {
		at, ok := timeOf(l, when, now)
		for _, status := range order {
			if word := (kyc.Word{Status: status, At: at}); ok {
				said("webhook", when, kyc.Input{Word: word, Source: "scripted/event", Receipts: receipts(word)})
				said("reading", when, kyc.Input{Word: word, ReadAt: now, Receipts: receipts(word)})
				if before := l.Value.LastReading.Add(-lag); !l.Value.LastReading.IsZero() {
					said("slow reading", when, kyc.Input{Word: word, ReadAt: before, Receipts: receipts(word)})
				}
			}
		}
	}
	for _, status := range order {
		word := kyc.Word{Status: status, At: now}
		said("timeless reading", newest, kyc.Input{Word: word, Timeless: true, ReadAt: now, Receipts: receipts(word)})
		if before := l.Value.LastReading.Add(-lag); !l.Value.LastReading.IsZero() {
			word.At = before
			said("slow timeless reading", older, kyc.Input{Word: word, Timeless: true, ReadAt: before, Receipts: receipts(word)})
		}
	}
	s.wishes(put)
	return list
}

// lag is how long before the last reading a slow one was begun.
const lag = time.Second

// receipts are those of a word that comes by itself.
func receipts(w kyc.Word) map[string]string {
	return map[string]string{"word " + string(w.Status) + " " + w.At.Format(time.RFC3339Nano): ""}
}

// wishes are the commands, and the clock's word, each in time, on the instant of the
// deadline and after it.
func (s *stage) wishes(put func(string, instant, kyc.Input)) {
	times := map[string]time.Time{"": s.next()}
	if ends := s.lives[0].Value.ExpiresAt; ends.After(s.next()) {
		times[" on the instant of the deadline"], times[" after the deadline"] = ends, ends.Add(time.Microsecond)
	}
	for _, suffix := range []string{"", " on the instant of the deadline", " after the deadline"} {
		at, ok := times[suffix]
		if !ok {
			continue
		}
		for _, reading := range []kyc.ProviderStatus{kyc.ProviderInReview, "", kyc.ProviderApproved} {
			for _, on := range []kyc.Event{kyc.Approve, kyc.Reject} {
				in := kyc.Input{Event: on, Reason: "because of it", Reading: reading}
				in.Call.At, in.Call.Actor = at, someone
				put(fmt.Sprintf("%s on a reading %q%s", on, reading, suffix), "", in)
			}
		}
		cancel, clock := kyc.Input{Event: kyc.Cancel, Reason: "because of it"}, kyc.Input{Event: kyc.DeadlinePassed}
		cancel.Call.At, cancel.Call.Actor = at, someone
		clock.Call.At, clock.Call.Actor = at, alarm
		put("cancel"+suffix, "", cancel)
		put("deadline_passed"+suffix, "", clock)
	}
}

// steps is the search's: every trial, and what only the service can do.
func steps(decide decider, h *hall) func(*stage) []lifecycletest.Step[*stage] {
	return func(s *stage) (list []lifecycletest.Step[*stage]) {
		for _, t := range s.trials() {
			list = append(list, s.decided(decide, t))
		}
		l := s.lives[0]
		list = append(list, s.passing()...)
		if l.Value.SupersededBy == uuid.Nil {
			h.begin(s)
			_, err := h.createSecond()
			to := h.end(s)
			to.lives = to.lives[:1] // what becomes of the newer one is another search's
			list = append(list, lifecycletest.Step[*stage]{Event: "a newer validation is created", Err: err, To: to})
		}
		for _, w := range []weather{{}, {down: true}, {gone: true}} {
			if l.Value.TerminationOwed.IsZero() {
				break
			}
			h.begin(s)
			h.down, h.gone = w.down, w.gone
			done, err := h.Sweep(ctx)
			list = append(list, lifecycletest.Step[*stage]{Event: "sweep" + w.String(), Verdict: fmt.Sprint(done), Err: err, To: h.end(s)})
		}
		return list
	}
}

// decided is the step that one trial makes.
func (s *stage) decided(decide decider, t trial) lifecycletest.Step[*stage] {
	l, keys := s.lives[0], make([]string, 0, 1)
	for key := range t.in.Receipts {
		keys = append(keys, key)
	}
	d, err := decide(l.Asked(keys...), t.in, kyc.DefaultSettings())
	to := s.then(t.in.Call.At, l)
	to.came = came{in: &t.in, when: t.when, verdict: d.Verdict, why: d.Why, err: err}
	verdict := strings.TrimSpace(string(d.Verdict) + " " + d.Why)
	switch {
	case errors.Is(err, lifecycle.ErrNotAllowed):
		verdict, to.came.verdict = string(lifecycle.Refuse), lifecycle.Refuse
	case err != nil:
		verdict = err.Error()
	}
	if len(d.Changes) > 1 {
		err = fmt.Errorf("%d changes of one record", len(d.Changes))
		return lifecycletest.Step[*stage]{Event: t.event, Verdict: verdict, To: to, Err: err}
	}
	for _, c := range d.Changes {
		to.lives = []*life{l.Take(c)}
		if beside := written.see(kyc.Machine, c); beside != nil {
			return lifecycletest.Step[*stage]{Event: t.event, Verdict: verdict, To: to, Err: beside}
		}
	}
	heard := t.in.Word.Status != "" && t.in.Word.Status != kyc.ProviderNotStarted && l.Value.Status != kyc.Cancelled && err == nil
	if newer, _, _ := hears(l, &t.in, t.when); heard && newer && d.Verdict != lifecycle.Duplicate {
		to.newest = t.in.Word
		if to.newest.At.Before(l.Value.CreatedAt.Add(-kyc.DefaultSettings().ClockSkew)) {
			to.newest.At = l.Value.CreatedAt
		}
	}
	return lifecycletest.Step[*stage]{Event: t.event, Verdict: verdict, To: to}
}

// decisions is the space of all decisions about one validation.
func decisions(decide decider) lifecycletest.Space[*stage, key] {
	h := newHall()
	return lifecycletest.Space[*stage, key]{
		Start: []*stage{h.pending()}, Steps: steps(decide, h), Show: (*stage).show, Bound: 20_000,
		Key:        func(s *stage) key { return keyOf(s.lives[0], s.next()) },
		Invariants: slices.Concat(laws, inputLaws, repeats(decide)),
	}
}

func TestEveryDecisionThereIs(t *testing.T) {
	found, err := lifecycletest.Explore(decisions(kyc.Decide))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", found)
}
