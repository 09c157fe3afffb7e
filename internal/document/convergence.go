package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kycle/kycle/audit"
	"github.com/kycle/kycle/kyc"
	"github.com/kycle/kycle/store"
)

// said are the words of a provider, by rank.
var said = []kyc.ProviderStatus{kyc.ProviderNotStarted, kyc.ProviderInProgress, kyc.ProviderInReview,
	kyc.ProviderExpired, kyc.ProviderAbandoned, kyc.ProviderRejected, kyc.ProviderApproved}

// begun is when the validation of the page was created; everything comes by the day.
var begun = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// inbox is a validation that hears one thing a day, by the real decisions.
type inbox struct {
	store.Record[kyc.Validation]
	of       *sheet
	day      int
	verdicts []string
}

// sheet is the page on its way, and the first decision that failed.
type sheet struct {
	strings.Builder
	err error
}

func (p *sheet) printf(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

// pending is a pending validation, with a link that ends after the first week.
func (p *sheet) pending() *inbox {
	v := kyc.Validation{OrganizationID: "org_a", Status: kyc.Pending, CreatedAt: begun, ExpiresAt: begun.AddDate(0, 0, 7)}
	return &inbox{of: p, Record: store.Record[kyc.Validation]{Value: v, Version: 1, Receipts: map[string]string{}}}
}

func (b *inbox) clone() *inbox {
	c := *b
	c.Receipts, c.verdicts = maps.Clone(b.Receipts), nil
	return &c
}

// decide takes one input, as a store would keep what it writes.
func (b *inbox) decide(in kyc.Input) *inbox {
	b.day++
	in.Call = audit.Call{At: begun.AddDate(0, 0, b.day), Actor: audit.Actor{Organization: "org_a", Kind: audit.Person, ID: "user_a"}}
	d, err := kyc.Decide(b.Record, in, kyc.DefaultSettings())
	if err != nil {
		b.of.err = cmp.Or(b.of.err, err)
	}
	for _, c := range d.Changes {
		b.Value, b.Version = c.Next, b.Version+1
		maps.Copy(b.Receipts, c.Receipts)
		if n := len(c.Entries); n > 0 {
			b.Head = c.Entries[n-1].Head()
		}
	}
	b.verdicts = append(b.verdicts, strings.TrimSpace(string(d.Verdict)+" "+d.Why))
	return b
}

// hear is a word of the provider, of some day.
func (b *inbox) hear(status kyc.ProviderStatus, day int) *inbox {
	word := kyc.Word{Status: status, At: begun.AddDate(0, 0, day)}
	event, _ := status.Event()
	return b.decide(kyc.Input{Event: event, Word: word, Receipts: map[string]string{fmt.Sprint(word): ""}})
}

// circumstances are those in which a pair of words can arrive. All that was heard before
// is older than both.
var circumstances = []struct {
	name  string
	begin func(p *sheet) *inbox
}{
	{"pending", (*sheet).pending},
	{"in_progress", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderInProgress, 1) }},
	{"in_review", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderInReview, 1) }},
	{"expired by the provider", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderExpired, 1) }},
	{"abandoned by the provider", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderAbandoned, 1) }},
	{"expired by the clock", func(p *sheet) *inbox { return p.pending().overdue().tick() }},
	{"abandoned by the clock", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderInProgress, 1).overdue().tick() }},
	{"rejected by the provider", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderRejected, 1) }},
	{"approved by the provider", func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderApproved, 1) }},
	{"in_progress once more, after a decision", func(p *sheet) *inbox {
		return p.pending().hear(kyc.ProviderApproved, 1).hear(kyc.ProviderInProgress, 2)
	}},
	{"rejected by hand", func(p *sheet) *inbox { return p.pending().byHand(kyc.Reject) }},
	{"approved by hand", func(p *sheet) *inbox { return p.pending().byHand(kyc.Approve) }},
	{"cancelled", func(p *sheet) *inbox { return p.pending().decide(kyc.Input{Event: kyc.Cancel}) }},
}

func (b *inbox) byHand(on kyc.Event) *inbox {
	return b.hear(kyc.ProviderInReview, 1).decide(kyc.Input{Event: on, Reading: kyc.ProviderInReview})
}

// overdue lets the time pass until after the deadline, and tick has the clock say so.
func (b *inbox) overdue() *inbox { b.day = 8; return b }
func (b *inbox) tick() *inbox    { return b.decide(kyc.Input{Event: kyc.DeadlinePassed}) }

// ends is what every order of arrival must agree on, and whether a fee was charged.
type ends struct {
	status          kyc.Status
	byHand, current bool
	charged         bool
}

func (b *inbox) ends() ends {
	return ends{b.Value.Status, b.Value.DecidedByHand, b.Value.IsCurrent, b.Value.Charged}
}

