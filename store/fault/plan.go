package fault

import (
	"math/rand/v2"

	"github.com/kycle/kycle/store"
)

// Method is a method of store.Repository.
type Method int

// The five methods, and that of store.Counter.
const (
	Load Method = iota
	Commit
	List
	Due
	History
	Count
)

// Call is a call as a plan sees it.
type Call struct {
	Method  Method
	N       int       // which call of the method this is in the life of the store, from 1
	Key     store.Key // of a Load or a History
	Entries int       // of a Commit: how many its changes bring
}

// Plan says what goes wrong with a call. A store asks its plan once a call and never for
// two calls at once, so a plan may count; the plan must not use the store, as the hook of
// a fault may.
type Plan func(Call) Fault

// Script gives the next calls of a method one fault each, in order; then nothing.
func Script(m Method, faults ...Fault) Plan {
	return func(c Call) Fault {
		if c.Method != m || len(faults) == 0 {
			return None
		}
		next := faults[0]
		faults = faults[1:]
		return next
	}
}

// Always gives every call of a method the same fault.
func Always(m Method, f Fault) Plan { return Every(1, m, f) }

// Every gives every n-th call of a method a fault, from when it is first asked.
func Every(n int, m Method, f Fault) Plan {
	asked := 0
	return func(c Call) Fault {
		if c.Method != m {
			return None
		}
		if asked++; asked%n != 0 {
			return None
		}
		return f
	}
}

// Random gives a call of a method, with a chance from 0 to 1, one of the faults. Equal
// seeds give equal faults to equal calls.
func Random(seed uint64, m Method, chance float64, faults ...Fault) Plan {
	source := rand.New(rand.NewPCG(seed, uint64(m)))
	return func(c Call) Fault {
		if c.Method != m || source.Float64() >= chance {
			return None
		}
		return faults[source.IntN(len(faults))]
	}
}
