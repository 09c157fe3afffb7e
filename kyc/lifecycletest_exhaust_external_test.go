package kyc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
)

// The effects that show on the record itself, or in what was written of it.
const (
	startDeadline, recordDecision           = "start_deadline", "record_decision"
	oweTermination, endTermination, giveWay = "owe_termination", "end_termination", "give_way"
)

type outcome = lifecycle.Outcome[kyc.Status, kyc.Event]

// driven is one validation, in a host of its own.
type driven struct {
	host *kyctest.Host
	kyc.Validation
	entity    kyc.NewValidation
	byReading bool // what the provider says comes by a reading, and not as a webhook
	before    sight
}

// sight is what effects show on.
type sight struct {
	deadline time.Time
	byHand   bool
	ends     bool // the session at the provider is over, or that is owed
	owed     bool
	newer    uuid.UUID
	entries  int
}

// service lets a service be driven through the table.
func service(t testing.TB, byReading bool) lifecycletest.Subject[kyc.Status, kyc.Event, driven] {
	give := func(d *driven, c outcome) (lifecycletest.Answer[kyc.Status], error) {
		if d.host == nil {
			*d = driven{host: newHost(t, nil), byReading: byReading}
			d.entity = kyc.NewValidation{EntityID: kyctestID(7), Provider: kyctest.Code, IdempotencyKey: "one"}
		}
		return d.give(c)
	}
	return lifecycletest.Subject[kyc.Status, kyc.Event, driven]{
		// The charge is made once, whatever comes, and has tests of its own.
		Effects: []string{startDeadline, recordDecision, oweTermination, endTermination, giveWay},
		Give:    give,
		Bring: func(d *driven, c outcome) error {
			to := c.From
			if c.Why == "protected" { // by way of a decision by hand
				to = kyc.InReview
			}
			for _, step := range lifecycletest.Path(kyc.Machine, to) {
				if _, err := give(d, step); err != nil {
					return err
				}
			}
			if to == c.From {
				return nil
			}
			_, err := give(d, outcome{Event: map[kyc.Status]kyc.Event{kyc.Approved: kyc.Approve, kyc.Rejected: kyc.Reject}[c.From]})
			return err
		},
		Impossible: func(c outcome) string {
			switch {
			case c.Why == "protected" && c.From != kyc.Approved && c.From != kyc.Rejected:
				return "a decision by hand leads to approved, rejected or cancelled, which has no rows"
			case c.Why == "older" && c.From == kyc.Pending:
				return "while it is pending the provider has not said a word yet that another could be older than"
			}
			return ""
		},
	}
}

// give lets one thing happen to the validation and tells what became of it.
func (d *driven) give(c outcome) (got lifecycletest.Answer[kyc.Status], err error) {
	h := d.host
	h.Clock.Advance(time.Second)
	switch c.Event {
	case kyc.Create:
		n := d.entity
		if c.From != "" { // the only way to name one that is there: its idempotency key
			n.Metadata = map[string]json.RawMessage{"other": []byte("1")}
		}
		var v kyc.Validation
		if v, err = h.Service.Create(ctx, h.Person, n); err == nil {
			d.Validation = v
		}
	case kyc.Approve, kyc.Reject, kyc.Cancel:
		switch {
		case c.Why == "not_freshly_synced": // the reading differs, and is too old to move anything
			h.Provider.SayReading(d.ValidationSessionID, kyc.Reading{Status: kyc.ProviderInProgress, ChangedAt: d.CreatedAt})
		case c.From == kyc.InReview:
			h.Provider.Say(d.ValidationSessionID, kyc.ProviderInReview)
		}
		h.Provider.Down(c.Event == kyc.Cancel) // so that the end of the session is owed
		_, err = map[kyc.Event]verb{kyc.Approve: h.Approve, kyc.Reject: h.Reject, kyc.Cancel: h.Cancel}[c.Event](ctx, h.Person, d.ID, "because of it")
		h.Provider.Down(false)
	case kyc.Supersede, kyc.Terminate, kyc.TerminateFoundGone:
		err = d.note(c)
	case kyc.DeadlinePassed:
		if c.Why != "not_due" {
			h.Clock.Advance(8 * 24 * time.Hour)
		}
		h.Provider.Down(true) // or the sweep would end sessions too
		_, err = h.Sweep(ctx)
		h.Provider.Down(false)
	default:
		got, err = d.hear(c)
	}
	return d.stands(got, c, err)
}

