package kyc_test

import (
	"time"

	"github.com/kycle/kycle/kyc"
)

// instant is where a word lies among the times of a validation. A decision does nothing
// with times but compare them: a word with the last word, the last reading and the creation
// (less the skew), a reading with the last one, the clock with the deadline. So a key that
// has the order of those, and words at one instant in each gap and on each time between
// them, leave nothing out, however far apart they are; and the orders are few, so the search
// ends. Explore proves the key: it would tell of two stages that only times tell apart.
// Clocks that disagree are not here; the corner and crossing tests set one back.
type instant string

const (
	newest   instant = "newest"              // later than anything before
	between  instant = "before the reading"  // after the last word and the creation, before the last reading
	together instant = "of the same instant" // as the last word: ranked
	older    instant = "older"               // than the last word
	born     instant = "of the creation"     // its very instant, while no word is newer
	early    instant = "within the skew"     // before the creation, and newer than the last word
	tooEarly instant = "from long before"    // beyond the clock skew before the creation
)

var instants = []instant{newest, together, between, older, born, early, tooEarly}

// timeOf is such a time; ok is false where there is none. Times go by halves, so that there
// is always one more between two.
func timeOf(l *life, when instant, now time.Time) (at time.Time, ok bool) {
	v, skew := &l.Value, kyc.DefaultSettings().ClockSkew
	last, heard := v.LastWord.At, v.LastWord.Status != ""
	half := func(from, to time.Time) (time.Time, bool) {
		gap := to.Sub(from) / 2
		return from.Add(gap.Truncate(time.Microsecond)), gap >= time.Microsecond
	}
	switch when {
	case newest:
		return now, true
	case between:
		if last.Before(v.CreatedAt) {
			last = v.CreatedAt
		}
		return half(last, v.LastReading)
	case together:
		return last, heard
	case older: // one that was not told before: the version counts what was told
		return last.Add(-time.Duration(l.Version) * time.Microsecond), heard
	case born:
		return v.CreatedAt, last.Before(v.CreatedAt)
	case early:
		if !heard {
			last = v.CreatedAt.Add(-skew)
		}
		return half(last, v.CreatedAt)
	}
	return v.CreatedAt.Add(-skew - time.Microsecond), true
}

// hears tells, by the instant alone, whether a word is newer than the last one, or is it
// once more; invalid, if it can be neither.
func hears(l *life, in *kyc.Input, when instant) (newer, again, invalid bool) {
	last, reading := l.Value.LastWord.Status, !in.ReadAt.IsZero()
	ranked := func() (newer, again, invalid bool) {
		return last == "" || rank(in.Word.Status) > rank(last), in.Word.Status == last, false
	}
	slow := reading && in.ReadAt.Before(l.Value.LastReading)
	switch {
	case in.Timeless && in.Word.Status == last:
		return false, true, false
	case in.Timeless:
		return last == "" || !slow, false, false
	case when == together:
		return ranked()
	case when != tooEarly:
		return when != older, false, false
	case !reading:
		return false, false, true
	case last == "":
		return true, false, false
	}
	switch l.Value.LastWord.At.Compare(l.Value.CreatedAt) { // it counts as of the creation
	case -1:
		return true, false, false
	case 0:
		return ranked()
	}
	return false, false, false
}
