package integration

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store/sqlite"
)

// Whoever has the file can write to it. What is forged must be seen, wherever it stands.
func TestWhatIsForgedInTheFileIsSeen(t *testing.T) {
	const drop = `drop trigger kycle_entry_update; drop trigger kycle_entry_delete; drop trigger kycle_posting_update; drop trigger kycle_posting_delete;`
	for _, row := range []struct {
		name string
		sql  string // ? is the key of the validation's refund, which it cannot have
		why  string
	}{
		{"a posting behind the last entry", `insert into kycle_posting select organization, ?1, kind, id, 99, 'refund', minor, currency, key, at from kycle_posting`,
			"no entry names it, however far its sequence lies"},
		{"a posting before the first entry", `insert into kycle_posting select organization, ?1, kind, id, -1, 'refund', minor, currency, key, at from kycle_posting`,
			"a sequence that cannot be is no reason to fail"},
		{"an amount that is no number", drop + `update kycle_posting set minor = 'many' where key <> ?1`, "the row is shown as wrong"},
		{"two entries in each other's place", drop + `update kycle_entry set seq = -seq where seq in (2, 3) and ?1 <> ''; update kycle_entry set seq = 5 + seq where seq < 0`,
			"the place is part of the entry"},
		{"all entries moved up", drop + `update kycle_entry set seq = seq + 10 where ?1 <> ''`, "the place is part of the entry"},
		{"an entry before the first", `insert into kycle_entry select organization, kind, id, 0, bytes, salt, body from kycle_entry where seq = 1 and ?1 <> ''`,
			"every entry is walked"},
		{"the first entry gone", drop + `delete from kycle_entry where seq = 1 and ?1 <> ''`, "a gap"},
	} {
		t.Run(row.name, func(t *testing.T) {
			ctx := context.Background()
			db := openFile(t, filepath.Join(t.TempDir(), "kycle.db"))
			repo, err := sqlite.New(ctx, db, kyc.Schema)
			if err != nil {
				t.Fatal(err)
			}
			h := kyctest.NewHost(t, repo)
			v := h.ByHand(kyc.Approved)
			if trail, err := h.History(ctx, h.Person, v.ID); err != nil || trail.Fault != nil {
				t.Fatalf("before: %v, fault: %v", err, trail.Fault)
			}
			key := refund.Key(refund.Subject{Organization: v.OrganizationID, Kind: kyc.Kind, ID: v.ID}, refund.Refund)
			if _, err := db.ExecContext(ctx, row.sql, key.String()); err != nil {
				t.Fatal(err)
			}
			trail, err := h.History(ctx, h.Person, v.ID)
			if err != nil || trail.Fault == nil {
				t.Errorf("%s: %v, fault: %v", row.why, err, trail.Fault)
			}
		})
	}
}
