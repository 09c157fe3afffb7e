package sqlite

import "strings"

// Every statement that runs more than once. A test explains each of them and refuses one
// that walks over a table.
const (
	// last is the sequence and the stored form of a record's last entry.
	last = `(select e.seq from kycle_entry e where e.organization = r.organization and e.kind = r.kind and e.id = r.id
  order by e.seq desc limit 1), (select e.bytes from kycle_entry e
  where e.organization = r.organization and e.kind = r.kind and e.id = r.id order by e.seq desc limit 1)`

	byID           = ` where r.organization = ? and r.kind = ? and r.id = ?`
	byExclusiveKey = ` where r.organization = ? and r.kind = ? and r.exclusive_key = ?`
	bySession      = ` where r.kind = ? and r.session = ?`

	findPresent = `select r.version, r.exclusive_key, r.session, coalesce((select e.seq from kycle_entry e
  where e.organization = r.organization and e.kind = r.kind and e.id = r.id order by e.seq desc limit 1), 0)
from kycle_record r` + byID

	findTaken = `select exists (select 1 from kycle_record where organization = ? and kind = ? and exclusive_key = ?)
  or exists (select 1 from kycle_record where kind = ? and session = ?)`

	insertRecord = `insert into kycle_record
  (organization, kind, id, version, owner, status, current, exclusive_key, session, due, due_rank, leased, created, data)
values (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, null, ?, ?)`

	updateRecord = `update kycle_record
set version = version + 1, owner = ?, status = ?, current = ?, exclusive_key = ?, due = ?, due_rank = ?, leased = null, data = ?
where organization = ? and kind = ? and id = ?`

	insertEntry = `insert into kycle_entry (organization, kind, id, seq, bytes, salt, body) values (?, ?, ?, ?, ?, ?, ?)`

	findPosting   = `select exists (select 1 from kycle_posting where organization = ? and key = ?)`
	insertPosting = `insert into kycle_posting (organization, key, kind, id, seq, direction, minor, currency, reverses, at)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

	findReceipt   = `select exists (select 1 from kycle_receipt where organization = ? and kind = ? and id = ? and key = ?)`
	insertReceipt = `insert into kycle_receipt (organization, kind, id, key, fingerprint) values (?, ?, ?, ?, ?)`

	filtered = ` where r.organization = ? and r.kind = ? and r.owner = ?
  and (? = '' or r.status = ?) and (? is null or r.current = ?)`
	listPage  = `select r.version, r.data, ` + last + ` from kycle_record r` + filtered + ` order by r.created desc, r.id limit ? offset ?`
	listTotal = `select count(*) from kycle_record r` + filtered

	// The statuses are walked one by one, and each is counted up to a limit.
	findStatus  = `select r.status from kycle_record r where r.kind = ? order by r.status limit 1`
	findNext    = `select r.status from kycle_record r where r.kind = ? and r.status > ? order by r.status limit 1`
	countAll    = `select count(*) from (select 1 from kycle_record r where r.kind = ? and r.status = ? limit ?)`
	countWithin = `select count(*) from (select 1 from kycle_record r where r.kind = ? and r.status = ? and r.organization = ? limit ?)`

	// The ranks are walked one by one, so that each finds what is due by the index.
	findRank = `select r.due_rank from kycle_record r where r.kind = ? and r.due is not null and r.due_rank > ?
order by r.due_rank limit 1`

	// due is read and then leased under the lock to write, so both find the same records.
	dueFilter = ` from kycle_record r where r.kind = ? and r.due_rank = ? and r.due <= ?
  and (r.leased is null or r.leased <= ?) order by r.due, r.id limit ?`
	findDue  = `select r.organization, r.id` + dueFilter
	leaseDue = `update kycle_record set leased = ? where rowid in (select r.rowid` + dueFilter + `)`

	findEntries  = `select seq, bytes, salt, body from kycle_entry where organization = ? and kind = ? and id = ? and seq > ? order by seq limit ?`
	findPostings = `select key, seq, direction, minor, currency, reverses, at from kycle_posting
where organization = ? and kind = ? and id = ? order by seq, direction`
)

// findRecord reads one record with its last entry, in one statement with its receipts: a
// row for each one that is there, or one row with none.
func findRecord(where string, receipts int) string {
	if receipts == 0 {
		return `select r.organization, r.id, r.version, r.data, ` + last + `, null, null from kycle_record r` + where
	}
	return `select r.organization, r.id, r.version, r.data, ` + last + `, q.key, q.fingerprint from kycle_record r
left join kycle_receipt q on q.organization = r.organization and q.kind = r.kind and q.id = r.id
  and q.key in (?` + strings.Repeat(", ?", receipts-1) + `)` + where
}