// meeting is what becomes of two words, in the order in which they were said and the other.
type meeting struct {
	inOrder, late ends
	heard         bool // a word moved it, or said once more what holds
}

// meet lets a word of one day and one of another arrive in both orders.
func meet(begin *inbox, a kyc.ProviderStatus, dayA int, b kyc.ProviderStatus, dayB int) (m meeting, inOrder, late *inbox) {
	begin.day = 30
	inOrder = begin.clone().hear(a, dayA).hear(b, dayB)
	late = begin.clone().hear(b, dayB).hear(a, dayA)
	heard := slices.ContainsFunc(slices.Concat(inOrder.verdicts, late.verdicts), func(v string) bool { return v == "move" || v == "stay" })
	return meeting{inOrder.ends(), late.ends(), heard}, inOrder, late
}

func (m meeting) String() string {
	word := "`" + string(m.inOrder.status) + "`"
	charge := m.inOrder.charged != m.late.charged
	m.inOrder.charged, m.late.charged = false, false
	switch {
	case m.inOrder != m.late:
		return fmt.Sprintf("**%s, or `%s`**", word, m.late.status)
	case charge:
		return word + " (charge)"
	case !m.heard:
		return "as it was"
	}
	return word
}

// convergence is the page: which words of a provider commute, by the real decisions.
func convergence([]byte) ([]byte, error) {
	p := &sheet{}
	p.WriteString(heading)
	p.printf("Machine `%s`, definition `%s`.\n\n", kyc.Machine.Name(), kyc.Machine.Fingerprint())
	var groups []struct{ names, matrix string }
	for _, c := range circumstances {
		matrix := p.matrix(c.begin)
		i := slices.IndexFunc(groups, func(g struct{ names, matrix string }) bool { return g.matrix == matrix })
		if i < 0 {
			groups = append(groups, struct{ names, matrix string }{c.name, matrix})
			continue
		}
		groups[i].names += "; " + c.name
	}
	for _, g := range groups {
		p.printf("## From: %s\n\n%s\n", g.names, g.matrix)
	}
	p.WriteString(chargesHeading)
	p.charges()
	p.WriteString(clockHeading)
	p.clock()
	return []byte(p.String()), p.err
}

// matrix has a cell for each pair: the earlier word, and the later one.
func (p *sheet) matrix(begin func(*sheet) *inbox) string {
	var b strings.Builder
	b.WriteString("| said earlier |")
	for _, later := range said {
		fmt.Fprintf(&b, " then `%s` |", later)
	}
	fmt.Fprintf(&b, "\n|%s\n", strings.Repeat(" --- |", len(said)+1))
	ranked := true
	for i, earlier := range said {
		fmt.Fprintf(&b, "| `%s` |", earlier)
		for j, later := range said {
			m, _, _ := meet(begin(p), earlier, 20, later, 21)
			fmt.Fprintf(&b, " %s |", m)
			same, _, _ := meet(begin(p), earlier, 20, later, 20)
			ranked = ranked && (i >= j || same == m)
		}
		b.WriteString("\n")
	}
	note := map[bool]string{true: "Two words of one instant: as if the one that stands further down were said later.", false: "**Two words of one instant are not ranked as they stand here.**"}
	return b.String() + "\n" + note[ranked] + "\n"
}

// charges lists the pairs that agree on everything but the charge, with both stories.
func (p *sheet) charges() {
	p.printf("| said earlier | said later | ends in | arriving in order | arriving late | charged |\n|%s\n", strings.Repeat(" --- |", 6))
	for _, a := range said {
		for _, b := range said {
			m, inOrder, late := meet(p.pending(), a, 20, b, 21)
			if m.inOrder.charged == m.late.charged {
				continue
			}
			when := map[bool]string{true: "in order only", false: "late only"}[m.inOrder.charged]
			p.printf("| `%s` | `%s` | `%s` | %s | %s | %s |\n", a, b, m.inOrder.status,
				strings.Join(inOrder.verdicts, ", "), strings.Join(late.verdicts, ", "), when)
		}
	}
}

// clock lists what becomes of each word and of a deadline that has passed, in both orders.
func (p *sheet) clock() {
	p.printf("| from | said before the deadline | heard before the clock | heard after the clock | commute |\n|%s\n", strings.Repeat(" --- |", 5))
	for _, begin := range []func(p *sheet) *inbox{(*sheet).pending, func(p *sheet) *inbox { return p.pending().hear(kyc.ProviderInProgress, 1) }} {
		for _, word := range said {
			first := begin(p).overdue().hear(word, 5).tick()
			after := begin(p).overdue().tick().hear(word, 5)
			commute := map[bool]string{true: "yes", false: "no"}[first.ends() == after.ends()]
			p.printf("| `%s` | `%s` | `%s` | `%s` | %s |\n", begin(p).Value.Status, word, first.Value.Status, after.Value.Status, commute)
		}
	}
}
