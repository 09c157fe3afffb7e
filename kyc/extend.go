package kyc

import (
	"fmt"
	"slices"

	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/refund"
)

// Rule and Row are those of a validation's table.
type (
	Rule = lifecycle.Rule[Facts]
	Row  = lifecycle.Row[Status, Event, Facts]
)

// Extension is what a host adds to the table: statuses, events, rows, terms and policies of
// its own. Nothing of Machine is taken away or changed.
type Extension struct {
	// States are new statuses. What the provider says newer moves a validation out of them,
	// as out of any but cancelled, unless the status is Absorbing, or a row of the extension
	// says for this status and event what becomes of it.
	States []lifecycle.State[Status, Event]
	Events []lifecycle.Event[Event]
	// Rows lead from and to any status. A cell of Machine stays as it is. They may do the
	// exported effects, and ask the exported rules and rules of the host's own, which see the
	// actor and the validation (Facts).
	Rows     []Row
	Terms    []lifecycle.Term // labels of the new statuses
	Policies []lifecycle.Policy
	// SetAside are the ids of Kycle's policies that are not to hold here, each with the
	// reason, which the generated page shows. Only a policy that the new table breaks can be
	// set aside; all others are proven on it.
	SetAside map[string]string
}

// Extend gives the table with a host's additions in it, checked like Machine: the error is a
// *lifecycle.Defects that lists everything wrong. Give it to Settings.Lifecycle and to
// SchemaOf; it works wherever a lifecycle.Machine does. Make it once, at package level: its
// statuses are known to this process from then on.
func Extend(x Extension) (*Lifecycle, error) {
	var open, absorbing []Status
	for _, s := range x.States {
		if s.Absorbing {
			absorbing = append(absorbing, s.Name)
		} else {
			open = append(open, s.Name)
		}
	}
	def := define(open, absorbing)
	found := x.carriedOut()
	for id, why := range x.SetAside {
		i := slices.IndexFunc(def.Policies, func(p lifecycle.Policy) bool { return p.ID == id })
		if i < 0 || why == "" {
			found = append(found, lifecycle.Defect{Kind: "set aside", Where: id, Text: "there is no such policy, or no reason is given"})
			continue
		}
		def.Policies = slices.Clone(def.Policies)
		def.Policies[i].SetAside = why
	}
	for i := range def.Rows { // the extension's own cells of its own statuses go before
		row := &def.Rows[i]
		row.From = slices.DeleteFunc(slices.Clone(row.From), func(s Status) bool { return x.claims(row.On, s) })
	}
	def.States = slices.Concat(def.States, x.States)
	def.Events = slices.Concat(def.Events, x.Events)
	def.Rows = slices.Concat(def.Rows, x.Rows)
	def.Terms = slices.Concat(def.Terms, x.Terms)
	def.Policies = slices.Concat(def.Policies, x.Policies)
	if len(found) > 0 {
		return nil, &lifecycle.Defects{Machine: def.Name, List: found}
	}
	m, err := lifecycle.New(def)
	if err != nil {
		return nil, err
	}
	know(m)
	return m, nil
}

// claims tells whether a row of the extension is for this cell of a status of its own.
func (x Extension) claims(on Event, from Status) bool {
	own := slices.ContainsFunc(x.States, func(s lifecycle.State[Status, Event]) bool { return s.Name == from })
	return own && slices.ContainsFunc(x.Rows, func(r Row) bool { return r.On == on && slices.Contains(r.From, from) })
}

// carriedOut finds effects that nobody would carry out.
func (x Extension) carriedOut() (found []lifecycle.Defect) {
	can := in(refund.Charged, EffectStartDeadline, EffectRecordDecision, EffectOweTermination)
	for _, r := range x.Rows {
		for _, effect := range r.Does {
			if !slices.Contains(can, effect) {
				found = append(found, lifecycle.Defect{
					Kind: "unknown effect", Where: fmt.Sprintf("%s to %s", r.On, r.To),
					Text: fmt.Sprintf("a validation can do %q, and not %q", can, effect),
				})
			}
		}
	}
	return found
}
