package product

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
)

// watch is an operation on its way that an observer is told of; nil where there is none, so
// that it costs nothing.
type watch[A any] struct {
	store.Repository[A]
	observer Observer
	began    time.Time
	op       Operation
}

// watch begins an operation. The context is the observer's.
func (r *Runner[A]) watch(ctx context.Context, event string) (context.Context, *watch[A]) {
	o := r.config.Observer
	if o == nil {
		return ctx, nil
	}
	w := &watch[A]{r.config.Repository, o, time.Now(), Operation{Product: r.config.Schema.Kind, Event: event}}
	return begun(ctx, o, w.op.Product, event), w
}

// counting is the repository, with its lost commits counted.
func (w *watch[A]) counting(repository store.Repository[A]) store.Repository[A] {
	if w == nil {
		return repository
	}
	return w
}

func (w *watch[A]) Commit(ctx context.Context, changes ...store.Change[A]) error {
	err := w.Repository.Commit(ctx, changes...)
	if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrDuplicate) {
		w.op.Conflicts++
	}
	return err
}

// decided counts an attempt.
func (w *watch[A]) decided() {
	if w != nil {
		w.op.Attempts++
	}
}

// end tells what became of the operation.
func (w *watch[A]) end(ctx context.Context, d Decision[A], err error) {
	if w == nil {
		return
	}
	w.op.Duration, w.op.Class = time.Since(w.began), Class(err)
	var denied *lifecycle.Denied
	switch {
	case w.op.Class == ClassRefused && errors.As(err, &denied): // and not a refusal that is in doubt
		w.op.Verdict, w.op.Why = lifecycle.Refuse, cmp.Or(denied.Rule, lifecycle.NoRow)
	case err == nil:
		w.op.Verdict, w.op.Why = d.Verdict, d.Why
		if n := len(d.Changes); n > 0 && len(d.Changes[n-1].Entries) > 0 {
			entries := d.Changes[n-1].Entries
			w.op.From, w.op.To = entries[0].From, entries[len(entries)-1].To
		}
	}
	told(func() { w.observer.End(ctx, w.op) })
}

// Called tells the observer of a call to a provider that began then and has ended; class is
// "" without an error.
func (r *Runner[A]) Called(ctx context.Context, provider, method string, began time.Time, class string) {
	if o := r.config.Observer; o != nil {
		c := ProviderCall{r.config.Schema.Kind, provider, method, time.Since(began), class}
		told(func() { o.Called(ctx, c) })
	}
}

// sweepKey is where a context keeps the sweep that it belongs to.
type sweepKey struct{}

// oldest is since when the longest due record of a sweep has been due.
type oldest struct{ due time.Time }

// sweeping begins a sweep that an observer is told of at its end.
func (r *Runner[A]) sweeping(ctx context.Context) (context.Context, func(records int, failed []error)) {
	o := r.config.Observer
	if o == nil {
		return ctx, func(int, []error) {}
	}
	began, seen := time.Now(), &oldest{}
	return context.WithValue(ctx, sweepKey{}, seen), func(records int, failed []error) {
		s := SweepReport{Product: r.config.Schema.Kind, Records: records, Duration: time.Since(began)}
		for _, err := range failed {
			if err != nil {
				s.Failed++
			}
		}
		if !seen.due.IsZero() {
			s.Oldest = max(0, r.Now().Sub(seen.due))
		}
		told(func() { o.Swept(ctx, s) })
	}
}

// found tells a sweep since when a record that it takes has been due.
func (w *watch[A]) found(ctx context.Context, due time.Time) {
	if w == nil || due.IsZero() {
		return
	}
	seen, sweeping := ctx.Value(sweepKey{}).(*oldest)
	if sweeping && (seen.due.IsZero() || due.Before(seen.due)) {
		seen.due = due
	}
}
