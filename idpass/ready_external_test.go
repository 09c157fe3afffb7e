package idpass_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// counted is a repository whose records stand in the statuses that a test says.
type counted struct {
	idpass.Repository
	all []store.StatusCount
	err error
}

func (c counted) Count(context.Context, string, int) ([]store.StatusCount, error) {
	return c.all, c.err
}

// A service tells at start what its table cannot work on, and says what to do.
func TestReady(t *testing.T) {
	every := make([]store.StatusCount, 0, 8)
	for _, s := range statuses() {
		every = append(every, store.StatusCount{Status: string(s), Count: 3})
	}
	for _, row := range []struct {
		name, why string
		all       []store.StatusCount
		fails     error
		want      error
		text      string
	}{
		{"no records", "a new store is as good as any", nil, nil, nil, ""},
		{"every status of the table", "all of them can be read", every, nil, nil, ""},
		{"two others", "the records of a table that this process does not have",
			append(every, store.StatusCount{Status: "paused", Count: 2}, store.StatusCount{Status: "lost", Count: 10_000, More: true}), nil,
			product.ErrUnknownStatus, `product: the table "id_pass" does not have these statuses, and records do: ` +
				`"paused" (2), "lost" (10000 or more). Give the service the table that has them, or move the records first: kycle diff OLD NEW says from where to where`},
		{"no answer", "what could not be asked is not ready", nil, errDown, errDown, errDown.Error()},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHost(t, counted{memory.New(idpass.Schema), row.all, row.fails})
			err := h.Ready(ctx)
			if !errors.Is(err, row.want) || row.want != nil && err.Error() != row.text {
				t.Errorf("got the error %v, want %v with the text %q: %s", err, row.want, row.text, row.why)
			}
			if idpass.Explain(err).Code != "INTERNAL" { // it is for who runs the host
				t.Errorf("a caller of the API is told %+v", idpass.Explain(err))
			}
		})
	}
}

// A store that cannot count is no reason to guess.
func TestReadyOfAStoreThatCannotCount(t *testing.T) {
	wantError(t, newHost(t, lean{memory.New(idpass.Schema)}).Ready(ctx), product.ErrLacks)
}

// lean is a repository with the five methods of the port, and no more.
type lean struct{ idpass.Repository }
