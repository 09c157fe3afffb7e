package integration

import (
	"testing"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// postgresModes are the ways in which a host may reach PostgreSQL.
var postgresModes = []struct {
	name, why string
	open      func(t testing.TB, address string) store.Repository[thing]
	resends   bool // where a connection ends under a statement, as if nothing had been sent
}{
	{"pgx pool", "prepared statements, binary values", func(t testing.TB, address string) store.Repository[thing] {
		return postgres.New(openPool(t, address).Query, storetest.ThingSchema())
	}, false},
	{"pgx in database/sql, statement cache", "the same under the standard library's pool", func(t testing.TB, address string) store.Repository[thing] {
		return postgres.New(openSQL(t, "pgx", address).QueryContext, storetest.ThingSchema())
	}, false},
	{"pgx in database/sql, simple protocol", "arguments become part of the text, as a connection pooler may ask for", func(t testing.TB, address string) store.Repository[thing] {
		return postgres.New(openSQL(t, "pgx", with(address, "default_query_exec_mode", "simple_protocol")).QueryContext, storetest.ThingSchema())
	}, true},
	{"lib/pq", "the other driver: text values, an unnamed statement each time", func(t testing.TB, address string) store.Repository[thing] {
		return postgres.New(openSQL(t, "postgres", address).QueryContext, storetest.ThingSchema())
	}, true},
}

func TestPostgresPromises(t *testing.T) {
	for _, mode := range postgresModes {
		for _, isolation := range []string{"read committed", "serializable"} {
			t.Run(mode.name+", "+isolation, func(t *testing.T) {
				t.Parallel()
				storetest.Run(t, storetest.Things(func(t *testing.T) (one, two store.Repository[thing]) {
					address := with(newDatabase(t), "default_transaction_isolation", isolation)
					return mode.open(t, address), mode.open(t, address)
				}))
			})
		}
	}
}

// postgresValidations gives two handles, two pools, on one new database.
func postgresValidations(t *testing.T) (one, two kyc.Repository) {
	t.Helper()
	address := newDatabase(t)
	return postgres.New(openPool(t, address).Query, kyc.Schema), postgres.New(openPool(t, address).Query, kyc.Schema)
}

func TestPostgresKeepsThePromisesForValidations(t *testing.T) {
	t.Parallel()
	storetest.Run(t, kyctest.Subject(postgresValidations))
}

func TestOnPostgresARaceEndsInOneOutcome(t *testing.T) {
	t.Parallel()
	one, two := postgresValidations(t)
	kyctest.Race(t, one, two, 10)
}

// postgresPasses gives two handles, two pools, on one new database.
func postgresPasses(t *testing.T) (one, two idpass.Repository) {
	t.Helper()
	address := newDatabase(t)
	return postgres.New(openPool(t, address).Query, idpass.Schema), postgres.New(openPool(t, address).Query, idpass.Schema)
}

func TestPostgresKeepsThePromisesForPasses(t *testing.T) {
	t.Parallel()
	storetest.Run(t, idpasstest.Subject(postgresPasses))
}
