package kyc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// A status of a host's own between in_review and a decision: a reviewer who is in doubt
// leaves the case to a senior one. Two of Kycle's policies say that only in_review waits
// for a person; they are set aside by their ids, and all others are proven on the new table.
func ExampleExtend_escalated() {
	const escalated, escalate = kyc.Status("escalated"), kyc.Event("escalate")
	senior := kyc.Rule{Name: "a senior reviewer decides", Code: "not_senior",
		Holds: func(f kyc.Facts) bool { return strings.HasPrefix(f.Actor.ID, "senior_") }}
	from, rules := []kyc.Status{escalated}, []kyc.Rule{kyc.FreshlySynced, senior}
	decides := []string{refund.Charged, kyc.EffectRecordDecision}
	table, err := kyc.Extend(kyc.Extension{
		States: []lifecycle.State[kyc.Status, kyc.Event]{{Name: escalated, Means: "a senior reviewer must decide",
			Labels: []string{kyc.LabelCurrent}, NoDeadline: "it waits for a person, as in_review does"}},
		Events: []lifecycle.Event[kyc.Event]{{Name: escalate, Kind: lifecycle.Command, By: []string{audit.Person},
			Means: "leave it to a senior reviewer"}},
		Rows: []kyc.Row{
			{On: escalate, From: []kyc.Status{kyc.InReview}, To: escalated, Why: "the reviewer is in doubt"},
			{On: kyc.Approve, From: from, To: kyc.Approved, If: rules, Does: decides, Why: "a senior reviewer has looked"},
			{On: kyc.Reject, From: from, To: kyc.Rejected, If: rules, Does: decides, Why: "a senior reviewer has looked"},
			{On: kyc.InReviewAtProvider, From: from, To: escalated, If: []kyc.Rule{kyc.Newer, kyc.Unprotected},
				Why: "the provider leaves it to a person, and with a person it is"},
		},
		SetAside: map[string]string{
			"KYC-10": "an escalated validation is decided by hand too",
			"KYC-22": "an escalated validation waits for a person too",
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, h := context.Background(), kyctest.NewHost(&testing.T{}, nil, func(s *kyc.Settings) { s.Lifecycle = table })
	v, err := h.Do(ctx, h.Person, h.In(kyc.InReview).ID, escalate, "the photographs differ")
	fmt.Println(v.Status, v.IsCurrent, err)
	_, err = h.Approve(ctx, h.Person, v.ID, "they do not differ")
	fmt.Println(err)
	h.Person.ID = "senior_b"
	v, err = h.Approve(ctx, h.Person, v.ID, "compared with the register")
	fmt.Println(v.Status, err)
	trail, err := h.History(ctx, h.Person, v.ID)
	fmt.Println(len(trail.Entries), "entries, fault:", trail.Fault, err)
	// Output:
	// escalated true <nil>
	// Cannot approve. This is only allowed if a senior reviewer decides.
	// approved <nil>
	// 5 entries, fault: <nil> <nil>
}

// Fraud is found after an approval. Kycle's policy KYC-11 forbids any command on what is
// approved; without setting it aside there is no such table. What still holds then: a
// decision by hand is protected, also from this.
func ExampleExtend_revoke() {
	const revoked, revoke = kyc.Status("revoked"), kyc.Event("revoke")
	extension := kyc.Extension{
		States: []lifecycle.State[kyc.Status, kyc.Event]{{Name: revoked, Means: "approved once, and fraud was found", Final: true, Absorbing: true}},
		Events: []lifecycle.Event[kyc.Event]{{Name: revoke, Kind: lifecycle.Command, By: []string{audit.Person}, Means: "take an approval back"}},
		Rows: []kyc.Row{{On: revoke, From: []kyc.Status{kyc.Approved}, To: revoked, If: []kyc.Rule{kyc.Unprotected},
			Does: []string{kyc.EffectRecordDecision}, MovesFinal: true, Why: "whoever deceived the provider is not verified"}},
	}
	_, err := kyc.Extend(extension)
	fmt.Println(err)

	extension.SetAside = map[string]string{"KYC-11": "fraud may be found after the provider has approved"}
	table, err := kyc.Extend(extension)
	if err != nil {
		fmt.Println(err)
		return
	}
	holds := 0
	for _, p := range table.Definition().Policies {
		if p.SetAside == "" && len(p.Claims) > 0 {
			holds++
		}
	}
	fmt.Println("policies proven on the new table:", holds)
	ctx, h := context.Background(), kyctest.NewHost(&testing.T{}, nil, func(s *kyc.Settings) { s.Lifecycle = table })
	v, err := h.Do(ctx, h.Person, h.In(kyc.Approved).ID, revoke, "the document was forged")
	fmt.Println(v.Status, v.IsCurrent, err)
	again := h.Hear(v, kyc.ProviderApproved)
	fmt.Println("the provider says approved again:", again.Verdict, again.Why)
	_, err = h.Do(ctx, h.Person, h.ByHand(kyc.Approved).ID, revoke, "the document was forged")
	fmt.Println(err, errors.Is(err, lifecycle.ErrNotAllowed))
	// Output:
	// lifecycle: "kyc_validation" has 1 defect:
	//   broken policy: KYC-11: "Nobody overrides by hand what the provider has approved or rejected, nor an end that was reached otherwise." (seed 001) is broken
	//     claimed: there is never any command from approved, rejected, expired, abandoned or cancelled to another status
	//     but: the last step is such a step
	//     for example: create → pending [start_deadline], approved_by_provider → approved [charge], revoke → revoked [record_decision]
	// policies proven on the new table: 24
	// revoked false <nil>
	// the provider says approved again: ignore no_row
	// Cannot revoke. This is only allowed if no decision made by hand stands. true
}