// note makes happen what leads to a note. Nobody can wish for one: where it may not be made,
// it is wished for all the same, and refused.
func (d *driven) note(c outcome) (err error) {
	h := d.host
	if c.Event == kyc.Supersede && c.Why == "" {
		return second(h.Service.Create(ctx, h.Person, kyc.NewValidation{EntityID: d.entity.EntityID, Provider: kyctest.Code}))
	}
	if c.Why == "" || c.Why == "not_owed" {
		h.Clock.Advance(time.Hour) // past every pause
		if c.Event == kyc.TerminateFoundGone {
			err = second(h.Provider.Terminate(ctx, d.ValidationSessionID))
		}
		if err == nil {
			err = second(h.Sweep(ctx))
		}
	}
	if err == nil && c.Why == "not_owed" { // by now
		d.before = d.look()
		err = second(h.Sweep(ctx))
	}
	if err == nil && c.Why != "" {
		err = second(h.Do(ctx, h.Person, d.ID, c.Event, "because of it"))
	}
	return err
}

// hear brings a word of the provider, as a webhook or as what a reading finds.
func (d *driven) hear(c outcome) (got lifecycletest.Answer[kyc.Status], err error) {
	h, word := d.host, kyc.Word{At: d.host.Clock.Now()}
	for _, said := range order {
		if event, _ := said.Event(); event == c.Event {
			word.Status = said
		}
	}
	if c.Why == "older" {
		word.At = d.CreatedAt.Add(-time.Second)
	}
	h.Provider.SayReading(d.ValidationSessionID, kyc.Reading{Status: word.Status, ChangedAt: word.At})
	if d.byReading && c.From != "" {
		_, err = h.Sync(ctx, h.Person, d.ID, true)
		return got, err
	}
	decision, err := h.Observe(ctx, kyc.ProviderReport{Source: kyctest.Code, EventID: fmt.Sprint(word), Session: d.ValidationSessionID + d.unknown(),
		Status: word.Status, OccurredAt: word.At})
	got.Verdict, got.Why = decision.Verdict, decision.Why
	return got, err
}

// unknown makes the session of no record one that nobody has.
func (d *driven) unknown() string {
	return map[bool]string{true: "nobody's"}[d.ValidationSessionID == ""]
}

// look is what can be seen of the validation now.
func (d *driven) look() sight {
	r, err := d.host.Repository.Load(ctx, store.Key{Organization: kyctest.Organization, ID: d.ID})
	if err != nil {
		return sight{}
	}
	return sight{
		deadline: r.Value.ExpiresAt, byHand: r.Value.DecidedByHand, owed: !r.Value.TerminationOwed.IsZero(), newer: r.Value.SupersededBy,
		ends: !r.Value.TerminationOwed.IsZero() || d.host.Provider.Terminated(d.ValidationSessionID), entries: int(r.Head.Seq),
	}
}

// stands adds where the validation stands now, and what its last entry says. Of what is not
// there, of a key that was used for another input, and of what nobody may wish for, the
// service says so in words of its own.
func (d *driven) stands(got lifecycletest.Answer[kyc.Status], c outcome, err error) (lifecycletest.Answer[kyc.Status], error) {
	r, loadErr := d.host.Repository.Load(ctx, store.Key{Organization: kyctest.Organization, ID: d.ID})
	if errors.Is(loadErr, store.ErrNotFound) {
		loadErr = nil
	}
	if loadErr != nil {
		return got, loadErr
	}
	got.State = r.Value.Status
	before, now := d.before, d.look()
	d.before = now
	for _, effect := range []struct {
		name  string
		shows bool
	}{
		{startDeadline, !now.deadline.IsZero() && !now.deadline.Equal(before.deadline)},
		{recordDecision, now.byHand && !before.byHand},
		{oweTermination, now.ends && !before.ends},
		{endTermination, before.owed && !now.owed},
		{giveWay, now.newer != before.newer},
	} {
		if effect.shows {
			got.Does = append(got.Does, effect.name)
		}
	}
	if got.Verdict == "" && err == nil && r.Version > 0 {
		got.Verdict, loadErr = d.told(before.entries)
	}
	if errors.Is(err, store.ErrNotFound) && r.Version == 0 || errors.Is(err, product.ErrKeyReused) || errors.Is(err, product.ErrForbidden) {
		got.Verdict, err = lifecycle.Refuse, nil
		if kyc.Machine.Kind(c.Event) == lifecycle.Report {
			got.Verdict = lifecycle.Ignore // the provider may try again; nothing has changed
		}
	}
	return got, errors.Join(err, loadErr)
}

