package kyc_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/export"
)

const (
	parked  = kyc.Status("parked") // open: the provider's word moves it
	closed  = kyc.Status("closed") // absorbing
	park    = kyc.Event("park")
	archive = kyc.Event("archive")
)

// parking is a small extension: a case can be parked, and a parked one closed for good.
func parking() kyc.Extension {
	return kyc.Extension{
		States: []lifecycle.State[kyc.Status, kyc.Event]{
			{Name: parked, Means: "nobody looks at it for now", Labels: []string{kyc.LabelCurrent}, NoDeadline: "until somebody does"},
			{Name: closed, Means: "nobody will", Final: true, Absorbing: true},
		},
		Events: []lifecycle.Event[kyc.Event]{
			{Name: park, Kind: lifecycle.Command, By: []string{audit.Person}, Means: "put it aside"},
			{Name: archive, Kind: lifecycle.Command, By: []string{audit.Person}, Means: "close it"},
		},
		Rows: []kyc.Row{
			{On: park, From: []kyc.Status{kyc.InReview}, To: parked, Why: "there is no time"},
			{On: archive, From: []kyc.Status{parked}, To: closed, If: []kyc.Rule{another}, Why: "nobody asked for it again",
				Does: []string{kyc.EffectOweTermination, kyc.EffectRecordDecision}},
		},
		SetAside: map[string]string{
			"KYC-03": "closing ends the session too",
			"KYC-22": "a parked case waits for a person",
		},
	}
}

// another sees the actor and the validation.
var another = kyc.Rule{Name: "somebody else closes it than whom it belongs to", Code: "own_case",
	Holds: func(f kyc.Facts) bool { return string(f.Validation.Metadata["owner"]) != `"`+f.Actor.ID+`"` }}

func TestExtendNamesEverythingThatIsWrong(t *testing.T) {
	for _, row := range []struct {
		name, why string
		edit      func(*kyc.Extension)
		kinds     []string // of the defects
	}{
		{"sound", "nothing is wrong", func(*kyc.Extension) {}, nil},
		{"nothing", "the table as it is", func(x *kyc.Extension) { *x = kyc.Extension{} }, nil},
		{"a policy in the way", "it is not set aside", func(x *kyc.Extension) { delete(x.SetAside, "KYC-22") }, []string{"broken policy"}},
		{"a policy set aside for nothing", "the table keeps it", func(x *kyc.Extension) { x.SetAside["KYC-16"] = "just so" }, []string{"needlessly set aside"}},
		{"set aside by a wrong id", "there is no such policy", func(x *kyc.Extension) { x.SetAside["KYC-99"] = "just so" }, []string{"set aside"}},
		{"set aside without a reason", "the page would show none", func(x *kyc.Extension) { x.SetAside["KYC-22"] = "" }, []string{"set aside"}},
		{"an effect of its own", "nobody would carry it out", func(x *kyc.Extension) {
			x.Rows[0].Does = []string{"send_letter"}
		}, []string{"unknown effect"}},
		{"an effect that the service alone owes", "ending a termination is not a host's", func(x *kyc.Extension) {
			x.Rows[0].Does = []string{"end_termination"}
		}, []string{"unknown effect"}},
		{"another row for a cell", "what Kycle decides stays", func(x *kyc.Extension) {
			x.Rows = append(x.Rows, kyc.Row{On: kyc.Approve, From: []kyc.Status{kyc.InReview}, To: parked, Why: "not now"})
		}, []string{"two rows for a cell"}},
		{"a status twice", "it is Kycle's already", func(x *kyc.Extension) { x.States[0].Name = kyc.Pending }, []string{"duplicate name"}},
		{"a command on what is final", "the row does not say that it means to", func(x *kyc.Extension) {
			x.Rows[0].From = []kyc.Status{kyc.Rejected}
		}, []string{"command on final"}},
		{"a policy of the host's that breaks", "it is proven like the others", func(x *kyc.Extension) {
			x.Policies = []lifecycle.Policy{{ID: "OWN-1", Source: "the host", Says: "Nothing is parked.",
				Claims: []lifecycle.Claim{lifecycle.Never(lifecycle.On(park))}}}
		}, []string{"broken policy"}},
	} {
		x := parking()
		row.edit(&x)
		_, err := kyc.Extend(x)
		var defects *lifecycle.Defects
		var kinds []string
		if errors.As(err, &defects) {
			for _, d := range defects.List {
				if !slices.Contains(kinds, d.Kind) {
					kinds = append(kinds, d.Kind)
				}
			}
		}
		if row.kinds == nil && err != nil || row.kinds != nil && !slices.Contains(kinds, row.kinds[0]) {
			t.Errorf("%s: got %q, want %q (%s): %v", row.name, kinds, row.kinds, row.why, err)
		}
	}
}

