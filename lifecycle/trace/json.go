package trace

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// longest is how many bytes a line of JSON may have.
const longest = 1 << 20

// JSONLines reads a log of one JSON object a line, as the package says; empty lines are
// passed over, and lines have at most 1 MiB. What cannot be read is *LineError (ErrLine)
// and ends the log, and so is a line that is not Unicode (a broken byte, half of a surrogate
// pair), a member that stands twice, or a number 0 (lines are numbered from 1); the reader's own
// errors come as they are. It can be ranged over once.
func JSONLines(r io.Reader) Log {
	return func(yield func(Line, error) bool) {
		scan := bufio.NewScanner(r)
		scan.Buffer(make([]byte, 0, 64<<10), longest)
		names := interner{}
		number := 0
		for scan.Scan() {
			number++
			text := bytes.TrimSpace(scan.Bytes())
			switch {
			case len(text) == 0:
				continue
			case bytes.HasPrefix(text, []byte("\ufeff")):
				yield(Line{}, &LineError{number, "it begins with a byte order mark; save the log without one"})
				return
			}
			line, ok := plain(text, names)
			if !ok {
				var problem string
				if line, problem = decode(text); problem != "" {
					yield(Line{}, &LineError{number, problem})
					return
				}
			}
			line.Number = number
			if !yield(line, nil) {
				return
			}
		}
		switch err := scan.Err(); {
		case errors.Is(err, bufio.ErrTooLong):
			yield(Line{}, &LineError{number + 1, "it is longer than 1 MiB"})
		case err != nil:
			yield(Line{}, err)
		}
	}
}

// escapes are those of a JSON text: a surrogate pair, half of one (which is captured), any other.
var escapes = regexp.MustCompile(`\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)`)

// decode reads any object, and says what is wrong with it. encoding/json would read every broken
// byte and every half of a surrogate pair as one character, and two records as one.
func decode(text []byte) (l Line, problem string) {
	switch {
	case !utf8.Valid(text):
		return Line{}, "it is not UTF-8"
	case text[0] != '{' || !json.Valid(text):
		return Line{}, "it is not a JSON object"
	case slices.ContainsFunc(escapes.FindAllSubmatchIndex(text, -1), func(at []int) bool { return at[2] >= 0 }):
		return Line{}, "an escape in it is half of a surrogate pair"
	}
	var status *string
	var seq *uint64
	wanted := map[string]any{
		"record": &l.Record, "event": &l.Event, "status": &status, "verdict": &l.Verdict, "actor": &l.Actor, "seq": &seq,
	}
	d := json.NewDecoder(bytes.NewReader(text)) // member by member: a struct would take them in any case, and the last of two
	_, _ = d.Token()
	for d.More() {
		token, _ := d.Token()
		name, _ := token.(string)
		var raw json.RawMessage
		_ = d.Decode(&raw) // the text is a valid object
		value, known := wanted[name]
		switch {
		case !known:
		case value == nil:
			return Line{}, "its member " + name + " stands twice"
		case json.Unmarshal(raw, value) != nil:
			return Line{}, "its member " + name + " is not of the right type"
		default:
			wanted[name] = nil
		}
	}
	switch {
	case seq == nil: // it is not said
	case *seq == 0:
		return Line{}, "its member seq is 0, and the lines of a record are numbered from 1"
	default:
		l.Seq = *seq
	}
	switch {
	case l.Record == "":
		return Line{}, "it has no member record"
	case status == nil:
		return Line{}, "it has no member status"
	}
	l.Status = *status
	return l, ""
}

// members are those of a line that have been read.
type members uint8

const (
	hasRecord members = 1 << iota
	hasEvent
	hasStatus
	hasVerdict
	hasActor
	hasSeq
)

// plain reads an object as most logs have it: a record and a status, no escapes, nothing
// nested, none twice, ASCII. ok is false for everything else, which is left to decode; what
// plain reads, decode reads alike.
func plain(text []byte, names interner) (l Line, ok bool) {
	if text[0] != '{' {
		return Line{}, false
	}
	text = text[1:]
	var seen members
	for {
		var name, value []byte
		var quoted bool
		if name, text, ok = quote(text); !ok {
			return Line{}, false
		}
		if text = blank(text); len(text) == 0 || text[0] != ':' {
			return Line{}, false
		}
		if value, quoted, text, ok = scalar(text[1:]); !ok {
			return Line{}, false
		}
		var member members
		switch known := string(name); {
		case known == "record" && quoted:
			member, l.Record = hasRecord, string(value)
		case known == "event" && quoted:
			member, l.Event = hasEvent, names.of(value)
		case known == "status" && quoted:
			member, l.Status = hasStatus, names.of(value)
		case known == "verdict" && quoted:
			member, l.Verdict = hasVerdict, names.of(value)
		case known == "actor" && quoted:
			member, l.Actor = hasActor, names.of(value)
		case known == "seq" && !quoted:
			n, err := strconv.ParseUint(string(value), 10, 64)
			if err != nil || n == 0 {
				return Line{}, false
			}
			member, l.Seq = hasSeq, n
		case known == "record", known == "event", known == "status", known == "verdict", known == "actor", known == "seq":
			return Line{}, false
		}
		if seen&member != 0 {
			return Line{}, false
		}
		seen |= member
		text = blank(text)
		if len(text) == 1 && text[0] == '}' {
			return l, l.Record != "" && seen&hasStatus != 0
		}
		if len(text) == 0 || text[0] != ',' {
			return Line{}, false
		}
		text = text[1:]
	}
}

// blank passes over white space; a loop, since it is called four times a member.
func blank(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n') {
		text = text[1:]
	}
	return text
}

// quote takes a string of printable ASCII without escapes.
func quote(text []byte) (value, rest []byte, ok bool) {
	text = blank(text)
	if len(text) == 0 || text[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return text[1:i], text[i+1:], true
		case c < ' ' || c > '~' || c == '\\':
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// scalar takes such a string, or a number of digits alone.
func scalar(text []byte) (value []byte, quoted bool, rest []byte, ok bool) {
	text = blank(text)
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	if n > 0 {
		return text[:n], false, text[n:], n == 1 || text[0] != '0'
	}
	value, rest, ok = quote(text)
	return value, true, rest, ok
}

// interner keeps one copy of each of the few names that stand in most lines.
type interner map[string]string

func (i interner) of(name []byte) string {
	if known, ok := i[string(name)]; ok {
		return known
	}
	own := string(name)
	if len(i) < 4096 { // a log of nonsense must not fill the memory
		i[own] = own
	}
	return own
}
