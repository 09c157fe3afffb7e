package kyc

import (
	"encoding/json"
	"maps"
	"strings"
	"time"
)

// signature are the metadata keys of a decision by hand.
type signature struct{ by, at, reason string }

// signatures are those of spec 1.4.
var signatures = map[Event]signature{
	Approve: {"manuallyApprovedBy", "manuallyApprovedAt", "approvalReason"},
	Reject:  {"manuallyRejectedBy", "manuallyRejectedAt", "rejectionReason"},
	Cancel:  {"cancelledBy", "cancelledAt", "cancellationReason"},
}

// signatureOf gives the keys of a decision; those of a host's own event bear its name:
// "escalate" has escalateBy, escalateAt and escalateReason.
func signatureOf(on Event) signature {
	if known, ok := signatures[on]; ok {
		return known
	}
	parts := strings.Split(string(on), "_")
	for i, part := range parts[1:] {
		parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
	}
	name := strings.Join(parts, "")
	return signature{name + "By", name + "At", name + "Reason"}
}

// recordDecision keeps who decided by hand, when and why. The map is a copy: a decision
// changes nothing that it was given.
func (d *draft) recordDecision(on Event, body []byte) {
	v, keys := &d.Change.Next, signatureOf(on)
	metadata := make(map[string]json.RawMessage, len(v.Metadata)+3)
	maps.Copy(metadata, v.Metadata)
	metadata[keys.by] = quote(d.in.Call.Actor.ID)
	metadata[keys.at] = append(d.in.Call.At.AppendFormat(append(make([]byte, 0, 40), '"'), time.RFC3339Nano), '"')
	metadata[keys.reason] = quotedReason(body)
	v.Metadata, v.DecidedByHand = metadata, true
}

// reasonBody is the free text of a command, which is never hashed directly; nil: none.
func reasonBody(reason string) []byte {
	if reason == "" {
		return nil
	}
	quoted := quote(reason)
	body := make([]byte, 0, len(reasonOpens)+len(quoted)+1)
	return append(append(append(body, reasonOpens...), quoted...), '}')
}

const reasonOpens = `{"reason":`

// quotedReason is the reason as it stands in a body of reasonBody.
func quotedReason(body []byte) json.RawMessage {
	if body == nil {
		return quote("")
	}
	return body[len(reasonOpens) : len(body)-1 : len(body)-1]
}

// metadataBody is the metadata that a caller gave, as the body of the first entry.
func metadataBody(metadata map[string]json.RawMessage) []byte {
	if len(metadata) == 0 {
		return nil
	}
	return must(json.Marshal(map[string]any{"metadata": metadata}))
}

// quote is json.Marshal of a text. Most texts need no escapes, and take one allocation.
func quote(text string) json.RawMessage {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return must(json.Marshal(text))
		}
	}
	quoted := make([]byte, 0, len(text)+2)
	return append(append(append(quoted, '"'), text...), '"')
}

// must is for what cannot fail: marshalling values of our own.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
