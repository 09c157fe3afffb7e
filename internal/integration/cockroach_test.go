package integration

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
	"github.com/kycle/kycle/store/storetest"
)

// cockroachVariable names a database of a CockroachDB cluster whose user may create
// databases.
const cockroachVariable = "KYCLE_COCKROACH_URL"

// TestCockroachPromises runs the suite on a cluster that is named. The statements are
// written to run there; nobody of the project has run them there yet, and where no cluster
// is named this says so.
func TestCockroachPromises(t *testing.T) {
	cluster := os.Getenv(cockroachVariable)
	if cluster == "" {
		fmt.Fprintf(os.Stderr, "SKIPPED %s: %s names no cluster; this has not been run\n", t.Name(), cockroachVariable)
		t.Skip(cockroachVariable + " names no cluster")
	}
	storetest.Run(t, storetest.Things(func(t *testing.T) (one, two store.Repository[thing]) {
		name := fmt.Sprintf("kycle_%d_%d", os.Getpid(), postgresNumber.Add(1))
		manageAt(t, cluster, "create database "+name)
		t.Cleanup(func() { manageAt(t, cluster, "drop database "+name+" cascade") })
		address := inDatabase(cluster, name)
		pool := openPool(t, address)
		if err := postgres.Migrate(context.Background(), pool.Query); err != nil {
			t.Fatal(err)
		}
		return postgres.New(pool.Query, storetest.ThingSchema()), postgres.New(openPool(t, address).Query, storetest.ThingSchema())
	}))
}

// manageAt runs a statement as the owner of everything, on a server that is named.
func manageAt(t *testing.T, address, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
