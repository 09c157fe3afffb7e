package idpass_test

import (
	"context"
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/memory"
)

// late is a repository whose next commit is in doubt, and lands only after the history
// was read to settle it: the worst moment there is.
type late struct {
	idpass.Repository
	armed bool
	land  func()
}

func (l *late) Commit(ctx context.Context, c ...store.Change[idpass.Pass]) error {
	if !l.armed {
		return l.Repository.Commit(ctx, c...)
	}
	l.armed = false
	l.land = func() { _ = l.Repository.Commit(ctx, c...) }
	return store.ErrUnknownOutcome
}

func (l *late) History(ctx context.Context, k store.Key, after uint64, limit int) (store.History, error) {
	h, err := l.Repository.History(ctx, k, after, limit)
	if l.land != nil {
		l.land()
		l.land = nil
	}
	return h, err
}

// The answer to a cancel can never disagree with what it committed, though it was decided
// a second time, and refused by its own doing.
func TestACancelThatLandsLateIsAnsweredAsItWasMade(t *testing.T) {
	l := &late{Repository: memory.New(idpass.Schema)}
	h := idpasstest.NewHost(t, l)
	p := h.Register()
	l.armed = true
	answer, err := h.Cancel(context.Background(), h.Person, p.ID)
	if err != nil || answer.Pass.ID != p.ID || answer.Pass.Status != idpass.Cancelled || !answer.Pass.FeeRefunded {
		t.Fatalf("%+v %v", answer, err)
	}
	trail, err := h.History(context.Background(), h.Person, p.ID)
	if err != nil || trail.Fault != nil || len(trail.Postings) != 2 {
		t.Errorf("%+v %v", trail, err)
	}
}
