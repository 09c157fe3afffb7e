package store

import "math"

// Window is a page of a listing as a caller asks for it.
type Window struct {
	Page  int // from 1; 0: 1
	Limit int // 1 to WindowMost; 0: WindowMost
}

// WindowMost is how many records a page has at most, and where nothing is said.
const WindowMost = 100

// Filled gives the window with what was not said filled in. field names the part that is
// out of range and problem says what it must be; both are "" if none is.
func (w Window) Filled() (full Window, field, problem string) {
	if w.Page == 0 {
		w.Page = 1
	}
	if w.Limit == 0 {
		w.Limit = WindowMost
	}
	switch {
	case w.Page < 1 || w.Page > math.MaxInt32:
		return w, "page", "must be from 1 to 2147483647"
	case w.Limit < 1 || w.Limit > WindowMost:
		return w, "limit", "must be from 1 to 100"
	}
	return w, "", ""
}

// Offset is how many records stand before the page.
func (w Window) Offset() int { return (w.Page - 1) * w.Limit }
