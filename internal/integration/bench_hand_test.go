package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/postgres"
)

// byHand does the work of a webhook without a store: it decodes, decides, encodes and
// hashes the same, and sends what it writes in one of two ways.
type byHand struct {
	pool         *pgxpool.Pool
	load, update string // the store's own statements
}

// newByHand listens to the store for its statements.
func newByHand(b *testing.B, pool *pgxpool.Pool, w *webhooks) *byHand {
	b.Helper()
	var h heard
	if err := w.observe(b, "heard", 1, postgres.New(h.over(pool), kyc.Schema)).do(0, rand.New(rand.NewPCG(1, 1))); err != nil {
		b.Fatal(err)
	}
	hand := &byHand{pool: pool}
	for statement := range h.statements {
		if strings.Contains(statement, "update kycle_record") {
			hand.update = statement
		} else {
			hand.load = statement
		}
	}
	return hand
}

// found is what a webhook needs of its record.
type found struct {
	version              int64
	data, last, receipts []byte
}

// decide makes the change of a report on what was found.
func (f *found) decide(in kyc.Input) (c store.Change[kyc.Validation], data []byte, err error) {
	r := store.Record[kyc.Validation]{Version: uint64(f.version)}
	if r.Value, err = kyc.Schema.Decode(f.data); err != nil {
		return c, nil, err
	}
	last, err := audit.Decode(f.last, nil, nil)
	if err != nil {
		return c, nil, err
	}
	r.Head = last.Head()
	if f.receipts != nil {
		if err := json.Unmarshal(f.receipts, &r.Receipts); err != nil {
			return c, nil, err
		}
	}
	d, err := kyc.Decide(r, in, kyc.DefaultSettings())
	if err != nil {
		return c, nil, err
	}
	if d.Verdict != lifecycle.Move {
		return c, nil, errNoMove
	}
	c = d.Changes[0]
	data, err = kyc.Schema.Encode(c.Next)
	return c, data, err
}

// asked are a report's arguments of the statement that loads.
func asked(in kyc.Input, session string) ([]any, error) {
	receipts, err := json.Marshal(slices.Collect(maps.Keys(in.Receipts)))
	return []any{kyc.Kind, session, "", string(receipts)}, err
}

// raw sends the store's two statements, with nothing around them.
func (h *byHand) raw(p kyc.ProviderReport) error {
	ctx, in := context.Background(), inputOf(p)
	args, err := asked(in, indexedSession(p))
	if err != nil {
		return err
	}
	var f found
	if err := h.pool.QueryRow(ctx, h.load, args...).Scan(&f.version, &f.data, &f.last, &f.receipts); err != nil {
		return err
	}
	c, data, err := f.decide(in)
	if err != nil {
		return err
	}
	receipts, err := json.Marshal(c.Receipts)
	if err != nil {
		return err
	}
	x, e := kyc.Index(c.Next), &c.Entries[0]
	var answer int64
	err = h.pool.QueryRow(ctx, h.update,
		kyc.Kind, x.Organization, x.ID.String(), f.version, x.Owner, x.Status, x.Current, orNil(x.ExclusiveKey), orNil(x.Session),
		x.Created.UnixMicro(), due(x.Due), string(data), int64(e.Seq), e.Encode(), nil, nil, string(receipts), uuid.NewString(),
		nil, nil, nil, nil, nil, nil, nil,
	).Scan(&answer)
	if err == nil && answer != 1 {
		err = fmt.Errorf("answer %d", answer)
	}
	return err
}

// six does the same as a transaction is written by hand: begin, select for update,
// update, insert, insert, commit.
func (h *byHand) six(p kyc.ProviderReport) error {
	ctx, in := context.Background(), inputOf(p)
	args, err := asked(in, indexedSession(p))
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, h.pool, func(tx pgx.Tx) error {
		var f found
		if err := tx.QueryRow(ctx, h.load+" for update of r", args...).Scan(&f.version, &f.data, &f.last, &f.receipts); err != nil {
			return err
		}
		c, data, err := f.decide(in)
		if err != nil {
			return err
		}
		x, e := kyc.Index(c.Next), &c.Entries[0]
		_, err = tx.Exec(ctx, `update kycle_record set version = version + 1, status = $1, current = $2, due = $3, leased = null, data = $4
where organization = $5 and kind = $6 and id = $7`, x.Status, x.Current, due(x.Due), string(data), x.Organization, kyc.Kind, x.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into kycle_entry (organization, kind, id, seq, attempt, bytes, salt, body) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			x.Organization, kyc.Kind, x.ID, int64(e.Seq), uuid.New(), e.Encode(), e.Salt, e.Body)
		if err != nil {
			return err
		}
		keys := slices.Collect(maps.Keys(c.Receipts))
		_, err = tx.Exec(ctx, `insert into kycle_receipt (organization, kind, id, key, fingerprint) values ($1, $2, $3, $4, $5), ($1, $2, $3, $6, $7)`,
			x.Organization, kyc.Kind, x.ID, keys[0], c.Receipts[keys[0]], keys[1], c.Receipts[keys[1]])
		return err
	})
}

// indexedSession is a session as a validation is found by it.
func indexedSession(p kyc.ProviderReport) string { return `"` + p.Source + `" ` + p.Session }

// hearing lets a way of doing it by hand hear the words.
func (w *webhooks) hearing(name string, clients int, hear func(kyc.ProviderReport) error) contestant {
	return contestant{name, func(client int, r *rand.Rand) error { return hear(w.next(clients, client, r)) }}
}
