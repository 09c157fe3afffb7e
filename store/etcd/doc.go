// Package etcd keeps records in an etcd cluster, through the host's own client.
//
//	client, err := clientv3.New(clientv3.Config{Endpoints: endpoints})
//	...
//	validations := etcd.New(client, "kycle", kyc.Schema)
//	passes := etcd.New(client, "kycle", idpass.Schema)
//
// # What it is for
//
// Consensus without a database server: a host that runs etcd already, for its
// configuration or its leader election, keeps its records on the same members. A commit
// that was acknowledged is on the disks of a majority, and the store goes on as long as a
// majority is alive, without a failover that somebody has to build. Every read is
// linearizable: what one process has committed, every other one sees at once.
//
// It is for millions of records, not billions. etcd holds every key in memory, all values
// in one file of a few gigabytes (its quota is 2 GiB unless raised, and 8 GiB is what its
// makers advise), and lets one leader order all writes. Overwritten versions of a record
// stay until they are compacted away, so a cluster needs automatic compaction.
//
// PostgreSQL and CockroachDB are better at everything else. They take the host's own
// transaction, so that a decision commits together with the host's tables; they transit in
// two round trips where this store needs three; they answer questions nobody planned for;
// they have backups of a point in time and roles that may insert and not update. A host
// that has one of them has no reason to be here. Here, append-only is kept by this code
// alone: whoever may write the keys may rewrite them, and the audit chain is what tells.
//
// # How it commits
//
// A commit reads what it rests on, in one read, and then writes in one transaction that
// etcd applies only if nothing of that has changed. etcd counts how often a key was put: a
// record's key is put once a commit and never deleted, so etcd's version of the key is the
// record's version. Entries, postings and receipts belong to their record and are guarded
// by its version; an exclusive key and a session are guarded by keys of their own.
//
// Two limits of etcd are limits of a commit: 128 operations and 1.5 MiB, as a member has
// them where nobody has set others. A larger change is refused with *[TooLarge] before it
// is sent. A change has one operation for the record, for each entry and for each receipt,
// two for each posting, one for each key by which it is found, or no longer is, and one for
// a status that no record had before. A member that was given lower limits refuses what is
// within these; that too leaves nothing.
//
// An answer that is lost is store.ErrUnknownOutcome: the connection broke, the leader
// changed, or the caller's context ended while a transaction was under way. etcd may still
// apply it, once: the client never sends a transaction again. What was under way when a
// leader died takes up to five seconds to be told so; the next commit finds the new leader,
// as a rule after an election timeout. A context that ended before is an error like any
// other, and so is what etcd refuses by its code.
//
// # Keys
//
// All begin with the host's prefix and a NUL, which no text of ours holds; NUL stands
// between the parts. Id and the key of a posting are 16 bytes, numbers and times 8 bytes
// that sort as they count.
//
//	r kind organization id             the record: one line of JSON, then the encoded value
//	e kind organization id sequence    an entry: stored form, salt and body
//	b kind organization id sequence    a posting, JSON; its key follows the sequence
//	p organization key                 that the key of a posting is there; kind and id
//	c kind organization id receipt     a receipt: the fingerprint
//	x kind organization exclusive key  the id of the record that holds it
//	w kind session                     id and organization of the session's record
//	l kind organization owner created  for List: current and status; created is inverted,
//	                                   so that the newest comes first, and the id follows
//	t kind status organization id      for Count: that the record stands in the status
//	u kind status                      for Count: that a record once had the status
//	d kind rank due                    for Due: the end of the lease, or nothing; the rank
//	                                   is a byte; id and organization follow the time
//
// The last two have all that their reader asks for in the key or beside it. Every range is
// read in pages of at most a hundred keys. List walks the keys of one owner up to the end of
// its page, with a filter all of them; Due walks past what is leased to others. etcd itself
// counts a range whenever it reads a part of it, so a backlog of a million due records makes
// each call of Due slower: sweep often.
package etcd
