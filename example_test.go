package kycle_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/kyc/kyctest"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/store/memory"
	"github.com/kycle/kycle/store/storetest"
)

// The whole journey: create, hear from the provider, decide by hand, and see that a late
// word of the provider changes nothing any more.
func Example_journey() {
	ctx, clock := context.Background(), storetest.NewClock()
	provider := kyctest.NewProvider(clock.Now) // yours speaks to the real one
	service, err := kyc.NewService(kyc.Config{
		Repository: memory.New(kyc.Schema), // or sqlite.New(ctx, db, kyc.Schema), or your own
		Providers:  map[string]kyc.Provider{"scripted": provider},
		Settings:   kyc.DefaultSettings(),
		Now:        clock.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	reviewer := kyc.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}
	v, err := service.Create(ctx, reviewer, kyc.NewValidation{EntityID: uuid.New(), Provider: "scripted"})
	if err != nil {
		log.Fatal(err)
	}

	// The customer finishes; a person must decide. Approve reads the provider first.
	clock.Advance(time.Hour)
	provider.Say(v.ValidationSessionID, kyc.ProviderInReview)
	v, err = service.Approve(ctx, reviewer, v.ID, "documents match the register")
	fmt.Println(v.Status, v.IsCurrent, err)

	// What was decided by hand is protected: a second wish is refused …
	_, err = service.Reject(ctx, reviewer, v.ID, "changed my mind")
	fmt.Println(errors.Is(err, lifecycle.ErrNotAllowed), kyc.Explain(err).Code)

	// … and a late webhook is ignored, with an audit entry that says so.
	clock.Advance(time.Hour)
	result, err := service.Observe(ctx, kyc.ProviderReport{
		Source: "scripted", EventID: "event-1", Session: v.ValidationSessionID,
		Status: kyc.ProviderRejected, OccurredAt: clock.Now(),
	})
	fmt.Println(result.Verdict, result.Why, result.Value.Status, err)

	trail, err := service.History(ctx, reviewer, v.ID)
	for _, entry := range trail.Entries {
		fmt.Println(entry.Seq, entry.Event, entry.From, "→", entry.To, entry.Verdict, entry.Why, entry.Postings != nil)
	}
	fmt.Println("chain, replay and books hold:", trail.Fault == nil, err)
	// Output:
	// approved true <nil>
	// true INVALID_STATUS
	// ignore protected approved <nil>
	// 1 create  → pending moved  false
	// 2 in_review_at_provider pending → in_review moved  false
	// 3 approve in_review → approved moved  true
	// 4 rejected_by_provider approved → approved ignored protected false
	// chain, replay and books hold: true <nil>
}

// The sentences that a compliance team has signed are held against the table that runs.
func Example_verifyingYourOwnRules() {
	policies := []lifecycle.Policy{
		{ID: "AML-7", Source: "our manual, page 3", Says: "Nobody is approved whom nobody has checked.", Claims: []lifecycle.Claim{
			lifecycle.Only(lifecycle.To(kyc.Approved), lifecycle.On(kyc.Approve), lifecycle.On(kyc.ApprovedByProvider))}},
		{ID: "AML-8", Source: "our manual, page 4", Says: "Every approval is a person's.", Claims: []lifecycle.Claim{
			lifecycle.Only(lifecycle.To(kyc.Approved), lifecycle.By("person"))}},
	}
	for _, breach := range kyc.Machine.Broken(policies...) {
		fmt.Println(breach) // in a test of yours: t.Error(breach)
	}
	// Output:
	// AML-8: "Every approval is a person's." (our manual, page 4) is broken
	//     claimed: any step to approved: only by person
	//     but: the last step is not one of those
	//     for example: create → pending [start_deadline], approved_by_provider → approved [charge]
}

// TestTheReadmeShowsTheExamples keeps the README's blocks of Go the bodies of the examples
// above, and what it prints under one what that one prints.
func TestTheReadmeShowsTheExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(readme)
	for _, name := range []string{"Example_journey", "Example_verifyingYourOwnRules"} {
		_, body, _ := strings.Cut(string(source), "func "+name+"() {\n")
		body, output, _ := strings.Cut(body, "\t// Output:\n")
		output, _, _ = strings.Cut(output, "}\n")
		var block string
		_, rest, _ = strings.Cut(rest, "```go\n")
		block, rest, _ = strings.Cut(rest, "```")
		if want := without("\t", body); block != want {
			t.Errorf("the next Go block of README.md is not the body of %s; it should be:\n%s", name, want)
		}
		if name == "Example_journey" {
			continue // its output is told in comments
		}
		_, rest, _ = strings.Cut(rest, "```\n")
		block, rest, _ = strings.Cut(rest, "```")
		if want := without("\t// ", output); block != want {
			t.Errorf("the block under %s is not what it prints; it should be:\n%s", name, want)
		}
	}
}

// without takes a prefix off every line.
func without(prefix, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimPrefix(line, prefix))
	}
	return b.String()
}
