package kyc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store"
)

// circumstances are stages in which a provider's words may arrive.
func circumstances(h *hall) map[string]*stage {
	from := func(s *stage, steps ...func(v kyc.Validation) error) *stage {
		for _, step := range steps {
			h.begin(s)
			must(0, step(s.lives[0].Value))
			s = h.end(s)
		}
		return s
	}
	says := func(status kyc.ProviderStatus) func(kyc.Validation) error {
		return func(v kyc.Validation) error {
			h.reading = kyc.Reading{Status: status, ChangedAt: h.now}
			return second(h.Sync(ctx, someone, v.ID, true))
		}
	}
	approve := func(v kyc.Validation) error {
		h.reading = kyc.Reading{Status: kyc.ProviderInReview, ChangedAt: h.now}
		return second(h.Approve(ctx, someone, v.ID, "because of it"))
	}
	begin := h.pending()
	overdue := from(begin, says(kyc.ProviderInProgress)).passing()[0].To
	newer := from(begin, says(kyc.ProviderInReview), func(kyc.Validation) error { return second(h.createSecond()) })
	newer.lives = newer.lives[:1]
	return map[string]*stage{
		"pending":             begin,
		"charged before":      from(begin, says(kyc.ProviderApproved), says(kyc.ProviderInProgress)),
		"approved by hand":    from(begin, approve),
		"cancelled":           from(begin, func(v kyc.Validation) error { return second(h.Cancel(ctx, someone, v.ID, "because of it")) }),
		"abandoned, by clock": from(overdue, func(kyc.Validation) error { return second(h.Sweep(ctx)) }),
		"superseded":          newer,
	}
}

// history is what a provider said, and in which circumstances it arrives: every word once
// in it, each with its time and rank, in no order.
type history struct {
	of    string
	start *stage
	words []kyc.Word
}

// arrival is a stage on the way through a history: a bit for each word that has arrived.
type arrival struct {
	*history
	*stage
	arrived int
}

type arrivalKey struct {
	*history
	arrived int
	key
}

// ends is where a history must end, whatever the order of its arrival, in plain words.
func (a *arrival) ends() error {
	was, is := &a.start.lives[0].Value, &a.lives[0].Value
	newest := slices.MaxFunc(a.words, func(x, y kyc.Word) int {
		if c := x.At.Compare(y.At); c != 0 {
			return c
		}
		return rank(x.Status) - rank(y.Status)
	})
	status, byHand := kyc.Status(newest.Status), was.DecidedByHand
	if byHand || newest.Status == kyc.ProviderNotStarted {
		status = was.Status
	}
	current := alive[status] && !wasSuperseded(a.lives[0])
	decision := status == kyc.Approved || status == kyc.Rejected
	charges := len(a.lives[0].History().Postings)
	return wrong(is.Status != status || is.DecidedByHand != byHand || is.IsCurrent != current || decision && charges != 1 || charges > 1,
		"%s: it ends in %s, current %t, with %d charges, and should in %s, current %t", a.of, is.Status, is.IsCurrent, charges, status, current)
}

// shuffled is the space of all orders in which histories can arrive, with repeats of every
// word at any time: as a webhook, and as a reading that finds the status.
func shuffled(decide decider, histories []*history) lifecycletest.Space[*arrival, arrivalKey] {
	space := lifecycletest.Space[*arrival, arrivalKey]{
		Bound: 100_000, Show: func(a *arrival) string { return a.show() },
		Key: func(a *arrival) arrivalKey {
			k := keyOf(a.lives[0], a.next())
			k.overdue, k.lastToCreation, k.readingToLast = false, 1, 1 // no command, no timeless reading comes
			return arrivalKey{a.history, a.arrived, k}
		},
		Steps: func(a *arrival) (list []lifecycletest.Step[*arrival]) {
			for i, w := range a.words {
				in := kyc.Input{Word: w, Receipts: receipts(w), Source: "scripted/event"}
				in.Event, _ = w.Status.Event()
				in.Call.At, in.Call.Actor = a.next(), outside
				step := a.decided(decide, trial{fmt.Sprintf("%s of minute %d", w.Status, w.At.Minute()), in, newest})
				list = append(list, lifecycletest.Step[*arrival]{Event: step.Event, Verdict: step.Verdict, Err: step.Err, To: &arrival{a.history, step.To, a.arrived | 1<<i}})
			}
			return list
		},
		Invariants: []lifecycletest.Invariant[*arrival]{
			{Name: "every order of arrival ends alike", Why: "spec 1.3: in the status, decision and flag of the newest word; and where that is a decision, charged once", State: func(a *arrival) error {
				if a.arrived != 1<<len(a.words)-1 {
					return nil
				}
				return a.ends()
			}},
			{Name: "an overtaken decision is charged at most once", Why: "spec 1.3 and 1.4: whether it is charged at all may differ", Edge: func(_, to *arrival) error { return chargedOnce(to.lives[0]) }},
		},
	}
	for _, h := range histories {
		space.Start = append(space.Start, &arrival{history: h, stage: h.start})
	}
	return space
}

