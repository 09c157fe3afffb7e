package product_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
)

// many sells so many tickets to ann, the newest last, a third of them used, and two that
// are not hers.
func many(t testing.TB, n int) (*office, []ticket) {
	t.Helper()
	o, all := open(t), make([]ticket, n)
	for i := range all {
		all[i] = o.sold(t, order{Guest: "ann"})
		if i%3 == 0 {
			all[i] = o.told(t, door, all[i].ID, enter)
		}
		o.clock.Advance(time.Second)
	}
	o.sold(t, order{Guest: "bob"})
	stranger := clerk
	stranger.Organization = "org_b"
	if _, _, err := o.sell(t.Context(), stranger, order{Guest: "ann"}); err != nil {
		t.Fatal(err)
	}
	return o, all
}

// newestFirst is a page of what is wanted of the tickets.
func newestFirst(all []ticket, want func(ticket) bool, page, limit int) (values []ticket, total int) {
	values = []ticket{}
	for i := len(all) - 1; i >= 0; i-- {
		if !want(all[i]) {
			continue
		}
		if total++; total > (page-1)*limit && total <= page*limit {
			values = append(values, all[i])
		}
	}
	return values, total
}

func TestListGivesPages(t *testing.T) {
	o, all := many(t, 107)
	yes, no := true, false
	anything := func(ticket) bool { return true }
	for _, row := range []struct {
		name, why   string
		filter      product.Filter[status]
		want        func(ticket) bool
		page, limit int
	}{
		{"nothing said", "the first page, as long as a page can be", product.Filter[status]{}, anything, 1, product.PageMost},
		{"the last page", "it holds the rest", product.Filter[status]{Page: 2}, anything, 2, product.PageMost},
		{"a page in the middle", "pages follow each other", product.Filter[status]{Page: 3, Limit: 10}, anything, 3, 10},
		{"the smallest page", "one", product.Filter[status]{Limit: 1}, anything, 1, 1},
		{"behind the last", "it is empty, and no null", product.Filter[status]{Page: 3}, anything, 3, product.PageMost},
		{"the last page that there can be", "it is empty, and nothing overflows",
			product.Filter[status]{Page: math.MaxInt32}, anything, math.MaxInt32, product.PageMost},
		{"a status", "the total is of those alone",
			product.Filter[status]{Status: used, Limit: 5}, func(v ticket) bool { return v.Status == used }, 1, 5},
		{"current", "the total is of those alone",
			product.Filter[status]{Current: &yes, Limit: 5}, func(v ticket) bool { return v.Status == valid }, 1, 5},
		{"not current", "false is said too",
			product.Filter[status]{Current: &no, Limit: 5}, func(v ticket) bool { return v.Status != valid }, 1, 5},
		{"both", "both hold", product.Filter[status]{Status: used, Current: &yes}, func(ticket) bool { return false }, 1, product.PageMost},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := o.List(t.Context(), clerk, "ann", row.filter.Plain())
			values, total := newestFirst(all, row.want, row.page, row.limit)
			want := product.Listing[ticket]{Values: values, Total: total, Page: row.page, Limit: row.limit}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("error %v, %d of %d on page %d of %d, want %d of %d on page %d of %d: %s",
					err, len(got.Values), got.Total, got.Page, got.Limit, len(values), total, row.page, row.limit, row.why)
			}
		})
	}
}

