package lifecycletest

import (
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// labels drops each label of a state, and adds each that it does not have.
func (l *list[S, E, F]) labels() {
	var known []string
	for _, s := range l.def.States {
		known = append(known, s.Labels...)
	}
	for i, s := range l.def.States {
		for _, word := range l.terms(known) {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.States[i].Labels = toggle(d.States[i].Labels, word) },
				"state %q: %s", s.Name, toggled("label", s.Labels, word))
		}
	}
}

// states makes each state final, or not; each final one absorbing, or not; and gives it every
// other report of the clock as its deadline, or none. What a final state cannot have, or needs,
// goes or comes with it.
func (l *list[S, E, F]) states() {
	not := map[bool]string{true: "not "}
	clock := l.clock()
	for i, s := range l.def.States {
		l.add(func(d *lifecycle.Definition[S, E, F]) {
			d.States[i].Final, d.States[i].Absorbing, d.States[i].Deadline = !s.Final, false, ""
		}, "state %q is %sfinal", s.Name, not[s.Final])
		if s.Final {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.States[i].Absorbing = !s.Absorbing },
				"state %q is %sabsorbing", s.Name, not[s.Absorbing])
			continue
		}
		for _, on := range clock {
			if on != s.Deadline {
				l.add(func(d *lifecycle.Definition[S, E, F]) { d.States[i].Deadline = on }, "the deadline of %q is %s", s.Name, on)
			}
		}
		if s.Deadline != "" {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.States[i].Deadline = "" }, "state %q has no deadline", s.Name)
		}
	}
}

// clock lists the reports of whoever brings some deadline.
func (l *list[S, E, F]) clock() (reports []E) {
	var actors []string
	for _, e := range l.def.Events {
		if slices.ContainsFunc(l.def.States, func(s lifecycle.State[S, E]) bool { return s.Deadline == e.Name }) {
			actors = append(actors, e.By...)
		}
	}
	for _, e := range l.def.Events {
		if e.Kind == lifecycle.Report && slices.ContainsFunc(e.By, func(who string) bool { return slices.Contains(actors, who) }) {
			reports = append(reports, e.Name)
		}
	}
	return reports
}

// events makes each event one of the other kind, and adds or drops each kind of actor that
// may bring any.
func (l *list[S, E, F]) events() {
	var actors []string
	for _, e := range l.def.Events {
		for _, who := range e.By {
			if !slices.Contains(actors, who) {
				actors = append(actors, who)
			}
		}
	}
	other := map[lifecycle.Kind]lifecycle.Kind{lifecycle.Command: lifecycle.Report, lifecycle.Report: lifecycle.Command}
	for i, e := range l.def.Events {
		l.add(func(d *lifecycle.Definition[S, E, F]) { d.Events[i].Kind = other[e.Kind] }, "event %q is a %s", e.Name, other[e.Kind])
		for _, who := range actors {
			l.add(func(d *lifecycle.Definition[S, E, F]) { d.Events[i].By = toggle(d.Events[i].By, who) },
				"event %q: %s", e.Name, toggled("actor", e.By, who))
		}
	}
}

// tidy keeps a mutant from being refused for what follows from its one mistake: terms that
// nothing names any more, events that lost their last row, or got their first, reasons that
// are needed now, or no longer, and the permission to move a final state.
func tidy[S, E ~string, F any](d *lifecycle.Definition[S, E, F]) {
	const reason = "a mutant"
	d.Policies = nil // they would refuse what the tests are to notice
	d.Terms = slices.DeleteFunc(d.Terms, func(t lifecycle.Term) bool {
		row := func(r lifecycle.Row[S, E, F]) bool { return slices.Contains(r.Does, t.Name) }
		state := func(s lifecycle.State[S, E]) bool { return slices.Contains(s.Labels, t.Name) }
		return !slices.ContainsFunc(d.Rows, row) && !slices.ContainsFunc(d.States, state)
	})
	for i, e := range d.Events {
		used := slices.ContainsFunc(d.Rows, func(r lifecycle.Row[S, E, F]) bool { return r.On == e.Name })
		if used != (e.NoRow == "") {
			d.Events[i].NoRow = map[bool]string{false: reason}[used]
		}
	}
	final := map[S]bool{}
	for i, s := range d.States {
		final[s.Name] = s.Final
		switch {
		case s.Deadline != "":
			d.States[i].NoDeadline = ""
		case !s.Final && s.NoDeadline == "":
			d.States[i].NoDeadline = reason
		}
	}
	endless := !slices.ContainsFunc(d.States, func(s lifecycle.State[S, E]) bool { return s.Final })
	if endless != (d.NoEnd != "") {
		d.NoEnd = map[bool]string{true: reason}[endless]
	}
	for i, r := range d.Rows {
		command := slices.ContainsFunc(d.Events, func(e lifecycle.Event[E]) bool { return e.Name == r.On && e.Kind == lifecycle.Command })
		d.Rows[i].MovesFinal = command && r.Note == "" && slices.ContainsFunc(r.From, func(s S) bool { return final[s] && s != r.To })
	}
}