// The table of the library is not touched, and the extension's statuses are as others are.
func TestWhatAnExtensionChanges(t *testing.T) {
	before := kyc.Machine.Fingerprint()
	table, err := kyc.Extend(parking())
	if err != nil {
		t.Fatal(err)
	}
	if kyc.Machine.Fingerprint() != before || kyc.Machine.Has(parked) {
		t.Error("Machine was changed")
	}
	for _, row := range []struct {
		name, why string
		from      kyc.Status
		on        kyc.Event
		verdict   lifecycle.Verdict
		to        kyc.Status
	}{
		{"approved", "the provider's word moves any but cancelled", parked, kyc.ApprovedByProvider, lifecycle.Move, kyc.Approved},
		{"redo", "steps to be done again", parked, kyc.InProgressAtProvider, lifecycle.Move, kyc.InProgress},
		{"in review", "and back", parked, kyc.InReviewAtProvider, lifecycle.Move, kyc.InReview},
		{"superseded", "a newer one may come in any status", parked, kyc.Supersede, lifecycle.Note, parked},
		{"closed and superseded", "a note is made in absorbing ones too", closed, kyc.Supersede, lifecycle.Note, closed},
		{"closed and approved", "nothing moves what is absorbing", closed, kyc.ApprovedByProvider, lifecycle.Ignore, closed},
		{"cancelled and approved", "as before", kyc.Cancelled, kyc.ApprovedByProvider, lifecycle.Ignore, kyc.Cancelled},
		{"in review and approved by hand", "as before", kyc.InReview, kyc.Approve, lifecycle.Move, kyc.Approved},
	} {
		cell, err := table.Cell(row.from, row.on)
		if err != nil || cell.Verdict != row.verdict || cell.To != row.to {
			t.Errorf("%s: got %s to %q (%v), want %s to %q (%s)", row.name, cell.Verdict, cell.To, err, row.verdict, row.to, row.why)
		}
	}
	page := export.Markdown(table.Chart())
	for _, want := range []string{"parked", "archive", "own_case", "closing ends the session too"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the extended table does not say %q", want)
		}
	}
}

// A service works on the extended table: rules, notes, owed work, trail and stored form.
func TestAServiceWorksOnAnExtendedTable(t *testing.T) {
	table, err := kyc.Extend(parking())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	h := newHost(t, nil, func(s *kyc.Settings) { s.Lifecycle = table })
	v, err := h.Service.Create(ctx, h.Person, kyc.NewValidation{
		EntityID: uuid.New(), Provider: kyctest.Code, Metadata: map[string]json.RawMessage{"owner": json.RawMessage(`"user_a"`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Hear(v, kyc.ProviderInReview)
	if v, err = h.Do(ctx, h.Person, v.ID, park, "there is no time"); err != nil || v.Status != parked || !v.IsCurrent {
		t.Fatalf("parked: %q, current %t, %v", v.Status, v.IsCurrent, err)
	}
	var refused *lifecycle.Denied
	if _, err := h.Do(ctx, h.Person, v.ID, archive, "nobody asked"); !errors.As(err, &refused) || refused.Rule != "own_case" {
		t.Errorf("closed by the owner of the case: got %v", err)
	}
	other := h.Person
	other.ID = "user_b"
	if v, err = h.Do(ctx, other, v.ID, archive, "nobody asked"); err != nil || v.Status != closed || v.IsCurrent || !v.TerminationOwed.IsZero() {
		t.Fatalf("closed: %q, current %t, owed %v, %v", v.Status, v.IsCurrent, v.TerminationOwed, err)
	}
	if !h.Provider.Terminated(v.ValidationSessionID) || string(v.Metadata["archiveBy"]) != `"user_b"` {
		t.Errorf("the session lives, or nobody signed: %s", v.Metadata["archiveBy"])
	}
	if got := h.Hear(v, kyc.ProviderApproved); got.Verdict != lifecycle.Ignore || got.Value.Status != closed {
		t.Errorf("after it: %s, %q", got.Verdict, got.Value.Status)
	}
	trail, err := h.History(ctx, h.Person, v.ID)
	if err != nil || trail.Fault != nil {
		t.Errorf("the trail: %v, %v", trail.Fault, err)
	}
	for _, on := range []kyc.Event{kyc.Create, kyc.Supersede, kyc.Terminate, kyc.TerminateFoundGone, kyc.ApprovedByProvider, "wave"} {
		if _, err := h.Do(ctx, kyc.Actor{Organization: "org_a", Kind: audit.System, ID: "job"}, v.ID, on, "because of it"); kyc.Explain(err).Code != "FORBIDDEN" {
			t.Errorf("%s is the service's own to bring, or no command: got %v", on, err)
		}
	}
}

// A status is refused where the table does not have it, and taken where one of this process
// does.
func TestAStatusBelongsToItsTable(t *testing.T) {
	table, err := kyc.Extend(parking())
	if err != nil {
		t.Fatal(err)
	}
	v := kyc.Validation{ID: uuid.New(), OrganizationID: "org_a", Status: parked}
	stored, err := kyc.SchemaOf(table).Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := kyc.SchemaOf(table).Decode(stored); err != nil || back.Status != parked {
		t.Errorf("read back: %q, %v", back.Status, err)
	}
	// What is stored is not a caller's input: to a host it is a fault of its own, 500.
	if _, err := kyc.Schema.Decode(stored); err == nil || kyc.Explain(err).HTTP != 500 {
		t.Errorf("the library's own table read a status that it does not have: %v", err)
	}
	if _, err := kyc.Schema.Encode(v); !errors.Is(err, lifecycle.ErrInvalid) {
		t.Errorf("the library's own table wrote a status that it does not have: %v", err)
	}
	if _, err := json.Marshal(v.Document()); err != nil {
		t.Errorf("as JSON: %v", err)
	}
	if _, err := kyc.ParseStatus("parked_elsewhere"); !errors.Is(err, lifecycle.ErrInvalid) {
		t.Errorf("a status that no table has: %v", err)
	}
}
