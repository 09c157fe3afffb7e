package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver is the host's choice

	"github.com/kycle/kycle/examples/host/internal/page"
	"github.com/kycle/kycle/examples/host/internal/sandbox"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/sqlite"
)

// host is the whole service.
type host struct {
	db       *sql.DB
	clock    *sandbox.Clock
	provider *sandbox.Provider
	kyc      *kyc.Service
	idpass   *idpass.Service
	log      *slog.Logger
	secret   string       // of the webhooks
	base     string       // its own address, known once it listens
	client   *http.Client // with which the sandbox delivers webhooks to it
	sweeping sync.Mutex

	lifecycles *page.Page
}

const (
	// sweepLease is short, so that what a killed process had taken is taken again at once.
	sweepLease = 100 * time.Millisecond
	// sweepPeriod is also the longest pause of a termination that failed. An outage of the
	// sandbox is over in moments, and the next sweep is to find it so.
	sweepPeriod = time.Second
)

// open wires the service to one database file, which it makes if need be.
func open(ctx context.Context, file, secret string, log *slog.Logger) (h *host, err error) {
	db, err := database(file)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open the database: %w", err), db.Close())
		}
	}()
	h = &host{db: db, log: log, secret: secret, client: &http.Client{Timeout: 10 * time.Second}}
	validations, err := sqlite.New(ctx, db, kyc.Schema)
	if err != nil {
		return nil, err
	}
	passes, err := sqlite.New(ctx, db, idpass.Schema)
	if err != nil {
		return nil, err
	}
	if h.clock, err = sandbox.NewClock(ctx, db); err != nil {
		return nil, err
	}
	if h.provider, err = sandbox.New(ctx, db, h.clock.Now); err != nil {
		return nil, err
	}
	for _, statement := range []string{recentTable, countIndex} {
		if _, err = db.ExecContext(ctx, statement); err != nil {
			return nil, err
		}
	}
	if h.lifecycles, err = page.New(); err != nil {
		return nil, err
	}
	// Both services read the one clock that the sandbox can move. All other settings are
	// those of the specification.
	settings := kyc.DefaultSettings()
	settings.SweepLease, settings.BackoffMax = sweepLease, sweepPeriod
	h.kyc, err = kyc.NewService(kyc.Config{
		Repository: validations, Providers: map[string]kyc.Provider{sandbox.Code: h.provider},
		Settings: settings, Now: h.clock.Now,
	})
	if err != nil {
		return nil, err
	}
	links := idpass.DefaultSettings()
	links.SweepLease = sweepLease
	h.idpass, err = idpass.NewService(idpass.Config{Repository: passes, Settings: links, Now: h.clock.Now})
	return h, err
}

// database opens the file so that the host's own tables are as safe as the library's,
// which sets the same on every connection that it uses.
func database(file string) (*sql.DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	query := url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(full)", "recursive_triggers(on)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(32) // more would only queue for the one lock to write
	db.SetMaxIdleConns(32)
	return db, nil
}

// close lets go of the file. A call after it is INTERNAL.
func (h *host) close() error { return h.db.Close() }

// sweep makes happen what is due in both products. One at a time: whoever asks for a
// sweep then finds what another had begun to be done.
func (h *host) sweep(ctx context.Context) error {
	h.sweeping.Lock()
	defer h.sweeping.Unlock()
	_, validations := h.kyc.Sweep(ctx)
	_, passes := h.idpass.Sweep(ctx)
	return errors.Join(validations, passes)
}

// sweepEvery sweeps at once and then in every period of real time, until ctx ends. What a
// killed process owed is so done soon after the next start.
func (h *host) sweepEvery(ctx context.Context, period time.Duration) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		if err := h.sweep(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("sweep", "code", kyc.Explain(err).Code)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// grace is how long requests may take to end once the host is told to stop.
const grace = 10 * time.Second

// serve answers on the listener while play runs, and sweeps in the background. It takes
// the host down in order: first no new requests, then no sweeps.
func (h *host) serve(ctx context.Context, listener net.Listener, play func(context.Context) error) error {
	h.base = "http://" + reachable(listener.Addr())
	server := &http.Server{
		Handler:           h.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		// What net/http has to say may repeat what a client sent.
		ErrorLog: log.New(silent{h}, "", 0),
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	background.Go(func() { h.sweepEvery(ctx, sweepPeriod) })
	failed := make(chan error, 1)
	background.Go(func() {
		err := server.Serve(listener)
		cancel() // a server that cannot go on ends the play
		failed <- err
	})
	played := play(ctx)
	// play is over, be it by its own end or by a signal. Requests under way may finish, with
	// a context that the signal does not reach.
	stop, done := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer done()
	stopped := server.Shutdown(stop)
	if stopped != nil {
		stopped = errors.Join(stopped, server.Close())
	}
	cancel() // the sweeper goes last: what the last requests left owed may yet be done
	background.Wait()
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		stopped = errors.Join(stopped, err)
	}
	return errors.Join(played, stopped)
}

// reachable is the address under which the host reaches itself: one that listens
// everywhere listens on the loopback too.
func reachable(a net.Addr) string {
	address, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(address); ip != nil && ip.IsUnspecified() {
		address = "127.0.0.1"
	}
	return net.JoinHostPort(address, port)
}

// silent logs that the server had something to say, and not what.
type silent struct{ h *host }

func (s silent) Write(b []byte) (int, error) {
	s.h.log.Warn("connection")
	return len(b), nil
}
