package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// Exported is one subject's history as it was exported.
type Exported struct {
	Subject Subject // of the first entry
	Entries []Entry // as they stand; Verify says whether they hold
	// Postings is what stands beside the entries in a host's whole answer; nil in JSON lines.
	Postings json.RawMessage
}

// ImportError is a value that is no entry and no answer with entries. It says where and
// repeats nothing of it. It is ErrFormat.
type ImportError struct {
	Value   int    // which value of the export, from 1: its line, where each has one
	Entry   int    // which entry of an answer, from 1; 0: the value itself
	Problem string // a sentence without the final stop
}

func (e *ImportError) Error() string {
	if e.Entry > 0 {
		return fmt.Sprintf("audit: value %d, entry %d: %s", e.Value, e.Entry, e.Problem)
	}
	return fmt.Sprintf("audit: value %d: %s", e.Value, e.Problem)
}

// Is makes every ImportError ErrFormat.
func (e *ImportError) Is(target error) bool { return target == ErrFormat }

// Import reads an exported history: a sequence of JSON values, such as one a line, each of
// them an entry as Entry.MarshalJSON writes it, or an object with such "entries", which is a
// host's whole answer and a history by itself. Entries that stand alone are put
// together by their subject, in the order in which they stand, so that one file may
// hold many histories; an entry of another subject is then the beginning of another history.
//
// What is no entry is *ImportError (ErrFormat); the reader's own errors come as they are.
// What an entry shows beside the hashed fields is compared with them: one whose
// "reason" or "erased" is not that of its body loses its hash, so that Verify names it.
func Import(r io.Reader) ([]Exported, error) {
	var all []Exported
	alone := map[Subject]int{} // histories of entries that stand alone, by their place in all
	source := &source{Reader: r}
	decoder := json.NewDecoder(source)
	for n := 1; ; n++ {
		var value json.RawMessage
		switch err := decoder.Decode(&value); {
		case errors.Is(err, io.EOF):
			return all, nil
		case source.err != nil:
			return nil, source.err
		case err != nil:
			return nil, &ImportError{n, 0, "it is not JSON"}
		}
		var answer struct {
			Entries  *[]json.RawMessage `json:"entries"`
			Postings json.RawMessage    `json:"postings"`
		}
		if err := json.Unmarshal(value, &answer); err != nil {
			return nil, &ImportError{n, 0, "it is neither an entry nor an answer with entries"}
		}
		if answer.Entries == nil {
			e, problem := importEntry(value)
			if problem != "" {
				return nil, &ImportError{n, 0, problem}
			}
			place, known := alone[e.Subject]
			if !known {
				place = len(all)
				alone[e.Subject] = place
				all = append(all, Exported{Subject: e.Subject})
			}
			all[place].Entries = append(all[place].Entries, e)
			continue
		}
		history := Exported{Postings: answer.Postings}
		for i, text := range *answer.Entries {
			e, problem := importEntry(text)
			if problem != "" {
				return nil, &ImportError{n, i + 1, problem}
			}
			history.Entries = append(history.Entries, e)
		}
		if history.Entries == nil {
			return nil, &ImportError{n, 0, "it has no entries"}
		}
		history.Subject = history.Entries[0].Subject
		all = append(all, history)
	}
}

// source remembers why reading failed, which the decoder does not tell from bad JSON.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// importEntry reads one entry, and takes the hash from one that shows what is not hashed.
func importEntry(text json.RawMessage) (e Entry, problem string) {
	var shown struct {
		Seq    *uint64         `json:"seq"`
		Hash   *string         `json:"hash"`
		Reason json.RawMessage `json:"reason"` // none: an export need not show it
		Erased *bool           `json:"erased"`
	}
	if err := json.Unmarshal(text, &shown); err != nil || shown.Seq == nil || shown.Hash == nil {
		return Entry{}, "it is no entry: it needs a seq and a hash"
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return Entry{}, "it is no entry: a member is not of the right form"
	}
	if shown.Reason != nil && !shows(shown.Reason, e.Body) || shown.Erased != nil && *shown.Erased != e.Erased() {
		e.Hash = Digest{}
	}
	return e, ""
}

// shows tells whether the reason is the one in the body; a body that is no JSON has none.
func shows(reason json.RawMessage, body []byte) bool {
	var shown any
	var kept struct{ Reason any }
	if json.Unmarshal(reason, &shown) != nil || body != nil && json.Unmarshal(body, &kept) != nil {
		kept.Reason = nil
	}
	return reflect.DeepEqual(shown, kept.Reason)
}

// Unknown lists the definitions that judged entries of the history and that none of the tables
// is, in the order in which they are met: Replay needs a table of each.
func Unknown(entries []Entry, tables ...Table) (definitions []Digest) {
	for _, e := range entries {
		known := slices.ContainsFunc(tables, func(t Table) bool { return t.Fingerprint() == e.Definition.String() })
		if !known && !slices.Contains(definitions, e.Definition) {
			definitions = append(definitions, e.Definition)
		}
	}
	return definitions
}
