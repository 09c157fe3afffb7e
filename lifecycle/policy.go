package lifecycle

import (
	"fmt"
	"slices"
	"strings"
)

// Policy is one sentence of the requirements, and what it claims of the table. New checks
// every claim by listing the paths of the table, and refuses to construct where one is
// broken, with a shortest path that breaks it.
type Policy struct {
	ID     string   // of the requirement, such as "KYC-07"
	Source string   // where the sentence stands
	Says   string   // the sentence
	Claims []Claim  // all of them hold
	Tests  []string // tests that show what a table cannot: times, writes, other systems
	// SetAside says why the policy is not asked of this table; "": it is. Pages show it. A
	// policy whose claims all hold cannot be set aside.
	SetAside string
}

// Breach is a claim that the table does not keep.
type Breach struct {
	Policy Policy
	Claim  Claim
	Path   Path   // a shortest one from a record's birth that shows it; nil where none could
	Text   string // what is wrong at its end
}

// String is the breach as its author, or a compliance officer, reads it.
func (b Breach) String() string { return b.Policy.ID + ": " + b.explain() }

func (b Breach) explain() string {
	text := fmt.Sprintf("%q (%s) is broken\n    claimed: %s\n    but: %s", b.Policy.Says, b.Policy.Source, b.Claim, b.Text)
	if b.Path != nil {
		text += "\n    for example: " + b.Path.String()
	}
	return text
}

// Broken lists the claims that the table does not keep, in the policies' order; none: all
// hold. A claim about names that the machine does not have, about steps that no record can
// take, or not in the claim's order, or with a pattern that asks for nothing or that no step
// can match (see Pattern.And), is broken too: it would hold of anything.
// A machine's own policies hold, or it would not have been constructed; a host may ask
// about others.
func (m *Machine[S, E, F]) Broken(policies ...Policy) []Breach {
	def := chartDefinition(&m.def)
	return broken(&def, policies)
}

// checkPolicies finds what is wrong with the definition's own policies.
func checkPolicies[S, E ~string, F any](def *Definition[S, E, F]) []Defect {
	var found []Defect
	seen := map[string]bool{}
	for _, p := range def.Policies {
		switch {
		case slices.ContainsFunc([]string{p.ID, p.Says, p.Source}, func(text string) bool { return strings.TrimSpace(text) == "" }):
			found = append(found, Defect{"bad policy", fmt.Sprintf("%q", p.ID), "a policy has an id, a sentence and its source"})
		case seen[p.ID]:
			found = append(found, Defect{"duplicate name", p.ID, "two policies have this id"})
		case len(p.Claims) == 0 && len(p.Tests) == 0:
			found = append(found, Defect{"bad policy", p.ID, "it claims nothing and names no test"})
		case p.SetAside != "" && len(p.Claims) > 0 && !breaks(def, p):
			found = append(found, Defect{"needlessly set aside", p.ID, "the table keeps it"})
		}
		seen[p.ID] = true
	}
	plain := chartDefinition(def)
	for _, b := range broken(&plain, def.Policies) {
		found = append(found, Defect{"broken policy", b.Policy.ID, b.explain()})
	}
	return found
}

// breaks tells whether the table breaks a policy that is set aside.
func breaks[S, E ~string, F any](def *Definition[S, E, F], p Policy) bool {
	plain := chartDefinition(def)
	p.SetAside = ""
	return len(broken(&plain, []Policy{p})) > 0
}

// clonePolicies copies all that a policy is made of.
func clonePolicies(policies []Policy) []Policy {
	policies = slices.Clone(policies)
	for i := range policies {
		p := &policies[i]
		p.Claims, p.Tests = slices.Clone(p.Claims), slices.Clone(p.Tests)
		for j := range p.Claims {
			c := &p.Claims[j]
			c.States, c.With = slices.Clone(c.States), slices.Clone(c.With)
			for k := range c.With {
				c.With[k] = c.With[k].clone()
			}
			if c.Of != nil {
				of := c.Of.clone()
				c.Of = &of
			}
		}
	}
	return policies
}
