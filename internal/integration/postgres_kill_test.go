package integration

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// clients write to a few records, half of them by each driver; enough is how many changes each makes before the
// server is killed, and again after it is back.
const clients, contested, enough = 16, 4, 10

// TestPostgresKilled kills a server of its own, with its disk as safe as by default, while
// 16 clients write. Every change that was acknowledged must be there once, nothing twice,
// and no chain broken.
func TestPostgresKilled(t *testing.T) {
	t.Parallel()
	own, err := startServer()
	if errors.Is(err, errNoPostgres) {
		needPostgres(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.stop(); err != nil {
			t.Error(err)
		}
	})
	pool := openPool(t, own.url("postgres"))
	if err := postgres.Migrate(t.Context(), pool.Query); err != nil {
		t.Fatal(err)
	}
	lib := openSQL(t, "postgres", own.url("postgres")) // it sends again what was under way
	w := &writers{said: map[uuid.UUID]error{}, up: make(chan struct{}), stores: [2]*postgres.Store[thing]{
		postgres.New(pool.Query, storetest.ThingSchema()), postgres.New(lib.QueryContext, storetest.ThingSchema()),
	}}
	var all sync.WaitGroup
	w.more.L = &w.mu
	for n := range clients {
		all.Go(func() { w.write(t, n) })
	}
	w.until(enough * clients)
	if err := own.kill(); err != nil {
		t.Fatal(err)
	}
	for err = own.start(); err != nil; err = own.start() { // the last of the old processes may still be going
		if t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	close(w.up)
	w.until(2 * enough * clients)
	w.stop.Store(true)
	all.Wait()
	w.account(t)
}

// kill ends the server as a power cut would: at once, and without a word to anybody.
func (s *server) kill() error {
	pid, err := s.pid()
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// writers are what the clients share.
type writers struct {
	stores [2]*postgres.Store[thing]
	up     chan struct{} // closed when the server is back
	stop   atomic.Bool

	mu    sync.Mutex
	more  sync.Cond           // said has grown
	said  map[uuid.UUID]error // what became of each call
	doubt int
}

// write makes changes until it is told to stop. Whoever is refused waits for the server
// to be back, and goes on with a new change.
func (w *writers) write(t *testing.T, client int) {
	for n := 0; !w.stop.Load(); n++ {
		call, key := uuid.NewSHA1(uuid.NameSpaceOID, []byte{byte(client), byte(n >> 8), byte(n)}), (client+n)%contested
		var found store.Record[thing]
		reads := []store.Read[thing]{{Key: keyOf(key), Into: &found}}
		err := store.Update(t.Context(), w.stores[client%2], call, store.Limits{Attempts: 10_000}, reads, func() ([]store.Change[thing], error) {
			return []store.Change[thing]{told(found, key, call)}, nil
		})
		w.mu.Lock()
		w.said[call] = err
		if errors.Is(err, store.ErrUnknownOutcome) {
			w.doubt++
		}
		w.more.Signal()
		w.mu.Unlock()
		if err != nil {
			select {
			case <-w.up:
			case <-t.Context().Done():
				return
			}
		}
	}
}

// until returns once so many calls have ended.
func (w *writers) until(count int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.said) < count {
		w.more.Wait()
	}
}

// account compares what the clients were told with what is there.
func (w *writers) account(t *testing.T) {
	t.Helper()
	there := map[uuid.UUID]int{}
	for n := range contested {
		record, err := w.stores[0].Load(context.Background(), keyOf(n))
		if err != nil {
			t.Fatal(err)
		}
		h, err := w.stores[0].History(context.Background(), keyOf(n), 0, 0)
		if err == nil {
			err = audit.Verify(audit.Subject{Organization: "org_a", Kind: "thing", ID: idOf(n)}, h.Entries, record.Head)
		}
		if err != nil || record.Version != record.Head.Seq {
			t.Errorf("record %d at version %d with %d entries: %v", n, record.Version, len(h.Entries), err)
		}
		for _, e := range h.Entries {
			there[e.Call]++
		}
	}
	acknowledged := 0
	for call, err := range w.said {
		switch {
		case err == nil && there[call] != 1:
			t.Errorf("call %s was acknowledged, and is there %d times", call, there[call])
		case err == nil:
			acknowledged++
		case errors.Is(err, store.ErrUnknownOutcome) && there[call] > 1, !errors.Is(err, store.ErrUnknownOutcome) && there[call] > 0:
			t.Errorf("call %s failed with %v, and is there %d times", call, err, there[call])
		}
		delete(there, call)
	}
	if len(there) > 0 {
		t.Errorf("%d entries of nobody's calls", len(there))
	}
	t.Logf("%d acknowledged, %d failed, %d of them in doubt", acknowledged, len(w.said)-acknowledged, w.doubt)
}
