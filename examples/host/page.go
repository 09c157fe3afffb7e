package main

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/host/internal/page"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/kyc"
)

// recentTable lists what was created, for the page alone: the library's own tables are
// none of the host's business.
const recentTable = `create table if not exists host_recent (
	number integer primary key, kind text not null, organization text not null, id text not null, created_us integer not null,
	unique (kind, organization, id))`

// remember notes a new record for the page. Should it fail, the page lacks a line, and
// the caller still has the record that was asked for.
func (h *host) remember(ctx context.Context, kind, organization string, id uuid.UUID, at time.Time) {
	_, err := h.db.ExecContext(ctx, `insert into host_recent (kind, organization, id, created_us) values (?, ?, ?, ?)
		on conflict do nothing`, kind, organization, id.String(), at.UnixMicro())
	if err != nil {
		h.log.Warn("recent records")
	}
}

const (
	// recentMost is how many records the page shows: few, because each one's trail is checked.
	recentMost = 20
	// entriesMost is how many entries of a trail it shows, the last ones.
	entriesMost = 50
)

func (h *host) recentRecords(ctx context.Context) (all []page.Record, err error) {
	rows, err := h.db.QueryContext(ctx, `select kind, organization, id, created_us from host_recent order by number desc limit ?`, recentMost)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	organizations := []string{}
	for rows.Next() {
		var r page.Record
		var organization string
		var created int64
		if err := rows.Scan(&r.Kind, &organization, &r.ID, &created); err != nil {
			return nil, err
		}
		r.Created = time.UnixMicro(created).UTC()
		all, organizations = append(all, r), append(organizations, organization)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	// Only now: to look at each while the list is still open would take a second connection.
	for i := range all {
		h.look(ctx, organizations[i], &all[i])
	}
	return all, nil
}

// look fills in how a record stands, from its audit trail: that asks no provider, and
// says at once whether the trail holds. Of an entry it takes what names nobody.
func (h *host) look(ctx context.Context, organization string, r *page.Record) {
	host := audit.Actor{Organization: organization, Kind: audit.System, ID: "page"}
	history := h.kyc.History
	if r.Kind == idpass.Kind {
		history = h.idpass.History
	}
	trail, err := history(ctx, host, parseID(r.ID))
	switch {
	case err != nil:
		r.Status, r.Fault = "unreadable", "the record cannot be read"
		return
	case trail.Fault != nil:
		r.Fault = trail.Fault.Error() // names sequences and statuses only
	}
	for _, e := range trail.Entries {
		r.Status = e.To
		r.Entries = append(r.Entries, page.Entry{
			Seq: e.Seq, Event: e.Event, From: e.From, To: e.To, Verdict: string(e.Verdict), Why: e.Why, By: e.Actor.Kind, At: e.RecordedAt,
		})
	}
	r.Earlier = max(0, len(r.Entries)-entriesMost)
	r.Entries = r.Entries[r.Earlier:]
}

// countIndex is the host's own addition to a table of the library's, which it reads for
// nothing but the page's counts: with it they are one walk through the index, in its
// order, and no record is touched.
const countIndex = `create index if not exists host_count on kycle_record (kind, status)`

// countQuery is one statement, so all counts are of one moment.
const countQuery = `select kind, status, count(*) from kycle_record where kind in (?, ?) group by kind, status`

func (h *host) counts(ctx context.Context) (page.Counts, error) {
	rows, err := h.db.QueryContext(ctx, countQuery, kyc.Kind, idpass.Kind)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := page.Counts{kyc.Kind: {}, idpass.Kind: {}}
	for rows.Next() {
		var kind, status string
		var n int
		if err := rows.Scan(&kind, &status, &n); err != nil {
			return nil, err
		}
		all[kind][status] = n
	}
	return all, rows.Err()
}

// page shows both lifecycles, how many records stand where, and the newest ones' trails.
func (h *host) page(c *call) (reply, error) {
	counts, err := h.counts(c.Context())
	if err != nil {
		return reply{}, err
	}
	recent, err := h.recentRecords(c.Context())
	if err != nil {
		return reply{}, err
	}
	c.header.Set("Content-Security-Policy", h.lifecycles.Policy())
	html, err := h.lifecycles.HTML(h.clock.Now(), counts, recent)
	return reply{status: http.StatusOK, html: html}, err
}