// told is the verdict of what was written since; "": nothing was.
func (d *driven) told(since int) (lifecycle.Verdict, error) {
	h, err := d.host.Repository.History(ctx, store.Key{Organization: kyctest.Organization, ID: d.ID}, uint64(since), 0)
	switch {
	case err != nil || len(h.Entries) == 0:
		return "", err
	case len(h.Entries) > 1:
		return "", fmt.Errorf("one event has written %d entries", len(h.Entries))
	case h.Entries[0].Verdict == audit.Moved:
		return lifecycle.Move, nil
	case h.Entries[0].Verdict == audit.Ignored:
		return lifecycle.Ignore, nil
	}
	return lifecycle.Note, nil
}

func TestTheServiceKeepsToEveryCase(t *testing.T) {
	for name, byReading := range map[string]bool{"webhooks": false, "readings": true} {
		t.Run(name, func(t *testing.T) { lifecycletest.Exhaust(t, kyc.Machine, service(t, byReading)) })
	}
}

// One that approves without a reading of the provider is found out, and named.
func TestAServiceThatSkipsARuleIsFoundOut(t *testing.T) {
	s := service(t, false)
	honest := s.Give
	s.Give = func(d *driven, c outcome) (lifecycletest.Answer[kyc.Status], error) {
		if c.Why == "not_freshly_synced" && c.Event == kyc.Approve {
			c.Why = ""
		}
		return honest(d, c)
	}
	got := lifecycletest.Failures(func(t lifecycletest.TB) { lifecycletest.Exhaust(t, kyc.Machine, s) })
	want := `[approve in "in_review", if not_freshly_synced says no: refuse; the service says move; it stands in "approved" and not in "in_review"; the effect record_decision came about]`
	if fmt.Sprint(got) != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// once leaves out of a walk what the table allows again and the record's past does not: it
// is superseded once, and its session ends once. A note leaves the status as it is, so the
// rest is still a walk.
func once(w lifecycletest.Walk[kyc.Status, kyc.Event]) lifecycletest.Walk[kyc.Status, kyc.Event] {
	duty := map[kyc.Event]string{kyc.Supersede: giveWay, kyc.Terminate: endTermination, kyc.TerminateFoundGone: endTermination}
	done := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(w), func(c outcome) bool {
		what := duty[c.Event]
		again := c.Verdict == lifecycle.Note && done[what]
		done[what] = what != "" && (done[what] || c.Verdict == lifecycle.Note || c.Why == "not_owed")
		return again
	})
}

// Every walk of the table can be walked with the service; after a decision by hand there
// is nothing more to walk.
func TestTheServiceFollowsTheTable(t *testing.T) {
	for _, w := range lifecycletest.CellTour(kyc.Machine, kyc.Approve, kyc.Reject, kyc.Supersede, kyc.Terminate, kyc.TerminateFoundGone) {
		lifecycletest.Follow(t, service(t, false), w)
	}
	if t.Failed() {
		return
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := service(t, rapid.Bool().Draw(rt, "by readings"))
		impossible := s.Impossible
		s.Impossible = func(c outcome) string {
			if c.Why == "older" || c.Why == "protected" {
				return "whether it can be depends on more than the status"
			}
			return impossible(c)
		}
		lifecycletest.Follow(rt, s, once(lifecycletest.Legal(kyc.Machine, kyc.Approve, kyc.Reject).Draw(rt, "legal")))
		lifecycletest.Follow(rt, s, once(lifecycletest.Illegal(kyc.Machine, kyc.Approve, kyc.Reject).Draw(rt, "illegal")))
	})
}

// A tour is short: pending has 8 moves out and no way in but birth, so that 60 cells take 8
// walks and 67 steps at least.
func TestATourIsShort(t *testing.T) {
	for _, row := range []struct {
		name         string
		last         []kyc.Event
		walks, steps int
		why          string
	}{
		{"all rows", nil, 8, 70, "rules left aside, decisions by hand can be undone"},
		{"decisions stand", []kyc.Event{kyc.Approve, kyc.Reject}, 8, 70, "they end walks that would have ended anyway"},
	} {
		t.Run(row.name, func(t *testing.T) {
			tour, steps := lifecycletest.CellTour(kyc.Machine, row.last...), 0
			for _, w := range tour {
				steps += len(w)
			}
			if len(tour) != row.walks || steps != row.steps {
				t.Errorf("%d walks of %d steps, want %d of %d: %s", len(tour), steps, row.walks, row.steps, row.why)
			}
		})
	}
}
