package product_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/product"
	"github.com/kycle/kycle/refund"
	"github.com/kycle/kycle/store"
)

// A value that does not say what the table says is not written: its trail would not hold.
func TestJudgeHoldsTheValueAgainstTheTable(t *testing.T) {
	r := store.Record[loan]{Value: loan{ID: uuid.New(), Organization: "org_a"}}
	from := product.Origin{Call: audit.Call{ID: uuid.New(), Actor: reader}}
	forgetful := func(*loan, lifecycle.Outcome[loanStatus, loanEvent]) product.News { return product.News{} }
	if d, err := product.Judge(loans, loanSchema, r, "lend", loanFacts{}, from, forgetful); err == nil || d.Changes != nil {
		t.Errorf("got %+v, %v, want an error", d, err)
	}
}

// What is refused or was received before leaves nothing to write, and carry is not asked.
func TestJudgeWritesNothingForARefusalOrARepeat(t *testing.T) {
	asked := false
	carry := func(l *loan, out lifecycle.Outcome[loanStatus, loanEvent]) product.News {
		asked = true
		return product.News{}
	}
	r := store.Record[loan]{Value: loan{Status: "back"}, Version: 3, Receipts: map[string]string{"key": "seen"}}
	from := product.Origin{Call: audit.Call{Actor: reader}}
	d, err := product.Judge(loans, loanSchema, r, "renew", loanFacts{}, from, carry)
	var refusal *product.Refusal
	if !errors.As(err, &refusal) || d.Changes != nil {
		t.Errorf("a refusal: %+v, %v", d, err)
	}
	from.Receipts = map[string]string{"key": "seen"}
	d, err = product.Judge(loans, loanSchema, r, "seen", loanFacts{}, from, carry)
	if err != nil || d.Verdict != lifecycle.Duplicate || d.Changes != nil || d.Value.Status != "back" {
		t.Errorf("a repeat: %+v, %v", d, err)
	}
	from.Receipts = nil
	d, err = product.Judge(loans, loanSchema, r, "seen", loanFacts{}, from, carry)
	if err != nil || d.Verdict != lifecycle.Ignore || len(d.Changes) != 1 || len(d.Changes[0].Entries) != 1 || d.Changes[0].Expect != 3 {
		t.Errorf("what is ignored: %+v, %v", d, err)
	}
	if asked {
		t.Error("carry was asked about what does not fire")
	}
	_, err = product.Judge(loans, loanSchema, r, "burn", loanFacts{}, from, carry)
	if !errors.Is(err, lifecycle.ErrUnknown) || errors.As(err, &refusal) {
		t.Errorf("an unknown event: got %v, want %v", err, lifecycle.ErrUnknown)
	}
}

func TestFees(t *testing.T) {
	for on, want := range map[loanEvent][]string{"lend": {refund.Charged}, "returned": {refund.Refunded}, "extend": nil} {
		from := loanStatus("out")
		if on == "lend" {
			from = ""
		}
		out, err := loans.Decide(from, on, loanFacts{})
		if got := product.Fees(out); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, %v, want %q", on, got, err, want)
		}
	}
}

func TestRefuseSpeaksTheTablesWords(t *testing.T) {
	decide := func(from loanStatus, on loanEvent, f loanFacts) error {
		_, err := loans.Decide(from, on, f)
		return err
	}
	for _, row := range []struct {
		name, why string
		err       error
		want      string
	}{
		{"no row here", "where it is allowed", decide("back", "renew", loanFacts{}),
			`Cannot renew. Current status is "back". It is allowed when status is "out".`},
		{"a rule", "which condition is not met", decide("out", "renew", loanFacts{renewed: true}),
			`Cannot renew. Current status is "out". It is allowed only if it was not renewed before.`},
		{"no record", "there is no status yet", decide("", "renew", loanFacts{}), `Cannot renew. It is allowed when status is "out".`},
		{"at the birth alone", "no status has a row", decide("out", "lend", loanFacts{}),
			`Cannot lend. Current status is "out". No status allows it.`},
	} {
		err := product.Refuse(row.err, loans.Chart())
		var refusal *product.Refusal
		if !errors.As(err, &refusal) || refusal.Error() != row.want || refusal.Current != refusal.From {
			t.Errorf("%s: got %v, want %s (%s)", row.name, err, row.want, row.why)
		}
	}
	other := errors.New("test: something else")
	if got := product.Refuse(other, loans.Chart()); got != other {
		t.Errorf("got %v, want %v", got, other)
	}
}

