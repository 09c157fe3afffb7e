package lifecycle

import "slices"

// names finds the place of a name in a list that never changes. A key of a few of the name's
// bytes says where it must stand, and one comparison whether it does. The factors of the key
// are sought once, so that no two names of the list share one; a list for which none are
// found is searched from its beginning.
type names[T ~string] struct {
	list    []T
	factors [3]uint8
	places  *[256]uint8 // key to place + 1; nil: search
}

func namesOf[T ~string](list []T) names[T] {
	n := names[T]{list: list}
	for try := range 4096 {
		n.factors = [3]uint8{uint8(try*2 + 1), uint8(try/16*2 + 1), uint8(try/256*2 + 1)}
		if n.places = n.placed(); n.places != nil {
			break
		}
	}
	return n
}

// placed is nil where two names share a key.
func (n *names[T]) placed() *[256]uint8 {
	var places [256]uint8
	for i, name := range n.list {
		if key := n.key(name); i >= 255 || places[key] != 0 {
			return nil
		} else {
			places[key] = uint8(i + 1)
		}
	}
	return &places
}

func (n *names[T]) key(name T) uint8 {
	if len(name) == 0 {
		return 0
	}
	return uint8(len(name))*n.factors[0] + name[0]*n.factors[1] + name[len(name)/2]*n.factors[2] + name[len(name)-1]
}

// index is the place of a name; -1: it is not in the list.
func (n *names[T]) index(name T) int {
	if n.places == nil {
		return slices.Index(n.list, name)
	}
	if i := int(n.places[n.key(name)]) - 1; i >= 0 && n.list[i] == name {
		return i
	}
	return -1
}
