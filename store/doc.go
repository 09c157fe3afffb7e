// Package store is the port between the rules and a database: what a repository holds,
// what it promises, and the one loop that loads, decides, commits and tries again.
//
// A domain decides on a loaded [Record] and gives back [Change] values; nothing has
// happened until a [Repository] commits them. Package storetest runs every promise below
// against an implementation, and its example is a whole store over a map; memory, sqlite,
// postgres and etcd are the ones that come with the library. Package fault makes any of them fail.
//
// # The contract
//
// Promise 1. Commit is all or nothing over state, entries, postings and receipts of one
// record, or of a new record and the one it replaces, the one replaced first. No other
// combination is ever asked for.
//
// Promise 2. Commit succeeds only if every record is at the version its Change expects
// (0: it must not exist), and leaves it at one more. The version decides, not the status:
// a status may come round again.
//
// Promise 3. Of any number of writers racing on one version, or on one exclusive key,
// exactly one succeeds; the others get ErrConflict, never an error of the driver. A stale
// version is told before a duplicate key. An exclusive key that a record outside the commit
// holds is a conflict too, and so is the session of another record.
//
// Promise 4. A Commit that returns no error is there, for every reader. One that returns
// an error other than ErrUnknownOutcome has left nothing. ErrUnknownOutcome says that the
// change may be there or may yet appear; Update settles it by the entry that carries the
// call's id.
//
// Promise 5. Postings and receipts belong to their record. A posting's key is there once
// in an organization, a receipt's once in a record, for ever; a second one is
// ErrDuplicate.
//
// Promise 6. Organizations never meet, even with equal ids and keys. Strings, bytes,
// amounts and microsecond times come back exactly as they went in. Text with NUL or
// invalid UTF-8 is refused with ErrText. What the caller handed in is neither kept nor
// changed, and what a load returns is the caller's.
//
// Promise 7. A history can be appended to and read, never changed, through the port. Its
// entries come back in sequence, its postings in the order of theirs; an entry that can
// no longer be read comes back marked, so that audit.Verify can name it.
//
// Promise 8. List orders newest first, ties by id, and pages of one listing neither
// repeat nor leave out a record that was there throughout. Due orders by rank, the lowest
// first, then by time, ties by id: no number of records of one rank keeps those of a lower
// rank from their turn. It leases what it returns: until the lease ends, or the record is
// committed, no other call returns it.
//
// Promise 9. A context that has ended ends every method with an error that wraps
// context.Cause, and nothing is done. Where it ends under way the method gives its answer
// or such an error, and a Commit keeps promise 4.
//
// # Counting
//
// A store may count as well. It is a [Counter] then, and keeps two promises more.
//
// Promise 10. Count tells each status that a record of the organization has, or of any
// where none is named, once, in order of the status, and no status that none has. A count
// is exact up to most, and beyond it most and More.
//
// Promise 11. A Count is of one moment: a record that changes its status meanwhile is
// counted once.
//
// # What an engine aborts by itself
//
// Some engines abort a statement that nobody stood in the way of: at SERIALIZABLE,
// PostgreSQL says 40001 also to those who only share a page of an index, be they of other
// organizations, and to readers too. ErrConflict would tell of a rival who is none, and
// promises 3 and 6 would not hold. So a store tries such a statement again by itself, a
// handful of times, with pauses: a version guards it, so to send it twice is safe, and a
// rival who was one shows in the answer. It says ErrConflict only where it has lost each
// time, or where it stands in a transaction of the host's, which is aborted with the
// statement: then the host begins anew. store/postgres does so, and tells these answers
// from others by their SQLSTATE and never by their text.
//
// # How long a call lasts
//
// The only long loop is that of Update, and its Limits bound everything in it. A store
// below it waits no longer than its context lasts, and tries again only a handful of
// times. It says ErrUnavailable where it could not be asked: nothing was written then, and
// to ask again at once is in vain. Update ends with it.
package store
