package storetest

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Clock stands still until it is told to move. It may be used by any number of
// goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock gives a clock that stands at 2025-01-15 10:30 UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2025, 1, 15, 10, 30, 0, 0, time.UTC)} }

// Now is the time at which the clock stands.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock and returns where it stands then.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// IDs gives UUIDs in a fixed order, for output that can be compared. It may be used by
// any number of goroutines.
type IDs struct {
	mu   sync.Mutex
	last uint64
}

// New is the next id: version 8 of RFC 9562, counted from 1.
func (i *IDs) New() uuid.UUID {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last++
	id := uuid.UUID{6: 0x80, 8: 0x80}
	binary.BigEndian.PutUint32(id[12:], uint32(i.last))
	return id
}
