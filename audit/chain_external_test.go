package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kycle/kycle/audit"
)

func TestAppendSealsACopy(t *testing.T) {
	east := time.FixedZone("east", 3600)
	e := audit.Entry{Subject: subject, Seq: 77, Hash: audit.Digest{1}, OccurredAt: time.Date(2026, 3, 1, 10, 0, 0, 1999, east), Salt: []byte{1}}
	before := e
	sealed, head := audit.Append(audit.Head{Seq: 4, Hash: audit.Digest{9}}, e)
	if e.Seq != before.Seq || e.Hash != before.Hash || e.OccurredAt != before.OccurredAt || e.Salt == nil {
		t.Error("the caller's entry was changed")
	}
	if sealed.Seq != 5 || sealed.Prev != (audit.Digest{9}) || head != sealed.Head() || head.Seq != 5 {
		t.Errorf("sealed as %d after %s", sealed.Seq, sealed.Prev)
	}
	if want := time.Date(2026, 3, 1, 9, 0, 0, 1000, time.UTC); sealed.OccurredAt != want {
		t.Errorf("occurred at %v, want %v: UTC, cut to the microsecond", sealed.OccurredAt, want)
	}
	if sealed.Salt != nil || sealed.Erased() {
		t.Error("a salt without a body was kept")
	}
}

func TestVerifyAcceptsWhatAppendSealed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := random(t)
		var anchors []audit.Head
		for i := range entries {
			anchors = append(anchors, entries[i].Head())
			if rapid.Bool().Draw(t, "erase") {
				entries[i].Salt, entries[i].Body = nil, nil
			}
		}
		if err := audit.Verify(subject, entries, append(anchors, audit.Head{})...); err != nil {
			t.Fatal(err)
		}
		// An exported history holds as the stored one does.
		text, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		var back []audit.Entry
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if err := audit.Verify(subject, back, anchors...); err != nil {
			t.Fatal(err)
		}
	})
}

// random is a chain of 2 to 6 arbitrary entries of the subject.
func random(t *rapid.T) []audit.Entry {
	all := rapid.SliceOfN(anyEntry, 2, 6).Draw(t, "entries")
	for i := range all {
		all[i].Subject = subject
	}
	return chain(all...)
}

// damage does one harm to a chain and says where Verify must find it, and as what.
func damage(t *rapid.T, entries []audit.Entry) (_ []audit.Entry, seq uint64, kinds []string) {
	i := rapid.IntRange(0, len(entries)-1).Draw(t, "i")
	at := uint64(i) + 1
	inner := rapid.IntRange(0, len(entries)-2).Draw(t, "inner") // not the last one
	switch rapid.SampledFrom([]string{"drop", "twice", "swap", "edit", "foreign", "rewrite", "reseal", "body", "stray body"}).Draw(t, "harm") {
	case "drop":
		return slices.Delete(entries, inner, inner+1), uint64(inner) + 1, []string{"gap"}
	case "twice":
		return slices.Insert(entries, i, entries[i]), at + 1, []string{"fork"}
	case "swap":
		entries[inner], entries[inner+1] = entries[inner+1], entries[inner]
		return entries, uint64(inner) + 1, []string{"reorder"}
	case "edit":
		edit(t, &entries[i])
		return entries, at, []string{"edit"}
	case "foreign": // a whole entry of another subject, genuine in its own chain
		other := entries[i]
		other.Subject.Organization += "x"
		entries[i], _ = audit.Append(audit.Head{Seq: other.Seq - 1, Hash: other.Prev}, other)
		return entries, at, []string{"foreign"}
	case "rewrite": // an entry changed and sealed again: the next one follows another
		e := entries[inner]
		e.Event += "x"
		entries[inner], _ = audit.Append(audit.Head{Seq: e.Seq - 1, Hash: e.Prev}, e)
		return entries, uint64(inner) + 2, []string{"fork"}
	case "reseal": // sealed after another predecessor than the one that is there
		entries[i], _ = audit.Append(audit.Head{Seq: at - 1, Hash: audit.Digest{7}}, entries[i])
		return entries, at, []string{"fork"}
	case "body":
		entries[i] = rewritten(t, entries[i])
		return entries, at, []string{"edit"}
	default:
		e := &entries[i]
		e.Salt, e.Body = []byte("s"), []byte("other than drawn: it is too long for the words here")
		return entries, at, []string{"edit"}
	}
}

// rewritten changes what stands beside an entry's bytes, in every way but a whole erasure.
func rewritten(t *rapid.T, e audit.Entry) audit.Entry {
	if e.Body == nil {
		e.Salt = []byte{} // a salt and nothing to it
		return e
	}
	switch rapid.SampledFrom([]string{"salt", "body", "no salt", "no body", "moved"}).Draw(t, "part") {
	case "salt":
		e.Salt = append(bytes.Clone(e.Salt), 'x')
	case "body":
		e.Body = append(bytes.Clone(e.Body), 'x')
	case "no salt":
		e.Salt = nil
	case "no body":
		e.Body = nil
	default: // the same bytes, divided otherwise
		all := append(bytes.Clone(e.Salt), e.Body...)
		e.Salt, e.Body = all[:len(e.Salt)-1], all[len(e.Salt)-1:]
	}
	return e
}

