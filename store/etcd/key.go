package etcd

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

// layout makes the keys; the package comment shows them. NUL ends every text, and is in
// none, so no two places have one key.
type layout struct {
	prefix string // with its NUL
	kind   string
}

// place is where a record is.
type place struct {
	organization string
	id           uuid.UUID
}

func placeOf(i store.Index) place { return place{i.Organization, i.ID} }

// of begins a key of this kind.
func (l layout) of(letter byte, parts ...string) string {
	b := make([]byte, 0, 160)
	b = append(append(b, l.prefix...), letter, 0)
	b = append(append(b, l.kind...), 0)
	for _, part := range parts {
		b = append(append(b, part...), 0)
	}
	return string(b)
}

// record is the one key of these that is never deleted: its version is the record's.
func (l layout) record(p place) string { return l.of('r', p.organization) + string(p.id[:]) }

// entries and books are where a record's entries and postings begin; a sequence follows.
func (l layout) entries(p place) string { return l.of('e', p.organization) + string(p.id[:]) }
func (l layout) books(p place) string   { return l.of('b', p.organization) + string(p.id[:]) }

// posting is for all kinds: a posting's key is there once in an organization.
func (l layout) posting(organization string, key uuid.UUID) string {
	return l.prefix + "p\x00" + organization + "\x00" + string(key[:])
}

// receipt, exclusive and session end in a text of the host's: what stands before it is of a known
// length, or ends in NUL.
func (l layout) receipt(p place, name string) string {
	return l.of('c', p.organization) + string(p.id[:]) + name
}

func (l layout) exclusive(organization, key string) string { return l.of('x', organization) + key }
func (l layout) session(name string) string                { return l.of('w') + name }

// owner is where an owner's list begins.
func (l layout) owner(organization, owner string) string {
	return l.of('l', organization, owner)
}

// listed is a record's key in its owner's list.
func (l layout) listed(i store.Index) string {
	return l.owner(i.Organization, i.Owner) + number(^ordered(i.Created.UnixMicro())) + string(i.ID[:])
}

// standing is a record's key among those that stand in its status; stand and within are
// where those of a status begin, of all organizations and of one.
func (l layout) standing(i store.Index) string {
	return l.within(i.Status, i.Organization) + string(i.ID[:])
}

func (l layout) stand(status string) string { return l.of('t', status) }
func (l layout) within(status, organization string) string {
	return l.of('t', status, organization)
}

// status says that a record had it at some time; known is where all of them begin.
func (l layout) status(status string) string { return l.known() + status }
func (l layout) known() string               { return l.of('u') }

// due is a record's key among those that fall due.
func (l layout) due(i store.Index) string {
	return l.rank(i.DueRank) + number(ordered(i.Due.UnixMicro())) + string(i.ID[:]) + i.Organization
}

// rank is where those of one rank begin.
func (l layout) rank(rank uint8) string { return l.of('d') + string([]byte{rank}) }

// dueWithin is the range of what is due at a time, of one rank.
func (l layout) dueWithin(rank uint8, now time.Time) (from, to string) {
	return l.rank(rank), l.rank(rank) + number(ordered(now.UnixMicro())+1)
}

// dueAt reads the record out of a key of due.
func (l layout) dueAt(key string) (store.Key, error) {
	rest := key[len(l.of('d')):]
	if len(rest) < 1+8+16 {
		return store.Key{}, fmt.Errorf("%w: a key of what is due", errDamaged)
	}
	return store.Key{Organization: rest[25:], ID: uuid.UUID([]byte(rest[9:25]))}, nil
}

// listedAt reads the id out of a key of an owner's list.
func listedAt(owner, key string) (id uuid.UUID, err error) {
	rest := key[len(owner):]
	if len(rest) != 8+16 {
		return id, fmt.Errorf("%w: a key of a list", errDamaged)
	}
	return uuid.UUID([]byte(rest[8:])), nil
}

// ordered maps a signed number to one that sorts the same as bytes.
func ordered(n int64) uint64 { return uint64(n) ^ 1<<63 }

func number(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }
