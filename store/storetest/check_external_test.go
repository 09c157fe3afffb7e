package storetest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/storetest"
)

var errOpen = errors.New("test: no database")

func TestCheckNamesWhatIsBroken(t *testing.T) {
	err := storetest.Check(t.Context(), storetest.Things(nil), open(readFlaws[0]))
	var failure storetest.Failure
	var first *storetest.Broken
	if !errors.As(err, &failure) || !errors.As(err, &first) || first != failure[0] {
		t.Fatalf("got %v", err)
	}
	text := storetest.Promises()[first.Promise-1]
	if first.Text != text || first.Case == "" || first.Why == "" || first.Seen == "" {
		t.Errorf("got %+v", first)
	}
	for _, part := range []string{text, first.Case, first.Why, first.Seen} {
		if !strings.Contains(err.Error(), part) { // what a person must be able to read there
			t.Errorf("%v\ndoes not say %q", err, part)
		}
	}
}

func TestCheckEndsWithWhatEndedIt(t *testing.T) {
	honest := open(flaw{})
	for _, c := range []struct {
		name, why string
		flaw      flaw
		open      func(n int, h storetest.Handles[thing]) (storetest.Handles[thing], error)
		opened    int
		broken    bool
	}{
		{"at once", "nothing can be said of a store that is not there", flaw{}, func(_ int, h storetest.Handles[thing]) (storetest.Handles[thing], error) {
			return h, errOpen
		}, 1, false},
		{"later", "what was seen until then is told too", commitFlaws[0], func(n int, h storetest.Handles[thing]) (storetest.Handles[thing], error) {
			if n == 30 {
				return h, errOpen
			}
			return h, nil
		}, 30, true},
		{"close", "a store that cannot be closed may have lost what it was told", flaw{}, func(_ int, h storetest.Handles[thing]) (storetest.Handles[thing], error) {
			h.Close = func() error { return errOpen }
			return h, nil
		}, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			opened := 0
			err := storetest.Check(t.Context(), storetest.Things(nil), func(ctx context.Context) (storetest.Handles[thing], error) {
				opened++
				h, _ := open(c.flaw)(ctx)
				return c.open(opened, h)
			})
			var failure storetest.Failure
			if !errors.Is(err, errOpen) || opened != c.opened || errors.As(err, &failure) != c.broken {
				t.Errorf("opened %d times, error %v: %s", opened, err, c.why)
			}
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	err := storetest.Check(ctx, storetest.Things(nil), func(context.Context) (storetest.Handles[thing], error) {
		cancel(errOpen)
		return honest(ctx)
	})
	var failure storetest.Failure
	if !errors.Is(err, errOpen) || errors.As(err, &failure) {
		t.Errorf("what a store does under a context that has ended is no fault of its own: %v", err)
	}
}

func TestCheckClosesWhatItOpened(t *testing.T) {
	opened, closed := 0, 0
	err := storetest.Check(t.Context(), storetest.Things(nil), func(context.Context) (storetest.Handles[thing], error) {
		opened++
		shelf := &Shelf{boxes: map[store.Key]box{}}
		return storetest.Handles[thing]{One: shelf, Two: shelf, Close: func() error { closed++; return nil }}, nil
	})
	if err != nil || opened == 0 || opened != closed {
		t.Errorf("opened %d, closed %d, error %v", opened, closed, err)
	}
}
