// Command host is a small but complete service on top of Kycle: KYC validations and ID
// Passes over HTTP, in one SQLite file, with a sandbox in place of the provider. It
// imports the library the way any host would. With -tour it plays the journeys of both
// products against itself and prints them as a story.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"github.com/kycle/kycle/examples/host/internal/sandbox"
	"github.com/kycle/kycle/examples/host/internal/tour"
)

func main() {
	// Both signals end the host in good order. SIGKILL cannot; the file is safe from it too.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	addr   string
	db     string // "": a new temporary file
	secret string
	tour   bool
}

// parse reads the flags, and has told stderr what is wrong with them when it fails.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("host", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "address to listen on")
	flags.StringVar(&o.db, "db", "", "SQLite file (default a new temporary one)")
	flags.StringVar(&o.secret, "webhook-secret", "sandbox-secret", "key of the webhooks' signature")
	flags.BoolVar(&o.tour, "tour", false, "play the journeys of both products against itself, and exit")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		err = errors.New("host: there are flags only")
	case o.secret == "":
		err = errors.New("host: an empty -webhook-secret would let anybody sign")
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return o, err
}

// run is main with everything it depends on; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	play := announce(stdout)
	if o.tour {
		// A world of its own, and a quiet log: the story is what there is to read.
		o.addr, o.db, log = "127.0.0.1:0", "", slog.New(slog.DiscardHandler)
		play = func(ctx context.Context, base, _ string) error { return tour.Play(ctx, stdout, base, o.secret) }
	}
	if err := start(ctx, o, log, play); err != nil {
		fmt.Fprintln(stderr, "host:", err)
		return 1
	}
	return 0
}

// start runs the host until play returns, or until ctx ends if play waits for that.
func start(ctx context.Context, o options, log *slog.Logger, play func(ctx context.Context, base, db string) error) (err error) {
	if o.db == "" {
		folder, err := os.MkdirTemp("", "kycle-host-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		o.db = filepath.Join(folder, "host.db")
	}
	// Before the database is touched: of two hosts on one address the second does nothing.
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	h, err := open(ctx, o.db, o.secret, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.ready(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	return h.serve(ctx, listener, func(ctx context.Context) error { return play(ctx, h.base, o.db) })
}

// welcome is what to do with the host: its address, its database, its provider's code.
const welcome = `Kycle example host on %[1]s (database %[2]s)
The lifecycles as a page, with what is stored: %[1]s/
A first validation (the keys demo-a and demo-b are of two organizations):
  curl -s -H 'Authorization: Bearer demo-a' %[1]s/api/kyc/validations -d '{"entityId": "%[4]s", "integrationCode": "%[3]s"}'
All journeys, with every request and answer: -tour
`

// announce says where the host is and what to do there, and waits for the end.
func announce(stdout io.Writer) func(context.Context, string, string) error {
	return func(ctx context.Context, base, db string) error {
		fmt.Fprintf(stdout, welcome, base, db, sandbox.Code, uuid.New())
		<-ctx.Done()
		return nil
	}
}
