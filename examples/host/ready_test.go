package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kycle/kycle/product"
)

// What was found is in the log, and whether the host starts is one question more.
func TestReadyIsSaidAloud(t *testing.T) {
	down := errors.New("test: the disk is gone")
	for _, row := range []struct {
		name, why string
		found     error
		level     string
		starts    bool
	}{
		{"ready", "nothing is wrong", nil, "INFO", true},
		{"unknown statuses", "all other records can be read", fmt.Errorf(`%w: "verified" (3)`, product.ErrUnknownStatus), "ERROR", true},
		{"cannot count", "that is no reason to serve nobody", fmt.Errorf("%w: count", product.ErrLacks), "WARN", true},
		{"no database", "nothing would work", down, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			log := &journal{}
			h := &host{log: slog.New(slog.NewTextHandler(log, nil))}
			err := h.readiness(context.Background(), "things", func(context.Context) error { return row.found })
			if (err == nil) != row.starts || !row.starts && !errors.Is(err, row.found) {
				t.Errorf("got the error %v, starts %v is wanted: %s", err, row.starts, row.why)
			}
			said := log.String()
			if row.starts != strings.Contains(said, "level="+row.level) || row.starts != strings.Contains(said, "records=things") {
				t.Errorf("it said %q, want the level %q: %s", said, row.level, row.why)
			}
			if row.found != nil && row.starts && !strings.Contains(said, strings.ReplaceAll(row.found.Error(), `"`, `\"`)) {
				t.Errorf("it said %q, and not what it found: %s", said, row.why)
			}
		})
	}
}

// A host that starts on records of another table says which, and serves all others.
func TestStartTellsOfUnknownStatuses(t *testing.T) {
	log := &journal{}
	o := options{addr: "127.0.0.1:0", db: filepath.Join(t.TempDir(), "host.db"), secret: secret}
	begin := func(play func(c client)) {
		err := start(context.Background(), o, slog.New(slog.NewTextHandler(log, nil)), func(_ context.Context, base, _ string) error {
			play(client{t, base})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var stranded, sound validation
	begin(func(c client) { stranded, sound = c.create(), c.create() })
	if said := log.String(); strings.Count(said, "level=INFO msg=ready") != 2 {
		t.Errorf("on a new file it says %s", said)
	}
	db, err := sql.Open("sqlite", o.db)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	done, err := db.Exec(`update kycle_record set status = 'verified', data = json_set(data, '$.status', 'verified') where id = ?`, stranded.id)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		t.Fatalf("%d records were put into another status, want 1", n)
	}
	begin(func(c client) {
		c.ask("demo-a", "GET", (validation{client: c, id: sound.id}).path(""), "").is(t, 200, fields{"status": "pending"})
		c.ask("demo-a", "GET", (validation{client: c, id: stranded.id}).path(""), "").is(t, 500, fields{"error": "INTERNAL"})
	})
	if said := log.String(); !strings.Contains(said, `level=ERROR msg="not ready" records=kyc_validation`) || !strings.Contains(said, `\"verified\" (1)`) {
		t.Errorf("it does not say what it found: %s", said)
	}
}
