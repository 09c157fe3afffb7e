package idpass_test

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/idpass/idpasstest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/store"
	"github.com/kycle/kycle/store/fault"
	"github.com/kycle/kycle/store/memory"
)

// An applicant's passes come newest first, in pages, and by status.
func TestList(t *testing.T) {
	h := newHost(t, nil)
	var ids []uuid.UUID // newest first
	for _, s := range append(statuses(), idpass.New) {
		h.Clock.Advance(time.Minute)
		ids = append([]uuid.UUID{h.In(s).ID}, ids...)
	}
	h.Register(applicant("applicant-2"))
	rows := []struct {
		name   string
		filter idpass.Filter
		want   []uuid.UUID
		total  int
		why    string
	}{
		{"all", idpass.Filter{}, ids, 8, "page 1 of up to 100"},
		{"first page", idpass.Filter{Page: 1, Limit: 3}, ids[:3], 8, "newest first"},
		{"last page", idpass.Filter{Page: 3, Limit: 3}, ids[6:], 8, "what is left"},
		{"beyond", idpass.Filter{Page: 4, Limit: 3}, nil, 8, "empty, and no error"},
		{"far beyond", idpass.Filter{Page: math.MaxInt32}, nil, 8, "must not overflow an offset"},
		{"one status", idpass.Filter{Status: idpass.New}, []uuid.UUID{ids[0], ids[7]}, 2, "total counts what is filtered"},
		{"status and page", idpass.Filter{Status: idpass.New, Page: 2, Limit: 1}, ids[7:], 2, "both at once"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l, err := h.List(ctx, h.Person, idpasstest.Applicant, row.filter)
			must(t, err)
			var got []uuid.UUID
			for _, p := range l.Values {
				got = append(got, p.ID)
				if stored, _ := sound(t, h, p.ID); !reflect.DeepEqual(stored, p) {
					t.Errorf("listed %+v, stored %+v", p, stored)
				}
			}
			page, limit := max(row.filter.Page, 1), row.filter.Limit
			if limit == 0 {
				limit = 100
			}
			if !reflect.DeepEqual(got, row.want) || l.Total != row.total || l.Page != page || l.Limit != limit || l.Values == nil {
				t.Errorf("%v of %d, page %d of %d: %s", got, l.Total, l.Page, l.Limit, row.why)
			}
		})
	}
}

// What is out of range or unknown is refused by its field.
func TestListBounds(t *testing.T) {
	h := newHost(t, nil)
	rows := []struct {
		name      string
		applicant string
		filter    idpass.Filter
		field     string
		why       string
	}{
		{"page -1", "a", idpass.Filter{Page: -1}, "page", "pages begin at 1"},
		{"page huge", "a", idpass.Filter{Page: math.MaxInt}, "page", "would overflow the offset"},
		{"limit -1", "a", idpass.Filter{Limit: -1}, "limit", "fewer than none"},
		{"limit 101", "a", idpass.Filter{Limit: 101}, "limit", "100 is the most"},
		{"limit 100", "a", idpass.Filter{Limit: 100}, "", "the most"},
		{"limit 1", "a", idpass.Filter{Limit: 1}, "", "the least"},
		{"unknown status", "a", idpass.Filter{Status: "NEW"}, "status", "strings are exact"},
		{"nobody", "", idpass.Filter{}, "", "has no passes, and that is an answer"},
		{"applicant with NUL", "a\x00", idpass.Filter{}, "applicant", "no store takes it"},
		{"applicant not UTF-8", "a\xff", idpass.Filter{}, "applicant", "no store takes it"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			l, err := h.List(ctx, h.Person, row.applicant, row.filter)
			var invalid *lifecycle.Invalid
			if row.field == "" && (err != nil || l.Total != 0) || row.field != "" && (!errors.As(err, &invalid) || invalid.Field != row.field) {
				t.Errorf("listed %+v, error %v, want one of the field %q (none: \"\"): %s", l, err, row.field, row.why)
			}
		})
	}
}

