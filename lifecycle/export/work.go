package export

import "github.com/kycle/kycle/lifecycle"

// maxWork is what Parse takes of work: less than a second's. A machine of ours takes a
// hundredth of it.
const maxWork = 1 << 26

// work is about what it takes to construct the machine, counted in names compared. It grows
// with the product of what there is, so that a small file can be much of it.
func (f *fileMachine) work() int {
	steps, width, names := 0, 1, 0 // width: of the longest list that a step is held against
	kinds := map[string]bool{}
	for _, r := range f.Rows {
		steps += max(1, len(r.From))
		names += len(r.If)
		width = max(width, len(r.If), len(r.Does))
	}
	for _, e := range f.Events {
		width = max(width, len(e.By))
		names += len(e.By)
		for _, by := range e.By {
			kinds[by] = true
		}
	}
	states := len(f.States) + 1
	names += states + len(f.Events) + len(f.Terms)
	search := 32 * steps // each is found, remembered and followed
	// Every cell looks through the rows, and to each state a path is searched for, and back.
	work := states*len(f.Events)*len(f.Rows) + 4*states*search + steps*width*width
	for _, p := range f.Policies {
		for _, c := range p.Claims {
			size := claimSize(c)
			one := 2*search + (1+size)*(4*steps*width+names) + len(kinds)*names
			switch c.Kind {
			case lifecycle.ClaimNoSingleActor: // a search for each kind of actor
				one *= 1 + len(kinds)
			case lifecycle.ClaimOffers: // one look for each event, and each state of it
				one *= 1 + size
			case lifecycle.ClaimEventuallyFinal: // a path to each state
				one += states * search
			}
			work += one
		}
	}
	return work
}

// claimSize is how many names stand in a claim.
func claimSize(c lifecycle.Claim) int {
	size := len(c.States)
	patterns := c.With
	if c.Of != nil {
		patterns = append([]lifecycle.Steps{*c.Of}, patterns...)
	}
	for _, p := range patterns {
		size += 1 + len(p.On) + len(p.By) + len(p.OnlyBy) + len(p.From) + len(p.To) + len(p.If) + len(p.Does)
	}
	return size
}