// edit changes one field of an entry without sealing it again.
func edit(t *rapid.T, e *audit.Entry) {
	edits := []func(){
		func() { e.Subject.Organization += "x" }, func() { e.Subject.Kind += "x" }, func() { e.Subject.ID[15]++ },
		func() { e.Seq++ }, func() { e.Prev[0]++ }, func() { e.Call[0]++ },
		func() { e.Event += "x" }, func() { e.From += "x" }, func() { e.To += "x" },
		func() { e.Verdict += "x" }, func() { e.Why += "x" },
		func() { e.Actor.Organization += "x" }, func() { e.Actor.Kind += "x" }, func() { e.Actor.ID += "x" },
		func() { e.OccurredAt = e.OccurredAt.Add(time.Microsecond) }, func() { e.RecordedAt = e.RecordedAt.Add(-time.Microsecond) },
		func() { e.Source += "x" }, func() { e.Changes = append(slices.Clone(e.Changes), audit.Change{}) },
		func() { e.Postings = append(slices.Clone(e.Postings), "") }, func() { e.Definition[31]++ },
		func() { e.BodyDigest[5]++ }, func() { e.Hash[0]++ },
		// The same text, divided otherwise between two fields.
		func() { e.Event, e.From = e.Event+"x"+e.From, "" },
	}
	edits[rapid.IntRange(0, len(edits)-1).Draw(t, "field")]()
}

func TestVerifyNamesTheFirstFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, seq, kinds := damage(t, random(t))
		var fault *audit.Fault
		err := audit.Verify(subject, entries)
		if !errors.As(err, &fault) || !errors.Is(err, audit.ErrFault) || fault.Error() == "" {
			t.Fatalf("got %v, want %q at %d", err, kinds, seq)
		}
		if !slices.Contains(kinds, fault.Kind) || fault.Seq != seq {
			t.Fatalf("got %v, want %q at %d", err, kinds, seq)
		}
	})
}

// What no chain can prove by itself, a head kept elsewhere does.
func TestAnchors(t *testing.T) {
	whole := story()
	anew := story()
	anew[1].Source = "evt_2"
	anew = chain(anew...)
	for _, tc := range []struct {
		name, why string
		entries   []audit.Entry
		anchor    audit.Head
		kind      string
		seq       uint64
	}{
		{"whole", "the anchor is there", whole, whole[4].Head(), "", 0},
		{"grown", "an anchor may be of long ago", whole, whole[1].Head(), "", 0},
		{"zero", "the head of an empty chain says nothing", nil, audit.Head{}, "", 0},
		{"cut", "the last entry is not there", whole[:4], whole[4].Head(), "cut", 5},
		{"all gone", "an empty history proves nothing", nil, whole[4].Head(), "cut", 1},
		{"written anew", "sound in itself, and not the one that was", anew, whole[4].Head(), "fork", 5},
		{"written anew after the anchor", "what was before it still holds", anew, whole[0].Head(), "", 0},
	} {
		if err := audit.Verify(subject, tc.entries); err != nil {
			t.Errorf("%s: without an anchor %v", tc.name, err)
		}
		err := audit.Verify(subject, tc.entries, tc.anchor)
		var fault *audit.Fault
		if tc.kind == "" && err != nil || tc.kind != "" && (!errors.As(err, &fault) || fault.Kind != tc.kind || fault.Seq != tc.seq) {
			t.Errorf("%s: got %v, want %q at %d (%s)", tc.name, err, tc.kind, tc.seq, tc.why)
		}
	}
}

// Sequence 0 is nobody's, and no wraparound makes it a first entry.
func TestVerifyRefusesSequenceZero(t *testing.T) {
	e, _ := audit.Append(audit.Head{Seq: 1<<64 - 1}, audit.Entry{Subject: subject})
	var fault *audit.Fault
	if err := audit.Verify(subject, []audit.Entry{e}); !errors.As(err, &fault) || fault.Kind != "reorder" || fault.Seq != 1 {
		t.Errorf("got the error %v, want a reorder at entry 1", err)
	}
}

// Half an erasure, done to an exported history, is no erasure.
func TestHalfAnErasureInJSONIsAnEdit(t *testing.T) {
	for _, key := range []string{"salt", "body"} {
		text, err := json.Marshal(story()[0])
		if err != nil {
			t.Fatal(err)
		}
		var line map[string]any
		if err := json.Unmarshal(text, &line); err != nil {
			t.Fatal(err)
		}
		line[key] = nil
		if text, err = json.Marshal(line); err != nil {
			t.Fatal(err)
		}
		var e audit.Entry
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		// Once more through JSON: a half must not become a whole on the way.
		if text, err = json.Marshal(e); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		var fault *audit.Fault
		if err := audit.Verify(subject, []audit.Entry{e}); !errors.As(err, &fault) || fault.Kind != "edit" || e.Erased() {
			t.Errorf("without its %s: got %v and erased %v, want an edit", key, err, e.Erased())
		}
	}
}

// ladder is the table of the story's events, as Replay asks it.
type ladder struct{ fingerprint string }