// Another organization's pass is not found by any operation, and none of them touches it.
func TestOrganizationsNeverMeet(t *testing.T) {
	h := newHost(t, nil)
	p := h.In(idpass.Opened, keyed("key"))
	provider := h.Provider
	provider.Organization = stranger.Organization
	unchanged(t, h, p, func() {
		for _, id := range []uuid.UUID{p.ID, uuid.New(), uuid.Nil} {
			for name, operation := range map[string]func() error{
				"details":   func() error { _, err := h.Details(ctx, stranger, id); return err },
				"history":   func() error { _, err := h.History(ctx, stranger, id); return err },
				"cancel":    func() error { _, err := h.Cancel(ctx, stranger, id); return err },
				"supersede": func() error { _, err := h.Supersede(ctx, stranger, id, registration()); return err },
				"open":      func() error { _, err := h.Open(ctx, provider, id, idpass.Report{}); return err },
				"consent":   func() error { _, err := h.Consent(ctx, provider, id, idpass.Report{}); return err },
				"complete":  func() error { _, err := h.Complete(ctx, provider, id, idpass.Passed, idpass.Report{}); return err },
				"fail":      func() error { _, err := h.Fail(ctx, provider, id, idpass.Report{}); return err },
				"expire":    func() error { _, err := h.Expire(ctx, provider, id, idpass.Report{}); return err },
			} {
				err := operation()
				if got := idpass.Explain(err); !errors.Is(err, store.ErrNotFound) || got.HTTP != 404 || got.Message != "ID Pass not found" {
					t.Errorf("%s of %s: got the error %v, want ErrNotFound", name, id, err)
				}
			}
		}
	})
	if l, err := h.List(ctx, stranger, idpasstest.Applicant, idpass.Filter{}); err != nil || l.Total != 0 {
		t.Errorf("listed %d, error %v, want none", l.Total, err)
	}
	// One key in two organizations makes two passes.
	theirs, err := h.Service.Register(ctx, stranger, registration(keyed("key")))
	if err != nil || theirs.Pass.ID == p.ID {
		t.Errorf("theirs is %s and ours %s, error %v, want two passes", theirs.Pass.ID, p.ID, err)
	}
}

// Each operation is for certain kinds of actor, and refused to the others before the load.
func TestActorKinds(t *testing.T) {
	kinds := []string{audit.Person, audit.Provider, audit.Clock, audit.System, "ghost"}
	rows := []struct {
		name    string
		allowed []string
		do      func(*idpasstest.Host, idpass.Actor, uuid.UUID) error
		why     string
	}{
		{"register", []string{audit.Person, audit.System}, func(h *idpasstest.Host, a idpass.Actor, _ uuid.UUID) error {
			_, err := h.Service.Register(ctx, a, registration())
			return err
		}, "a workflow of the host's may register"},
		{"cancel", []string{audit.Person}, func(h *idpasstest.Host, a idpass.Actor, id uuid.UUID) error {
			_, err := h.Cancel(ctx, a, id)
			return err
		}, "a wish is a person's"},
		{"supersede", []string{audit.Person}, func(h *idpasstest.Host, a idpass.Actor, id uuid.UUID) error {
			_, err := h.Supersede(ctx, a, id, registration())
			return err
		}, "it cancels"},
		{"open", []string{audit.Provider}, reporting(idpass.Open), "news is the provider's"},
		{"consent", []string{audit.Provider}, reporting(idpass.Consent), "news is the provider's"},
		{"complete", []string{audit.Provider}, reporting(idpass.CompleteCheck), "news is the provider's"},
		{"fail", []string{audit.Provider}, reporting(idpass.Fail), "news is the provider's"},
		{"expire", []string{audit.Provider}, reporting(idpass.Expire), "the clock's word is the sweep's, which looks at the clock"},
		{"details", kinds, func(h *idpasstest.Host, a idpass.Actor, id uuid.UUID) error {
			_, err := h.Details(ctx, a, id)
			return err
		}, "whoever is of the organization may read"},
	}
	for _, row := range rows {
		for _, kind := range kinds {
			t.Run(row.name+" by "+kind, func(t *testing.T) {
				h := newHost(t, nil)
				p := h.Register()
				a := idpass.Actor{Organization: idpasstest.Organization, Kind: kind, ID: "actor_a"}
				allowed := false
				for _, k := range row.allowed {
					allowed = allowed || k == kind
				}
				if allowed {
					must(t, row.do(h, a, p.ID))
					return
				}
				unchanged(t, h, p, func() {
					for _, id := range []uuid.UUID{p.ID, uuid.New()} { // forbidden whether it is there or not
						err := row.do(h, a, id)
						if got := idpass.Explain(err); !errors.Is(err, product.ErrForbidden) || got.HTTP != 403 || got.Code != "FORBIDDEN" {
							t.Errorf("got the error %v, want ErrForbidden: %s", err, row.why)
						}
					}
				})
			})
		}
	}
}