func TestJSONSchemaIsStrict(t *testing.T) {
	whole := loan{ID: uuid.New(), Organization: "org_a", Status: "out", Book: "Emma"}
	for _, row := range []struct {
		name, why string
		edit      func(*loan)
		want      error
	}{
		{"as it is", "nothing is wrong with it", func(*loan) {}, nil},
		{"odd text", "it is text: \ufffd is a character", func(l *loan) { l.Book = "\ufffd \\ufffd \\\\u0000 \"<&>" }, nil},
		{"JSON of the caller's", "it is kept as it is", func(l *loan) { l.Slip = json.RawMessage(`{"a":[1.50]}`) }, nil},
		{"NUL", "no store keeps it", func(l *loan) { l.Book = "a\x00" }, store.ErrText},
		{"no UTF-8", "JSON would replace it in silence", func(l *loan) { l.Book = "Emma\xff" }, store.ErrText},
		{"no UTF-8 behind a quote", "the escape before it is another's", func(l *loan) { l.Book = "\\\xff" }, store.ErrText},
		{"JSON that is not UTF-8", "nobody could read it back", func(l *loan) { l.Slip = json.RawMessage("\"\xff\"") }, store.ErrText},
		{"an unknown status", "no table judges it", func(l *loan) { l.Status = "burnt" }, lifecycle.ErrInvalid},
		{"no status", "nor this", func(l *loan) { l.Status = "" }, lifecycle.ErrInvalid},
	} {
		l := whole
		row.edit(&l)
		text, err := loanSchema.Encode(l)
		if !errors.Is(err, row.want) || (err == nil) != (row.want == nil) {
			t.Errorf("%s: got %v, want %v (%s)", row.name, err, row.want, row.why)
		}
		if got, err := loanSchema.Decode(text); row.want == nil && (err != nil || !reflect.DeepEqual(got, l)) {
			t.Errorf("%s: read back as %+v, %v", row.name, got, err)
		}
	}
	text, err := loanSchema.Encode(whole)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{`"out"`: `"burnt"`, `"renewed"`: `"renewd"`, `"status":"out",`: ""} {
		if _, err := loanSchema.Decode([]byte(strings.Replace(string(text), from, to, 1))); err == nil {
			t.Errorf("%s for %s was read", to, from)
		}
	}
}

func TestCheckText(t *testing.T) {
	for _, row := range []struct {
		name, why, text string
		least, most     int
		ok              bool
	}{
		{"shortest", "the least is allowed", "ab", 2, 4, true},
		{"longest", "the most is allowed", "abcd", 2, 4, true},
		{"too short", "one byte less", "a", 2, 4, false},
		{"too long", "one byte more", "abcde", 2, 4, false},
		{"bytes", "two characters of three bytes each", "日本", 1, 5, false},
		{"empty", "it is not needed", "", 0, 4, true},
		{"no UTF-8", "no store keeps it", "a\xff", 0, 4, false},
		{"NUL", "no store keeps it", "a\x00", 0, 4, false},
	} {
		err := product.CheckText("field", row.text, row.least, row.most)
		var invalid *lifecycle.Invalid
		if (err == nil) != row.ok || !row.ok && (!errors.As(err, &invalid) || invalid.Field != "field") {
			t.Errorf("%s: got %v (%s)", row.name, err, row.why)
		}
	}
}