func (l ladder) Fingerprint() string { return l.fingerprint }

func (ladder) Next(from, event string) (to, note string, ok bool) {
	row, ok := map[[2]string][2]string{
		{"", "create"}: {"pending"}, {"pending", "in_review_at_provider"}: {"in_review"},
		{"in_review", "approve"}: {"approved"}, {"approved", "approved_at_provider"}: {"approved"},
		{"approved", "supersede"}: {"approved", "superseded"},
	}[[2]string{from, event}]
	return row[0], row[1], ok
}

func (ladder) Brings(actor, event string) (report, ok bool) {
	return strings.HasSuffix(event, "_provider"), event != "wave" && actor != "clock"
}

func TestReplay(t *testing.T) {
	table := ladder{story()[0].Definition.String()}
	for _, tc := range []struct {
		name, why string
		edit      func([]audit.Entry) []audit.Entry
		status    string
		fault     uint64 // the entry at fault; 0: none
	}{
		{"whole", "moves, an ignored report, superseding", func(e []audit.Entry) []audit.Entry { return e }, "approved", 0},
		{"nothing", "no record yet", func([]audit.Entry) []audit.Entry { return nil }, "", 0},
		{"half way", "a history may still grow", func(e []audit.Entry) []audit.Entry { return e[:3] }, "in_review", 0},
		{"no birth", "a history begins with no record", func(e []audit.Entry) []audit.Entry { return e[1:] }, "", 2},
		{"broken continuity", "each begins where the one before ended", func(e []audit.Entry) []audit.Entry { return slices.Delete(e, 1, 2) }, "", 3},
		{"no such row", "the table leads elsewhere", func(e []audit.Entry) []audit.Entry { e[3].To = "rejected"; return e }, "", 4},
		{"no such event", "the table has no row at all", func(e []audit.Entry) []audit.Entry { e[3].Event = "wave"; return e }, "", 4},
		{"unknown definition", "it cannot be judged", func(e []audit.Entry) []audit.Entry { e[1].Definition[0]++; return e }, "", 2},
		{"an ignored report that moves", "only a move moves", func(e []audit.Entry) []audit.Entry { e[2].To = "expired"; return e }, "", 3},
		{"superseding that moves", "the same", func(e []audit.Entry) []audit.Entry { e[4].To = "cancelled"; return e }, "", 5},
		{"a word of its own", "a note has the word that the table gives it", func(e []audit.Entry) []audit.Entry { e[4].Verdict = "gone"; return e }, "", 5},
		{"a note where none is", "the table has the note in another status", func(e []audit.Entry) []audit.Entry {
			e[3].Event, e[3].Verdict, e[3].To = "supersede", "superseded", e[3].From
			return e
		}, "", 4},
		{"a note as a move", "its row leads nowhere", func(e []audit.Entry) []audit.Entry {
			e[4].Verdict, e[4].To = audit.Moved, "expired"
			return e
		}, "", 5},
		{"nobody's event", "the table does not let the actor bring it", func(e []audit.Entry) []audit.Entry { e[3].Actor.Kind = "clock"; return e }, "", 4},
		{"an ignored event that the table lacks", "nothing is written beside the table", func(e []audit.Entry) []audit.Entry { e[2].Event = "wave"; return e }, "", 3},
		{"an ignored command", "a command is refused and writes nothing", func(e []audit.Entry) []audit.Entry { e[2].Event = "approve"; return e }, "", 3},
		{"ignored without a reason", "it says why", func(e []audit.Entry) []audit.Entry { e[2].Why = ""; return e }, "", 3},
		{"a move that stays", "a stay writes no entry, whatever its row", func(e []audit.Entry) []audit.Entry {
			e[4].Event, e[4].Verdict = "approved_at_provider", audit.Moved
			return e
		}, "", 5},
	} {
		status, err := audit.Replay(tc.edit(story()), ladder{"another"}, table)
		var fault *audit.Fault
		if errors.As(err, &fault) != (tc.fault > 0) || status != tc.status {
			t.Errorf("%s: got %q, %v, want %q and a fault at %d (0: none) (%s)", tc.name, status, err, tc.status, tc.fault, tc.why)
		} else if fault != nil && (fault.Kind != "replay" || fault.Seq != tc.fault || !errors.Is(err, audit.ErrFault)) {
			t.Errorf("%s: got %v, want a fault at %d (%s)", tc.name, err, tc.fault, tc.why)
		}
	}
}

// A sealed entry is one buffer of bytes and nothing else on the heap.
func TestAppendAllocatesOnce(t *testing.T) {
	e := story()[1]
	if n := testing.AllocsPerRun(100, func() { _, _ = audit.Append(audit.Head{}, e) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppend(b *testing.B) {
	e := story()[3]
	b.ReportAllocs()
	for b.Loop() {
		_, _ = audit.Append(audit.Head{}, e)
	}
}

func BenchmarkVerify(b *testing.B) {
	entries := story()
	b.ReportAllocs()
	for b.Loop() {
		if err := audit.Verify(subject, entries); err != nil {
			b.Fatal(err)
		}
	}
}