func reporting(e idpass.Event) func(*idpasstest.Host, idpass.Actor, uuid.UUID) error {
	return func(h *idpasstest.Host, a idpass.Actor, id uuid.UUID) error {
		_, err := on(h, e)(ctx, a, id, idpass.Report{})
		return err
	}
}

// An actor is somebody: organization, kind and id, in text that a store takes.
func TestActorIsSomebody(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register()
	for _, spoil := range []func(*idpass.Actor, string){
		func(a *idpass.Actor, s string) { a.Organization = s },
		func(a *idpass.Actor, s string) { a.Kind = s },
		func(a *idpass.Actor, s string) { a.ID = s },
	} {
		for _, text := range []string{"", "a\x00", "a\xff"} {
			person, provider := h.Person, h.Provider
			spoil(&person, text)
			spoil(&provider, text)
			for name, operation := range map[string]func() error{
				"register":  func() error { _, err := h.Service.Register(ctx, person, registration()); return err },
				"details":   func() error { _, err := h.Details(ctx, person, p.ID); return err },
				"list":      func() error { _, err := h.List(ctx, person, p.Applicant, idpass.Filter{}); return err },
				"history":   func() error { _, err := h.History(ctx, person, p.ID); return err },
				"cancel":    func() error { _, err := h.Cancel(ctx, person, p.ID); return err },
				"supersede": func() error { _, err := h.Supersede(ctx, person, p.ID, registration()); return err },
				"open":      func() error { _, err := h.Open(ctx, provider, p.ID, idpass.Report{}); return err },
			} {
				if err := operation(); !errors.Is(err, lifecycle.ErrInvalid) {
					t.Errorf("%s with %q: got the error %v, want ErrInvalid", name, text, err)
				}
			}
		}
	}
}

// A history that does not hold is evidence and no error: the fault is told.
func TestHistoryTellsItsFault(t *testing.T) {
	h := newHost(t, nil)
	p := h.Register()
	r := record(t, h.Repository, p)
	// A writer beside the road: it changes the status, and enters nothing.
	r.Value.Status = idpass.Complete
	must(t, h.Repository.Commit(ctx, store.Change[idpass.Pass]{Next: r.Value, Expect: r.Version}))
	trail, err := h.History(ctx, h.Person, p.ID)
	if err != nil || !errors.Is(trail.Fault, audit.ErrFault) {
		t.Errorf("fault %v, error %v, want a fault and no error", trail.Fault, err)
	}
}

