package main

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/examples/host/internal/page"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/store"
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

// recentMost is how many records the page shows: few, because each one's trail is checked.
const recentMost = 20

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
		// A record that cannot be read is shown as what it is: its trail does not hold.
		if h.look(ctx, organizations[i], &all[i]) != nil {
			all[i].Status = "unreadable"
		}
	}
	return all, nil
}

// look fills in how a record stands, from its audit trail: that asks no provider, and
// says at once whether the trail holds.
func (h *host) look(ctx context.Context, organization string, r *page.Record) (err error) {
	host := audit.Actor{Organization: organization, Kind: audit.System, ID: "page"}
	var trail store.Trail
	if r.Kind == idpass.Kind {
		trail, err = h.idpass.History(ctx, host, parseID(r.ID))
	} else {
		trail, err = h.kyc.History(ctx, host, parseID(r.ID))
	}
	if n := len(trail.Entries); n > 0 {
		r.Status, r.Updated = trail.Entries[n-1].To, trail.Entries[n-1].RecordedAt
	}
	r.Verified = err == nil && trail.Fault == nil
	return err
}

// page shows both lifecycles and how recent records stand.
func (h *host) page(c *call) (reply, error) {
	recent, err := h.recentRecords(c.Context())
	if err != nil {
		return reply{}, err
	}
	// Nothing is loaded from anywhere, and nothing runs.
	c.header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	html, err := page.HTML(h.clock.Now(), recent)
	return reply{status: http.StatusOK, html: html}, err
}
