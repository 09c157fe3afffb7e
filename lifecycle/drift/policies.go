package drift

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/kycle/kycle/lifecycle"
)

// policies tells what is no longer promised, which somebody relied on, and what is promised
// besides. Sentences, sources and names of tests are prose, and so are the claims of a policy
// that is set aside: the table is not asked about them.
func (d *differ) policies() {
	at := func(list []lifecycle.Policy, id string) int {
		return slices.IndexFunc(list, func(p lifecycle.Policy) bool { return p.ID == id })
	}
	was, is := d.old.def.Policies, d.new.def.Policies
	for _, p := range was {
		switch i := at(is, p.ID); {
		case i >= 0:
			d.policy(p, is[i])
		case p.SetAside != "":
			d.add(None, "policy "+p.ID, nil, "is gone, and was set aside")
		default:
			d.add(Breaking, "policy "+p.ID, nil, "is gone")
		}
	}
	for _, p := range is {
		switch {
		case at(was, p.ID) >= 0:
		case p.SetAside != "":
			d.add(None, "policy "+p.ID, nil, "is new, and set aside: %s", p.SetAside)
		default:
			d.add(Additive, "policy "+p.ID, nil, "is new")
		}
	}
}

// policy compares the two versions of one.
func (d *differ) policy(was, is lifecycle.Policy) {
	where := "policy " + is.ID
	switch {
	case was.SetAside == is.SetAside:
	case was.SetAside == "":
		d.add(Breaking, where, nil, "is set aside, so that the table may break it: %s", is.SetAside)
	case is.SetAside == "":
		d.add(Additive, where, nil, "is no longer set aside: the table keeps it")
	default:
		d.add(None, where, nil, "is set aside for another reason: %s", is.SetAside)
	}
	dropped, added := Breaking, Additive
	if was.SetAside != "" || is.SetAside != "" { // where it is so in one alone, that was told above
		dropped, added = None, None
	}
	for _, c := range lacking(was.Claims, is.Claims) {
		d.add(dropped, where, nil, "no longer claims: %s", c)
	}
	for _, c := range lacking(is.Claims, was.Claims) {
		d.add(added, where, nil, "now claims: %s", c)
	}
	if was.Says != is.Says || was.Source != is.Source {
		d.add(None, where, nil, "has another sentence or source")
	}
	if !slices.Equal(was.Tests, is.Tests) {
		d.add(None, where, nil, "names other tests")
	}
}

// lacking are the claims that only the first list has, compared as they stand in files,
// where a list without names is none.
func lacking(a, b []lifecycle.Claim) (out []lifecycle.Claim) {
	alike := func(c lifecycle.Claim) func(lifecycle.Claim) bool {
		one, wrongA := json.Marshal(c)
		return func(other lifecycle.Claim) bool {
			two, wrongB := json.Marshal(other)
			return wrongA == nil && wrongB == nil && bytes.Equal(one, two)
		}
	}
	for _, c := range a {
		if !slices.ContainsFunc(b, alike(c)) {
			out = append(out, c)
		}
	}
	return out
}
