package export

import "github.com/kycle/kycle/lifecycle"

// maxWork is what Parse takes of work: less than a second's. A machine of ours takes a
// hundredth of it.
const maxWork = 1 << 26

// work is about what it takes to construct the machine, counted in names compared. It grows
// with the product of what there is, so that a small file can be much of it; its size keeps the
// product below what an int64 holds.
func (f *fileMachine) work() int64 {
	var steps, names int64
	width := int64(1) // of the longest list that a step is held against
	kinds := map[string]bool{}
	for _, r := range f.Rows {
		steps += int64(max(1, len(r.From)))
		names += int64(len(r.If))
		width = max(width, int64(len(r.If)), int64(len(r.Does)))
	}
	for _, e := range f.Events {
		width = max(width, int64(len(e.By)))
		names += int64(len(e.By))
		for _, by := range e.By {
			kinds[by] = true
		}
	}
	states, events, actors := int64(len(f.States)+1), int64(len(f.Events)), int64(len(kinds))
	names += states + events + int64(len(f.Terms))
	search := 32 * steps // each is found, remembered and followed
	// Every cell looks through the rows, and to each state a path is searched for, and back.
	work := states*events*int64(len(f.Rows)) + 4*states*search + steps*width*width
	for _, p := range f.Policies {
		for _, c := range p.Claims {
			size := int64(claimSize(c))
			one := 2*search + (1+size)*(4*steps*width+names) + actors*names
			switch c.Kind {
			case lifecycle.ClaimNoSingleActor: // a search for each kind of actor
				one *= 1 + actors
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
