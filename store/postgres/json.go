package postgres

import (
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/kycle/kycle/store"
)

// What commit.sql reads. Bytes are hex text and numbers are whole, so that it is the same
// in every driver and mode. A list is never nil: JSON's null is not a list.
type (
	recordJSON struct {
		Organization string    `json:"organization"`
		ID           uuid.UUID `json:"id"`
		Expect       int64     `json:"expect"`
		Seq          int64     `json:"seq"` // of the first entry; 0: none
		Owner        string    `json:"owner"`
		Status       string    `json:"status"`
		Current      bool      `json:"current"`
		ExclusiveKey any       `json:"exclusive_key"`
		Session      any       `json:"session"`
		Due          any       `json:"due"`
		DueRank      uint8     `json:"due_rank"`
		Created      int64     `json:"created"`
		Data         string    `json:"data"`
	}
	entryJSON struct {
		Organization string    `json:"organization"`
		ID           uuid.UUID `json:"id"`
		Seq          int64     `json:"seq"`
		Bytes        string    `json:"bytes"`
		Salt         *string   `json:"salt"`
		Body         *string   `json:"body"`
	}
	postingJSON struct {
		Organization string     `json:"organization"`
		ID           uuid.UUID  `json:"id"`
		Key          uuid.UUID  `json:"key"`
		Seq          int64      `json:"seq"`
		Direction    string     `json:"direction"`
		Minor        int64      `json:"minor"`
		Currency     string     `json:"currency"`
		Reverses     *uuid.UUID `json:"reverses"`
		At           int64      `json:"at"`
	}
	receiptJSON struct {
		Organization string    `json:"organization"`
		ID           uuid.UUID `json:"id"`
		Key          string    `json:"key"`
		Fingerprint  string    `json:"fingerprint"`
	}
)

// commitAny gives the form for any commit.
func (s *Store[A]) commitAny(rows []row[A], attempt string) (string, []any, error) {
	records, entries, postings, receipts := []recordJSON{}, []entryJSON{}, []postingJSON{}, []receiptJSON{}
	for _, r := range rows {
		records = append(records, r.recordJSON())
		entries = append(entries, r.entriesJSON()...)
		postings = append(postings, r.postingsJSON()...)
		receipts = append(receipts, r.receiptsJSON()...)
	}
	args := []any{s.schema.Kind, attempt}
	for _, list := range []any{records, entries, postings, receipts} {
		text, err := store.EncodeJSON(list)
		if err != nil {
			return "", nil, err
		}
		args = append(args, string(text))
	}
	return commitAny, args, nil
}

// receiptsObject gives the receipts of a change as update.sql reads them.
func (r *row[A]) receiptsObject() (string, error) {
	if len(r.Receipts) == 0 {
		return "{}", nil
	}
	text, err := store.EncodeJSON(r.Receipts)
	return string(text), err
}

func (r *row[A]) recordJSON() recordJSON {
	i := r.index
	j := recordJSON{
		Organization: i.Organization, ID: i.ID, Expect: int64(r.Expect), Owner: i.Owner, Status: i.Status, Current: i.Current,
		ExclusiveKey: orNull(i.ExclusiveKey), Session: orNull(i.Session), Due: moment(i.Due), DueRank: i.DueRank, Created: i.Created.UnixMicro(), Data: r.data,
	}
	if len(r.Entries) > 0 {
		j.Seq = int64(r.Entries[0].Seq)
	}
	return j
}

func (r *row[A]) entriesJSON() (all []entryJSON) {
	for n := range r.Entries {
		e := &r.Entries[n]
		j := entryJSON{Organization: r.index.Organization, ID: r.index.ID, Seq: int64(e.Seq), Bytes: hex.EncodeToString(e.Encode())}
		if hasBody(e) {
			salt, body := hex.EncodeToString(e.Salt), string(e.Body)
			j.Salt, j.Body = &salt, &body
		}
		all = append(all, j)
	}
	return all
}

func (r *row[A]) postingsJSON() (all []postingJSON) {
	for _, p := range r.Postings {
		j := postingJSON{
			Organization: r.index.Organization, ID: r.index.ID, Key: p.Key, Seq: int64(p.Seq), Direction: string(p.Kind),
			Minor: p.Minor, Currency: p.Currency, At: p.At.UnixMicro(),
		}
		if p.Reverses != uuid.Nil {
			j.Reverses = &p.Reverses
		}
		all = append(all, j)
	}
	return all
}

func (r *row[A]) receiptsJSON() (all []receiptJSON) {
	for key, fingerprint := range r.Receipts {
		all = append(all, receiptJSON{r.index.Organization, r.index.ID, key, fingerprint})
	}
	return all
}