func TestListRefuses(t *testing.T) {
	o := open(t)
	for _, row := range []struct {
		name, why string
		owner     string
		filter    product.Filter[string]
		field     string
	}{
		{"page below the first", "pages count from 1", "ann", product.Filter[string]{Page: -1}, "page"},
		{"page beyond the last", "no page has the number", "ann", product.Filter[string]{Page: math.MaxInt32 + 1}, "page"},
		{"limit below one", "an empty page tells nothing", "ann", product.Filter[string]{Limit: -1}, "limit"},
		{"limit beyond the most", "it would be a page too long", "ann", product.Filter[string]{Limit: product.PageMost + 1}, "limit"},
		{"a status of no table", "it is a mistake, and no empty answer", "ann", product.Filter[string]{Status: "burnt"}, "status"},
		{"an owner with NUL", "no store takes the text", "a\x00nn", product.Filter[string]{}, "owner"},
		{"an owner that is no text", "no store takes it", "a\xff", product.Filter[string]{}, "owner"},
		{"two at once", "the first is named", "a\xff", product.Filter[string]{Page: -1, Limit: -1}, "page"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := o.List(t.Context(), clerk, row.owner, row.filter)
			var invalid *lifecycle.Invalid
			if !errors.As(err, &invalid) || invalid.Field != row.field || invalid.Problem == "" {
				t.Errorf("error %v, want an Invalid of %s: %s", err, row.field, row.why)
			}
		})
	}
	if text := fmt.Sprint(refused(o, product.Filter[string]{Limit: 101}), refused(o, product.Filter[string]{Page: -1})); text !=
		fmt.Sprintf("limit: must be from 1 to %d page: must be from 1 to %d", product.PageMost, math.MaxInt32) {
		t.Errorf("said %q, want the bounds that there are", text)
	}
	_, err := o.List(t.Context(), audit.Actor{}, "ann", product.Filter[string]{Page: -1})
	var invalid *lifecycle.Invalid
	if !errors.As(err, &invalid) || invalid.Field != "actor" {
		t.Errorf("error %v, want an Invalid of the actor, who comes first", err)
	}
	if got := o.faulty.Calls(fault.List); got != 0 {
		t.Errorf("the store was asked %d times, want never", got)
	}
	o.faulty.Follow(fault.Always(fault.List, fault.Fail(errDown)))
	_, err = o.List(t.Context(), clerk, "ann", product.Filter[string]{})
	wants(t, "what the store says", err, errDown)
}

func refused(o *office, f product.Filter[string]) error {
	_, err := o.List(context.Background(), clerk, "ann", f)
	return err
}

// Each asks for pages until one is not full: 0 to one more than two of them.
func TestEachGivesAll(t *testing.T) {
	for _, row := range []struct {
		name, why string
		tickets   int
		asked     int
	}{
		{"none", "the first page is empty", 0, 1},
		{"a page less one", "a page that is not full is the last", product.PageMost - 1, 1},
		{"a full page", "another might follow", product.PageMost, 2},
		{"two pages and one", "the third is the last", 2*product.PageMost + 1, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			o, all := many(t, row.tickets)
			want, _ := newestFirst(all, func(ticket) bool { return true }, 1, row.tickets)
			got := []ticket{}
			q := store.Query{Organization: "org_a", Owner: "ann", Offset: 7, Limit: 1} // both are its own to say
			err := o.Each(t.Context(), q, func(v ticket) { got = append(got, v) })
			if err != nil || !reflect.DeepEqual(got, want) || o.faulty.Calls(fault.List) != row.asked {
				t.Errorf("error %v, %d tickets after %d pages, want %d after %d: %s",
					err, len(got), o.faulty.Calls(fault.List), len(want), row.asked, row.why)
			}
		})
	}
}

func TestEachOfAStatusAndOfAStoreThatFails(t *testing.T) {
	o, all := many(t, 10)
	want, _ := newestFirst(all, func(v ticket) bool { return v.Status == used }, 1, 10)
	var got []ticket
	q := store.Query{Organization: "org_a", Owner: "ann", Status: string(used)}
	err := o.Each(t.Context(), q, func(v ticket) { got = append(got, v) })
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("error %v, got %+v, want %+v", err, got, want)
	}
	o.faulty.Follow(fault.Always(fault.List, fault.Fail(errDown)))
	wants(t, "what the store says", o.Each(t.Context(), q, func(v ticket) { t.Errorf("visited %+v", v) }), errDown)
}
