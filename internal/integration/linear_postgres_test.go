package integration

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/internal/integration/linear"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store/postgres"
)

func TestPostgresIsLinearizable(t *testing.T) {
	linear.Check(t, postgresValidations, nil)
}

func TestOnPostgresSweepersShare(t *testing.T) {
	one, two := postgresValidations(t)
	sweepers(t, one, two, *sweepRecords)
}

// TestPostgresIsLinearizableThoughItIsKilled kills a server of its own in the middle of
// each history, and starts it again. What a client was told must hold all the same; what
// nobody could tell it may have happened or not.
func TestPostgresIsLinearizableThoughItIsKilled(t *testing.T) {
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
	var pool *pgxpool.Pool
	linear.Check(t, func(t *testing.T) (one, two kyc.Repository) {
		pool = openPool(t, own.url("postgres"))
		if err := postgres.Migrate(t.Context(), pool.Query); err != nil {
			t.Fatal(err)
		}
		return postgres.New(pool.Query, kyc.Schema), postgres.New(openPool(t, own.url("postgres")).Query, kyc.Schema)
	}, func() {
		if err := own.kill(); err != nil {
			t.Error(err)
		}
		for err := own.start(); err != nil; err = own.start() { // the last of the old processes may still be going
			if t.Context().Err() != nil {
				t.Fatal(err)
			}
		}
		for pool.Ping(t.Context()) != nil && t.Context().Err() == nil { // the pool finds out
		}
	})
}
