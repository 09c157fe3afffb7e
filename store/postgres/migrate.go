package postgres

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	//go:embed schema.sql
	schemaText string
	//go:embed append_only.sql
	appendOnlyText string
)

// SQL is what Migrate runs, as text for a host that makes its tables with a tool of its
// own: statements parted by a blank line, each without a semicolon at its end, and the
// last one, which is for PostgreSQL only, with some within.
func SQL() string { return schemaText + "\n" + appendOnlyText }

// Grants is what the owner of the tables runs for the role as which the host works:
// everything that a Store needs, and nothing with which history could be changed. A role
// that erases needs "grant update (salt, body) on kycle_entry" as well.
func Grants(role string) string {
	role = `"` + strings.ReplaceAll(role, `"`, `""`) + `"`
	return `grant select, insert, update on kycle_record, kycle_exclusive to ` + role + `;
grant select, insert on kycle_entry, kycle_posting, kycle_receipt to ` + role
}

// Migrate makes what is missing of the tables, in the schema that comes first in the
// search path. It may be called any number of times, and by several processes at once;
// where nothing is missing it takes no lock. It needs the right to create tables, which
// the role of Grants has not. On CockroachDB it makes no triggers: there the grants alone
// keep history as it is. A database whose encoding is not UTF-8 is refused with
// ErrDatabase.
func Migrate[R Rows](ctx context.Context, query func(ctx context.Context, statement string, args ...any) (R, error)) error {
	run := queryOver(query)
	var version, encoding string
	err := run(ctx, `select version(), current_setting('server_encoding')`, nil, func(scan scan) error { return scan(&version, &encoding) })
	if err != nil {
		return failed(ctx, "migrate", err)
	}
	if encoding != "UTF8" {
		return fmt.Errorf("%w: its encoding is %q and must be UTF8", ErrDatabase, encoding)
	}
	statements := strings.Split(strings.TrimSpace(schemaText), "\n\n")
	if !strings.HasPrefix(version, "CockroachDB") {
		statements = append(statements, appendOnlyText)
	}
	for _, statement := range statements {
		if err := ensure(ctx, run, bare(statement)); err != nil {
			return failed(ctx, "migrate", err)
		}
	}
	return nil
}

var named = regexp.MustCompile(`create (?:unique )?(?:table|index) if not exists (\w+)`)

// ensure runs a statement unless what it makes is there: "if not exists" looks only after
// it has taken a lock for which all writers wait. Of several who make one thing at once
// all but one get an error in place of a look; they look again.
func ensure(ctx context.Context, run query, statement string) (err error) {
	for range makers {
		if name := named.FindStringSubmatch(statement); name != nil {
			there := false
			err = run(ctx, `select to_regclass(cast($1 as text)) is not null`, []any{name[1]}, func(scan scan) error { return scan(&there) })
			if err != nil || there {
				return err
			}
		}
		err = run(ctx, statement, nil, func(scan) error { return nil })
		if !slices.Contains(rivalMade, sqlState(err)) {
			return err
		}
	}
	return err
}

// makers is how many processes may make the tables at once.
const makers = 40

// rivalMade are the server's answers to one of two who make a thing at once.
var rivalMade = []string{"23505", "42P07", "42710", "42723", "40001", "40P01", "XX000"}
