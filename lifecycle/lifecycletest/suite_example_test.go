package lifecycletest_test

import (
	"errors"
	"fmt"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
)

// Stock is what the rules of an order look at.
type Stock struct{ Empty bool }

// Orders is a host's lifecycle.
var Orders = lifecycle.Must(lifecycle.Definition[string, string, Stock]{
	Name: "order",
	States: []lifecycle.State[string, string]{
		{Name: "placed", NoDeadline: "it waits for the warehouse"},
		{Name: "shipped", Final: true, Absorbing: true},
		{Name: "cancelled", Final: true, Absorbing: true},
	},
	Events: []lifecycle.Event[string]{
		{Name: "place", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "ship", Kind: lifecycle.Command, By: []string{"person"}},
		{Name: "cancel", Kind: lifecycle.Command, By: []string{"person"}},
	},
	Rows: []lifecycle.Row[string, string, Stock]{
		{On: "place", To: "placed", Why: "every order begins so"},
		{On: "ship", From: []string{"placed"}, To: "shipped", Why: "that is what it is for",
			If: []lifecycle.Rule[Stock]{{Name: "there is stock", Code: "sold_out", Holds: func(s Stock) bool { return !s.Empty }}}},
		{On: "cancel", From: []string{"placed"}, To: "cancelled", Why: "until it is shipped"},
	},
})

// Shop is the host's service. Cancel forgets to ask the table.
type Shop struct {
	Orders []string // the status of each
	Stock  Stock
}

func (s *Shop) Place() (order int) {
	s.Orders = append(s.Orders, "placed")
	return len(s.Orders)
}

func (s *Shop) Ship(order int) error {
	out, err := Orders.Decide(s.status(order), "ship", s.Stock)
	if err == nil {
		s.Orders[order-1] = out.To
	}
	return err
}

func (s *Shop) Cancel(order int) error {
	if s.status(order) == "" {
		return lifecycle.ErrNotAllowed
	}
	s.Orders[order-1] = "cancelled"
	return nil
}

func (s *Shop) status(order int) string {
	if order == 0 {
		return ""
	}
	return s.Orders[order-1]
}

// testShop drives the service through every case of its table.
func testShop(t lifecycletest.TB) { // yours is TestShop(t *testing.T)
	shop := &Shop{}
	lifecycletest.Exhaust(t, Orders, lifecycletest.Subject[string, string, int]{
		Give: func(order *int, c lifecycle.Outcome[string, string]) (lifecycletest.Answer[string], error) {
			shop.Stock = Stock{Empty: c.Why == "sold_out"}
			var err error
			switch c.Event {
			case "place":
				*order = shop.Place()
			case "ship":
				err = shop.Ship(*order)
			case "cancel":
				err = shop.Cancel(*order)
			}
			return lifecycletest.Answer[string]{State: shop.status(*order)}, err
		},
		Impossible: func(c lifecycle.Outcome[string, string]) string {
			if c.Event == "place" && c.From != "" {
				return "nobody can name an order that is to be placed"
			}
			return ""
		},
	})
}

// testOrders holds the table against what its author meant, and itself against every
// mistake that somebody could make in the table. It forgets what an empty stock is for.
func testOrders(t lifecycletest.TB) {
	lifecycletest.Mutants(t, Orders, func(t lifecycletest.TB, m *lifecycle.Machine[string, string, Stock]) {
		leads := map[[2]string]string{{"", "place"}: "placed", {"placed", "ship"}: "shipped", {"placed", "cancel"}: "cancelled"}
		for _, from := range []string{"", "placed", "shipped", "cancelled"} {
			for _, on := range []string{"place", "ship", "cancel"} {
				to, allowed := leads[[2]string{from, on}]
				out, err := m.Decide(from, on, Stock{})
				if out.To != to || errors.Is(err, lifecycle.ErrNotAllowed) == allowed {
					t.Errorf("%s in %q: to %q, %v", on, from, out.To, err)
				}
			}
			if m.State(from).Final != (from == "shipped" || from == "cancelled") {
				t.Errorf("%q is final: %v", from, m.State(from).Final)
			}
		}
	}, nil)
}

// A host's suite: the service that forgets to ask the table is found out, and so is the
// test that forgets a rule, and that nothing moves an order that was shipped or cancelled.
func Example_suite() {
	for _, failure := range lifecycletest.Failures(testShop) {
		fmt.Println(failure)
	}
	for _, failure := range lifecycletest.Failures(testOrders) {
		fmt.Println(failure)
	}
	// Output:
	// cancel in "shipped": refuse; it was not refused; it stands in "cancelled" and not in "shipped"
	// cancel in "cancelled": refuse; it was not refused
	// the tests do not notice: row "ship" from "placed" to "shipped": nobody asks the rule sold_out
	// the tests do not notice: state "shipped" is not absorbing
	// the tests do not notice: state "cancelled" is not absorbing
}
