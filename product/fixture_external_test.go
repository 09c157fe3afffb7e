package product_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// The product of these tests: a ticket for a seat, and the door at which it is shown.
type (
	status string
	event  string
)

const (
	valid status = "valid"
	used  status = "used"
	void  status = "void"

	sell    event = "sell"
	give    event = "give_back"
	replace event = "replace"
	reprint event = "reprint"
	enter   event = "enter"
	lapse   event = "lapse"
)

// facts is what the one rule looks at.
type facts struct {
	until, now time.Time
}

var tickets = lifecycle.Must(lifecycle.Definition[status, event, facts]{
	Name: "ticket", Title: "Ticket", Doc: "A ticket for a seat.",
	States: []lifecycle.State[status, event]{
		{Name: valid, Means: "sold, and not shown at the door", Deadline: lapse},
		{Name: used, Means: "shown at the door", Final: true},
		{Name: void, Means: "worth nothing any more", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[event]{
		{Name: sell, Kind: lifecycle.Command, By: in("person", "system"), Means: "sell it"},
		{Name: give, Kind: lifecycle.Command, By: in("person"), Means: "give it back"},
		{Name: replace, Kind: lifecycle.Command, By: in("person"), Means: "another takes its seat"},
		{Name: reprint, Kind: lifecycle.Command, By: in("person"), Means: "print it again"},
		{Name: enter, Kind: lifecycle.Report, By: in("provider"), Means: "it was shown at the door"},
		{Name: lapse, Kind: lifecycle.Report, By: in("clock"), Means: "the play is over"},
	},
	Rows: []lifecycle.Row[status, event, facts]{
		{On: sell, To: valid, Does: in(refund.Charged), Why: "it is paid for when it is sold"},
		{On: give, From: in(valid), To: void, Does: in(refund.Refunded), Why: "nobody sat there"},
		{On: replace, From: in(valid), To: void, Does: in(refund.Refunded), Why: "a seat is sold once"},
		{On: reprint, From: in(valid), Note: "reprinted", Why: "paper is lost"},
		{On: enter, From: in(valid, used), To: used, Why: "who went out may come in again"},
		{On: lapse, From: in(valid), To: void, If: in(over), Does: in(refund.Kept), Why: "the seat was kept free"},
	},
	Terms: []lifecycle.Term{
		{Name: refund.Charged, Means: "the price is charged"}, {Name: refund.Refunded, Means: "the price is given back"},
		{Name: refund.Kept, Means: "the price is kept"},
	},
})

var over = lifecycle.Rule[facts]{
	Name: "the play is over", Code: "not_over",
	Holds: func(f facts) bool { return f.until.Before(f.now) },
}

func in[T any](list ...T) []T { return list }

// ticket is stored as it is.
type ticket struct {
	ID           uuid.UUID `json:"id"`
	Organization string    `json:"organization"`
	Guest        string    `json:"guest"`
	Seat         string    `json:"seat"` // held while it is valid; "": standing room
	Status       status    `json:"status"`
	Prints       int       `json:"prints"`
	Sold         time.Time `json:"sold"`
	Until        time.Time `json:"until"`
}

var ticketSchema = store.Schema[ticket]{
	Kind: "ticket",
	Index: func(v ticket) store.Index {
		i := store.Index{
			Organization: v.Organization, ID: v.ID, Owner: v.Guest, Status: string(v.Status), Current: v.Status == valid, Created: v.Sold,
		}
		if v.Status == valid {
			i.ExclusiveKey, i.Due = v.Seat, v.Until
		}
		return i
	},
	Encode: func(v ticket) ([]byte, error) { return store.EncodeJSON(v) },
	Decode: func(text []byte) (v ticket, err error) { return v, product.DecodeJSON(text, &v) },
}

var (
	price   = refund.Amount{Minor: 2500, Currency: "EUR"}
	clerk   = audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "clerk"}
	door    = audit.Actor{Organization: "org_a", Kind: audit.Provider, ID: "door"}
	clockOf = func(organization string) audit.Actor {
		return audit.Actor{Organization: organization, Kind: audit.Clock, ID: "play"}
	}
	errTaken = errors.New("test: the seat is taken")
	errDown  = errors.New("test: down")
)

func subjectOf(v ticket) audit.Subject {
	return audit.Subject{Organization: v.Organization, Kind: ticketSchema.Kind, ID: v.ID}
}

// decide judges one input on one ticket.
func decide(r store.Record[ticket], on event, call audit.Call, receipts map[string]string) (product.Decision[ticket], error) {
	if before, why := r.Received(receipts); before {
		return product.Decision[ticket]{Result: product.Result[ticket]{Verdict: lifecycle.Duplicate, Why: why, Value: r.Value}}, nil
	}
	out, err := tickets.Decide(r.Value.Status, on, facts{r.Value.Until, call.At})
	if err != nil {
		return product.Decision[ticket]{}, err
	}
	d := product.Begin(r, subjectOf(r.Value), tickets.Sum())
	next := &d.Change.Next
	next.Status, d.Change.Receipts = out.To, receipts
	if out.Verdict == lifecycle.Note {
		next.Prints++
	}
	d.Enter(call, out.Plain(), product.News{Fee: price, Does: in(refund.Charged, refund.Refunded)})
	return product.Decision[ticket]{
		Result:  product.Result[ticket]{Verdict: out.Verdict, Why: out.Why, Value: *next},
		Changes: in(d.Change),
	}, nil
}

// office sells tickets over a store that fails on request.
type office struct {
	*product.Runner[ticket]
	config product.Config[ticket]
	clock  *storetest.Clock
	shelf  *memory.Store[ticket]
	faulty *fault.Store[ticket]
}

func open(t testing.TB, edits ...func(*product.Config[ticket])) *office {
	t.Helper()
	o := &office{clock: storetest.NewClock(), shelf: memory.New(ticketSchema)}
	o.faulty = fault.New(o.shelf)
	var ids storetest.IDs
	o.config = product.Config[ticket]{
		Schema: ticketSchema, Repository: o.faulty, Chart: tickets.Chart(), Settings: product.DefaultSettings(),
		Now: o.clock.Now, NewID: ids.New,
	}
	for _, edit := range edits {
		edit(&o.config)
	}
	o.Runner = mustNew(t, o.config)
	return o
}

func mustNew(t testing.TB, c product.Config[ticket], edits ...func(*product.Config[ticket])) *product.Runner[ticket] {
	t.Helper()
	for _, edit := range edits {
		edit(&c)
	}
	r, err := product.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// order is what a caller asks for; its Key is the idempotency key.
type order struct{ Guest, Seat, Key string }

// begin begins the create of an order.
func (o *office) begin(a audit.Actor, what order) (product.Creation, ticket) {
	c := o.Creation(a, what.Key, what.Guest+"/"+what.Seat)
	if what.Seat != "" {
		c.Holder = store.Key{Organization: a.Organization, ExclusiveKey: what.Seat}
	}
	return c, ticket{ID: c.ID, Organization: a.Organization, Guest: what.Guest, Seat: what.Seat}
}

// sold is the change that makes a ticket.
func sold(v ticket, call audit.Call, receipts map[string]string) (store.Change[ticket], error) {
	v.Sold, v.Until = call.At, call.At.Add(24*time.Hour)
	made, err := decide(store.Record[ticket]{Value: v}, sell, call, receipts)
	if err != nil {
		return store.Change[ticket]{}, err
	}
	return made.Changes[0], nil
}

// sell makes a ticket. A seat that another guest's ticket holds is errTaken; the guest's
// own is replaced.
func (o *office) sell(ctx context.Context, a audit.Actor, what order) (v ticket, repeated bool, err error) {
	c, v := o.begin(a, what)
	call := o.Call(a)
	call.Event = string(sell)
	return o.Create(ctx, call, c, func(holder store.Record[ticket]) (changes []store.Change[ticket], err error) {
		if holder.Version > 0 {
			if holder.Value.Guest != what.Guest {
				return nil, errTaken
			}
			gone, err := decide(holder, replace, call, nil)
			if err != nil {
				return nil, err
			}
			changes = gone.Changes
		}
		made, err := sold(v, call, c.Receipts())
		return append(changes, made), err
	})
}

// sold makes a ticket that the test needs.
func (o *office) sold(t testing.TB, what order) ticket {
	t.Helper()
	v, _, err := o.sell(t.Context(), clerk, what)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// tell makes one operation on a ticket.
func (o *office) tell(ctx context.Context, a audit.Actor, id uuid.UUID, on event,
	receipts map[string]string) (product.Result[ticket], error) {
	call := o.Call(a)
	call.Event = string(on)
	return o.Update(ctx, call, product.Key(a, id), receipts, func(r store.Record[ticket]) (product.Decision[ticket], error) {
		return decide(r, on, call, receipts)
	})
}

// told makes an operation that the test needs.
func (o *office) told(t testing.TB, a audit.Actor, id uuid.UUID, on event) ticket {
	t.Helper()
	r, err := o.tell(t.Context(), a, id, on, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r.Value
}

// stored is a ticket as the store has it.
func (o *office) stored(t testing.TB, id uuid.UUID) store.Record[ticket] {
	t.Helper()
	r, err := o.shelf.Load(t.Context(), product.Key(clerk, id), "create", "event")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// trail is a ticket's history, which holds.
func (o *office) trail(t testing.TB, id uuid.UUID) product.Trail {
	t.Helper()
	trail, err := o.History(t.Context(), clerk, id)
	if err != nil || trail.Fault != nil {
		t.Fatalf("error %v, fault %v, want none", err, trail.Fault)
	}
	return trail
}

// events reads a history in short: "sell reprint/reprinted enter/ignored".
func events(t product.Trail) (list []string) {
	for _, e := range t.Entries {
		text := e.Event
		if e.Verdict != audit.Moved {
			text = fmt.Sprintf("%s/%s", text, e.Verdict)
		}
		list = append(list, text)
	}
	return list
}

// at fits any entry of a fault plan: something happens before the n-th call of a method.
func at(m fault.Method, n int, happen func()) fault.Plan {
	script := make([]fault.Fault, n)
	script[n-1] = fault.Wait(func(context.Context) error {
		happen()
		return nil
	})
	return fault.Script(m, script...)
}

// wants an error to be every one of these, or nil for none.
func wants(t *testing.T, why string, err error, targets ...error) {
	t.Helper()
	if (err == nil) != (len(targets) == 0) {
		t.Errorf("error %v, want %v: %s", err, targets, why)
	}
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("error %v, want %v: %s", err, target, why)
		}
	}
}

// earlierTable is the tickets of an earlier release, which knew no reprint.
func earlierTable(t testing.TB) *lifecycle.Chart {
	t.Helper()
	def := tickets.Chart().Definition()
	def.Events = slices.DeleteFunc(def.Events, func(e lifecycle.Event[string]) bool { return e.Name == string(reprint) })
	def.Rows = slices.DeleteFunc(def.Rows, func(r lifecycle.Row[string, string, lifecycle.Vetoes]) bool { return r.On == string(reprint) })
	chart, err := lifecycle.New(def)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}