// histories lists all there can be of some length, for each circumstance: distinct words,
// at instants that are all taken, so that none is another one's in other times.
func histories(length int) (list []*history) {
	var words []kyc.Word
	h := newHall()
	starts := circumstances(h)
	var grow func(from int)
	grow = func(from int) {
		taken := map[int]bool{}
		for _, w := range words {
			taken[w.At.Minute()] = true
		}
		if n := len(taken); n > 0 && taken[0] && taken[n-1] {
			for name, start := range starts {
				list = append(list, &history{name, start, after(start, words)})
			}
		}
		for i := from; i < length*6 && len(words) < length; i++ {
			words = append(words, kyc.Word{Status: order[1+i%6], At: time.Time{}.Add(time.Duration(i/6) * time.Minute)})
			grow(i + 1)
			words = words[:len(words)-1]
		}
	}
	grow(0)
	slices.SortStableFunc(list, func(a, b *history) int { return strings.Compare(a.of, b.of) })
	return list
}

// after gives the words times after everything that was heard before.
func after(s *stage, words []kyc.Word) (list []kyc.Word) {
	for _, w := range words {
		hour := s.now.Truncate(time.Hour).Add(time.Hour)
		list = append(list, kyc.Word{Status: w.Status, At: hour.Add(time.Duration(w.At.Minute()) * time.Minute)})
	}
	return list
}

func TestEveryOrderOfEveryShortHistoryEndsAlike(t *testing.T) {
	all := histories(3)
	found, err := lifecycletest.Explore(shuffled(kyc.Decide, all))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d histories: %+v", len(all), found)
}

// TestAnOrderThatMattersIsFound has decisions forget the rank of two words of one instant.
func TestAnOrderThatMattersIsFound(t *testing.T) {
	_, err := lifecycletest.Explore(shuffled(func(r store.Record[kyc.Validation], in kyc.Input, s kyc.Settings) (kyc.Decision, error) {
		if in.Word.At.Equal(r.Value.LastWord.At) {
			r.Value.LastWord.Status = kyc.ProviderNotStarted
		}
		return kyc.Decide(r, in, s)
	}, histories(2)))
	const want = `every order of arrival ends alike (spec 1.3: in the status, decision and flag of the newest word; and where that is a decision, charged once): abandoned, by clock: it ends in in_progress, current true, with 0 charges, and should in in_review, current true
   abandoned, last word in_progress
1. in_review of minute 0: move
   in_review, current
2. in_progress of minute 0: move
   in_progress, current, deadline ahead`
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// TestLongHistoriesEndAlike draws longer ones, and has the service hear them: as webhooks,
// repeated with their event id or with another one, and as readings in between.
func TestLongHistoriesEndAlike(t *testing.T) {
	h := newHall()
	starts := circumstances(h)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"pending", "charged before", "approved by hand", "cancelled", "abandoned, by clock", "superseded"}).Draw(rt, "in")
		start := starts[name]
		words := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) kyc.Word {
			return kyc.Word{Status: rapid.SampledFrom(order).Draw(t, "status"), At: time.Time{}.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "minute")) * time.Minute)}
		}), 1, 12, rapid.ID[kyc.Word]).Draw(rt, "words")
		a := &arrival{history: &history{name, start, after(start, words)}, stage: start}
		came := slices.Clone(a.words)
		for range rapid.IntRange(0, 6).Draw(rt, "repeats") {
			came = append(came, rapid.SampledFrom(a.words).Draw(rt, "again"))
		}
		for i, w := range rapid.Permutation(came).Draw(rt, "arrival") {
			a.stage = h.hear(a.stage, w, i, rapid.IntRange(0, 2).Draw(rt, "by"))
		}
		if err := a.newestMoving().ends(); err != nil {
			rt.Fatal(err)
		}
	})
}

// newestMoving leaves out what never moves anything, unless there is nothing else.
func (a *arrival) newestMoving() *arrival {
	moving := slices.DeleteFunc(slices.Clone(a.words), func(w kyc.Word) bool { return w.Status == kyc.ProviderNotStarted })
	if len(moving) > 0 {
		return &arrival{history: &history{a.of, a.start, moving}, stage: a.stage}
	}
	return a
}

// hear lets a word arrive: as a webhook whose event id is the word's, as one with another,
// or as a reading.
func (h *hall) hear(s *stage, w kyc.Word, n, by int) *stage {
	v := &s.lives[0].Value
	h.begin(s)
	if h.now.Before(w.At) {
		h.now = w.At.Add(time.Minute)
	}
	h.reading = kyc.Reading{Status: w.Status, ChangedAt: w.At}
	report := kyc.ProviderReport{Source: kyctest.Code, EventID: fmt.Sprint(w), Session: v.ValidationSessionID, Status: w.Status, OccurredAt: w.At}
	if by == 1 {
		report.EventID += fmt.Sprint(" again ", n)
	}
	if by == 2 {
		must(h.Sync(ctx, someone, v.ID, true))
	} else {
		must(h.Observe(ctx, report))
	}
	return s.then(h.now, h.shelf.Lives[:1]...)
}