// A service is made of usable parts, or not at all.
func TestNewService(t *testing.T) {
	good := idpass.Config{Repository: memory.New(idpass.Schema), Settings: idpass.DefaultSettings()}
	rows := []struct {
		name, why string
		spoil     func(*idpass.Config)
		field     string // that is named; "": none
	}{
		{"defaults", "the clock and the ids are the system's", func(*idpass.Config) {}, ""},
		{"no skew, no lease", "none is a choice", func(c *idpass.Config) { c.Settings.ClockSkew, c.Settings.SweepLease = 0, 0 }, ""},
		{"one attempt", "inside a transaction of the host's", func(c *idpass.Config) { c.Settings.Attempts = 1 }, ""},
		{"no repository", "nowhere to keep a pass", func(c *idpass.Config) { c.Repository = nil }, "Repository"},
		{"no settings", "the zero settings sweep nothing", func(c *idpass.Config) { c.Settings = idpass.Settings{} }, "Settings.CallTimeout"},
		{"no link base", "a link leads somewhere", func(c *idpass.Config) { c.Settings.LinkBase = "" }, "Settings.LinkBase"},
		{"link base not text", "no store takes it", func(c *idpass.Config) { c.Settings.LinkBase = "\xff" }, "Settings.LinkBase"},
		{"negative skew", "no such time", func(c *idpass.Config) { c.Settings.ClockSkew = -1 }, "Settings.ClockSkew"},
		{"empty batch", "would never end", func(c *idpass.Config) { c.Settings.SweepBatch = 0 }, "Settings.SweepBatch"},
		{"negative lease", "no such time", func(c *idpass.Config) { c.Settings.SweepLease = -1 }, "Settings.SweepLease"},
		{"negative attempts", "no such number", func(c *idpass.Config) { c.Settings.Attempts = -1 }, "Settings.Attempts"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := good
			row.spoil(&c)
			s, err := watchedService(c)
			if row.field != "" {
				var invalid *lifecycle.Invalid
				if !errors.As(err, &invalid) || invalid.Field != row.field || s != nil {
					t.Errorf("got %v, %v, want %s to be named: %s", s, err, row.field, row.why)
				}
				return
			}
			must(t, err)
			synctest.Test(t, func(t *testing.T) { // where the system's clock stands still
				time.Sleep(12_345)
				a, err := s.Register(ctx, stranger, registration())
				if err != nil || a.Pass.ID == uuid.Nil || !a.Pass.CreatedAt.Equal(time.Now().Truncate(time.Microsecond)) {
					t.Errorf("registered %+v, error %v, want an id and the time of the system: %s", a.Pass, err, row.why)
				}
			})
		})
	}
}

// What the repository says and nobody else can know is passed on.
func TestRepositoryFailures(t *testing.T) {
	repository := fault.New(memory.New(idpass.Schema))
	h := newHost(t, repository)
	p := h.Register()
	repository.Follow(fault.Always(fault.List, fault.Fail(errDown)), fault.Always(fault.Load, fault.Fail(errDown)))
	for name, operation := range map[string]func() error{
		"register": func() error { _, err := h.Service.Register(ctx, h.Person, registration(keyed("key"))); return err },
		"register into a slot": func() error {
			_, err := h.Service.Register(ctx, h.Person, registration(inSlot("slot")))
			return err
		},
		"details":   func() error { _, err := h.Details(ctx, h.Person, p.ID); return err },
		"list":      func() error { _, err := h.List(ctx, h.Person, p.Applicant, idpass.Filter{}); return err },
		"history":   func() error { _, err := h.History(ctx, h.Person, p.ID); return err },
		"cancel":    func() error { _, err := h.Cancel(ctx, h.Person, p.ID); return err },
		"supersede": func() error { _, err := h.Supersede(ctx, h.Person, p.ID, registration()); return err },
		"open":      func() error { _, err := h.Open(ctx, h.Provider, p.ID, idpass.Report{}); return err },
	} {
		if err := operation(); !errors.Is(err, errDown) || idpass.Explain(err).HTTP != 500 {
			t.Errorf("%s: got the error %v, want the store's", name, err)
		}
	}
}
