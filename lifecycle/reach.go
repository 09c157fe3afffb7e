package lifecycle

import "slices"

// reach follows the rows from a record's birth, and tells the ways that lead nowhere.
func (c *checker[S, E, F]) reach() {
	plain := chartDefinition(c.def)
	all := steps(&plain)
	var finals []string
	for _, s := range c.def.States {
		if s.Final {
			finals = append(finals, string(s.Name))
		}
	}
	switch {
	case c.def.NoEnd != "" && len(finals) > 0:
		c.add("needless reason", c.def.Name, "NoEnd says why no state is final, and %q is", finals[0])
	case c.def.NoEnd == "" && len(finals) == 0:
		c.add("no end", c.def.Name, "no state is final: mark one, or say in NoEnd why none is")
	}
	ends := reaching(all, finals)
	for _, s := range c.def.States {
		name, path := string(s.Name), pathTo(all, string(s.Name))
		into := slices.IndexFunc(all, func(step Step) bool { return step.To == name && step.From != name })
		switch {
		case path == nil && into < 0:
			c.add("never entered", name, "it is published, and no row leads to it")
		case path == nil:
			c.add("unreachable", name, "no path of rows leads here from the birth of a record: %s comes from %q, which none reaches", all[into], all[into].From)
		case s.Final:
		case len(c.exits[s.Name]) == 0:
			c.add("dead end", name, "nothing leaves it and it is not final: %s", path)
		case ends[name] || len(finals) == 0:
		case returns(all, name):
			c.add("cycle with no way out", name, "it comes round for ever and no final state is reached: %s", path)
		default:
			c.add("trap", name, "no final state is reached from it: %s", path)
		}
	}
}

// returns tells whether steps lead from a state back to it by way of another.
func returns(all []Step, name string) bool {
	back := reaching(all, []string{name})
	return slices.ContainsFunc(all, func(s Step) bool { return s.From == name && s.To != name && back[s.To] })
}

// duties: what each state owes to the record that is in it.
func (c *checker[S, E, F]) duties() {
	for _, s := range c.def.States {
		if s.Absorbing && !s.Final {
			c.add("absorbing, not final", s.Name, "what nothing moves, no command moves")
		}
		if s.Deadline == "" {
			if !s.Final && s.NoDeadline == "" {
				c.add("no deadline", s.Name, "a record could wait here for ever: name the report that ends it, or say in NoDeadline why none does")
			}
			continue
		}
		if s.Final || s.NoDeadline != "" {
			c.add("needless deadline", s.Name, "it is final, or says that it has none")
		}
		if _, ok := c.cells[s.Name][s.Deadline]; !ok {
			c.add("broken deadline", s.Name, "its deadline %q has no row here", s.Deadline)
		} else if row := c.def.Rows[c.cells[s.Name][s.Deadline]]; row.target(s.Name) == s.Name {
			c.add("broken deadline", s.Name, "its deadline %q leads nowhere: the record stays here", s.Deadline)
		} else if e := c.events[s.Deadline]; e != nil && e.Kind != Report {
			c.add("broken deadline", s.Name, "a deadline is a report of the clock, and %q is a command", s.Deadline)
		}
	}
}

func (c *checker[S, E, F]) terms() {
	declared, used := map[string]bool{}, map[string]bool{}
	for _, t := range c.def.Terms {
		c.name("term", t.Name)
		if declared[t.Name] {
			c.add("duplicate name", t.Name, "two terms have this name")
		}
		declared[t.Name] = true
	}
	use := func(where any, names []string) {
		for _, n := range names {
			used[n] = true
			if !declared[n] {
				c.add("unknown name", where, "%q is not among the terms", n)
			}
		}
	}
	for _, s := range c.def.States {
		use(s.Name, s.Labels)
	}
	for _, r := range c.def.Rows {
		use(r.On, r.Does)
	}
	for _, t := range c.def.Terms {
		if !used[t.Name] {
			c.add("unused term", t.Name, "no state and no row names it")
		}
	}
}
