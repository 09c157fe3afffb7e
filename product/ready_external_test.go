package product_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// counted is a store that counts as it is told, and spies on what it is asked.
type counted struct {
	store.Repository[ticket]
	counts []store.StatusCount
	of     string
	most   int
}

func (c *counted) Count(_ context.Context, organization string, most int) ([]store.StatusCount, error) {
	c.of, c.most = organization, most
	return c.counts, nil
}

func TestReady(t *testing.T) {
	o := open(t)
	if err := o.Ready(t.Context()); err != nil {
		t.Errorf("error %v of an empty store, want none", err)
	}
	o.told(t, clerk, o.sold(t, order{}).ID, give)
	stranger := clerk
	stranger.Organization = "org_b"
	if _, _, err := o.sell(t.Context(), stranger, order{}); err != nil {
		t.Fatal(err)
	}
	if err := o.Ready(t.Context()); err != nil {
		t.Errorf("error %v, want none: the table knows all of them", err)
	}
	o.faulty.Follow(fault.Always(fault.Count, fault.Fail(errDown)))
	wants(t, "what the store says", o.Ready(t.Context()), errDown)
}

// Records of a status that the table does not have are named, of whichever organization,
// with how many there are and what to do.
func TestReadyNamesStrangers(t *testing.T) {
	c := &counted{counts: []store.StatusCount{{Status: "burnt", Count: 2}, {Status: "valid", Count: 9}, {Status: "", Count: 1},
		{Status: "lost", Count: 10_000, More: true}}}
	o := open(t, func(config *product.Config[ticket]) { c.Repository, config.Repository = config.Repository, c })
	err := o.Ready(t.Context())
	var strangers *product.Strangers
	if !errors.As(err, &strangers) || !errors.Is(err, product.ErrUnknownStatus) || errors.Is(err, product.ErrLacks) {
		t.Fatalf("error %v, want %v", err, product.ErrUnknownStatus)
	}
	want := []store.StatusCount{{Status: "burnt", Count: 2}, {Status: "", Count: 1}, {Status: "lost", Count: 10_000, More: true}}
	if strangers.Machine != "ticket" || !reflect.DeepEqual(strangers.Statuses, want) {
		t.Errorf("strangers %+v, want %+v of the machine", strangers, want)
	}
	for _, part := range in(`"ticket"`, `"burnt" (2), "" (1), "lost" (10000 or more)`, "kycle diff OLD NEW") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q, want it to say %s", err, part)
		}
	}
	if c.of != "" || c.most != product.CountMost {
		t.Errorf("asked for %q and %d, want every organization and %d", c.of, c.most, product.CountMost)
	}
}

func TestReadyNeedsAStoreThatCounts(t *testing.T) {
	o := open(t, func(c *product.Config[ticket]) { c.Repository = struct{ store.Repository[ticket] }{c.Repository} })
	err := o.Ready(t.Context())
	wants(t, "it cannot be said", err, product.ErrLacks)
	if errors.Is(err, product.ErrUnknownStatus) || errors.Is(err, lifecycle.ErrInvalid) {
		t.Errorf("error %v, want no more than that", err)
	}
}
