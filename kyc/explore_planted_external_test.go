package kyc_test

import (
	"errors"
	"testing"

	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/lifecycle/lifecycletest"
	"github.com/kycle/kycle/store"
)

// TestPlantedFaultsAreFound searches decisions that misbehave on purpose: a search that
// finds nothing in them would prove nothing of those that do not.
func TestPlantedFaultsAreFound(t *testing.T) {
	for _, row := range []struct {
		name, why string
		decide    decider
		want      string // the whole counterexample: the shortest there is
	}{
		{"an approval charges again", "the books would hold two charges under one key", func(r store.Record[kyc.Validation], in kyc.Input, s kyc.Settings) (kyc.Decision, error) {
			if in.Event == kyc.ApprovedByProvider && r.Value.Status == kyc.Rejected && !r.Value.DecidedByHand && !in.Timeless && in.Word.At.After(r.Value.LastWord.At) {
				r.Value.Charged = false
			}
			return kyc.Decide(r, in, s)
		}, `charged once (spec 1.4 and 3: on the first entry into approved or rejected, once in its life): validation 1: 1 charges on the first entry into a decision: false, after one: true
   pending, current, deadline ahead
1. webhook rejected, newest: move
   rejected, charged
2. webhook approved, newest: move
   approved, current, charged`},
		{"a rejection overrules a person", "what was decided by hand is protected for ever", func(r store.Record[kyc.Validation], in kyc.Input, s kyc.Settings) (kyc.Decision, error) {
			if in.Event == kyc.RejectedByProvider && r.Value.Status == kyc.Approved && in.Word.At.After(r.Value.LastWord.At) {
				r.Value.DecidedByHand = false
			}
			return kyc.Decide(r, in, s)
		}, `nothing moves what a person decided (spec 1.5: status, flag, verifiedAt and the decision's metadata are protected, for ever): validation 1: it was approved, and is rejected
   pending, current, deadline ahead
1. webhook in_review, newest: move
   in_review, current
2. approve on a reading "in_review": move
   approved, by hand, current, charged, last word in_review
3. webhook rejected, newest: move
   rejected, charged`},
		{"a decision on stale data", "no command by hand without a reading of this very call", func(r store.Record[kyc.Validation], in kyc.Input, s kyc.Settings) (kyc.Decision, error) {
			if in.Event == kyc.Reject {
				in.Reading = kyc.ProviderInReview
			}
			return kyc.Decide(r, in, s)
		}, `every input has the verdict of the table (spec 1.2 and 1.3: move, stay, refuse, ignore or duplicate, and which is left to no accident): it should be refuse
   pending, current, deadline ahead
1. webhook in_review, newest: move
   in_review, current
2. reject on a reading "": move
   rejected, by hand, charged, last word in_review`},
	} {
		t.Run(row.name, func(t *testing.T) {
			found, err := lifecycletest.Explore(decisions(row.decide))
			var c *lifecycletest.Counterexample
			if !errors.As(err, &c) || c.Error() != row.want {
				t.Errorf("%s: of %+v\n%v", row.why, found, err)
			}
		})
	}
}
