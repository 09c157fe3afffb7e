package postgres

import (
	"fmt"
	"regexp"
)

// The statements that read, and the one that leases. A test explains each of them, as
// prepared for any and for these arguments, and refuses one that walks over a table.
const (
	// last is the stored form of a record's last entry.
	last = `(select e.bytes from kycle_entry e
  where e.organization = r.organization and e.kind = r.kind and e.id = r.id order by e.seq desc limit 1)`

	// $1 is the kind throughout.
	byID           = ` where r.kind = $1 and r.organization = $2 and r.id = cast($3 as uuid)`
	byExclusiveKey = ` where r.kind = $1 and r.organization = $2 and r.exclusive_key = $3`
	bySession      = ` where r.kind = $1 and r.session = $2 and (cast($3 as text) = '' or r.organization = $3)`

	// asked are those of the receipts in a JSON list that the record has, as a JSON object.
	asked = `(select cast(json_object_agg(q.key, q.fingerprint) as text) from json_array_elements_text(cast($4 as json)) as a(key)
  cross join lateral (select k.key, k.fingerprint from kycle_receipt k
    where k.organization = r.organization and k.kind = r.kind and k.id = r.id and k.key = a.key limit 1) q)`

	findRecord   = `select r.version, r.data, ` + last + `, cast(null as text) from kycle_record r`
	findReceipts = `select r.version, r.data, ` + last + `, ` + asked + ` from kycle_record r`

	filtered = ` where r.organization = $2 and r.kind = $1 and r.owner = $3 and (cast($4 as text) = '' or r.status = $4)
  and (cast($5 as bigint) < 0 or r.current = (cast($5 as bigint) = 1))`
	// list is one statement, so that page and total are of one moment. An empty page is a
	// row with the total alone.
	list = `select t.n, r.version, r.data, r.bytes from (select count(*) as n from kycle_record r` + filtered + `) t
left join lateral (select r.version, r.data, r.created, r.id, ` + last + ` as bytes from kycle_record r` + filtered + `
  order by r.created desc, r.id limit cast($6 as bigint) offset cast($7 as bigint)) r on true
order by r.created desc, r.id`

	// history too is of one moment: postings newer than the entries would look like books
	// that do not agree.
	history = `select x.part, x.seq, x.bytes, x.salt, x.body, x.key, x.direction, x.minor, x.currency, x.reverses, x.at from (
  (select 1 as part, e.seq, e.bytes, e.salt, e.body, '' as key, '' as direction, cast(0 as bigint) as minor, '' as currency,
      '' as reverses, cast(0 as bigint) as at
    from kycle_entry e where e.organization = $2 and e.kind = $1 and e.id = cast($3 as uuid) and e.seq > cast($4 as bigint)
    order by e.seq limit cast($5 as bigint))
  union all
  (select 2, p.seq, null, null, null, cast(p.key as text), p.direction, p.minor, p.currency, coalesce(cast(p.reverses as text), ''), p.at
    from kycle_posting p where p.organization = $2 and p.kind = $1 and p.id = cast($3 as uuid))) x
order by x.part, x.seq, x.direction`

	// ranks are those that there are, the lowest first: each is found by skipping the others.
	ranks = `with recursive ranks(n) as (
  (select r.due_rank from kycle_record r where r.kind = $1 and r.due is not null order by r.due_rank limit 1)
  union all
  select (select r.due_rank from kycle_record r where r.kind = $1 and r.due is not null and r.due_rank > k.n order by r.due_rank limit 1)
  from ranks k where k.n is not null)`

	dueFilter = ` from kycle_record r where r.kind = $1 and r.due_rank = k.n and r.due <= cast($2 as bigint)
    and (r.leased is null or r.leased <= cast($2 as bigint)) order by r.due, r.id limit `
)

// The limit is part of the text: a planner that does not know it believes in a tenth of
// the table, and would join a batch of a hundred by walking over all of it. A sweep has
// one limit, so there is one text.

func findDue(limit int) string {
	return fmt.Sprintf(`%[1]s
select d.organization, cast(d.id as text) from ranks k cross join lateral (select r.organization, r.id, r.due%[2]s%[3]d) d
order by k.n, d.due, d.id limit %[3]d`, ranks, dueFilter, limit)
}

// leaseDue passes over what somebody else is about to lease or commit. A record that was
// leased while this statement waited is looked at again by the database, and left out. Of
// each rank as many are locked as may be needed, for as long as the statement lasts.
func leaseDue(limit int) string {
	return fmt.Sprintf(`%[1]s,
due as (
  select d.organization, d.id from ranks k
  cross join lateral (select r.organization, r.id, r.due%[2]s%[3]d for update skip locked) d
  order by k.n, d.due, d.id limit %[3]d),
leased as (
  update kycle_record r set leased = cast($3 as bigint) from due d where r.organization = d.organization and r.kind = $1 and r.id = d.id
  returning r.organization, r.id, r.due, r.due_rank)
select l.organization, cast(l.id as text) from leased l order by l.due_rank, l.due, l.id`, ranks, dueFilter, limit)
}

var comment = regexp.MustCompile(`(?m)[ \t]*--.*$\n?`)

// bare is SQL without its comments, which are for readers and not for the wire.
func bare(text string) string { return comment.ReplaceAllString(text, "\n") }
