// Package postgres keeps records in PostgreSQL, through a query function that the host
// brings: pgx's or database/sql's, of a pool or of the host's own transaction. It imports
// no driver.
//
//	err := postgres.Migrate(ctx, pool.Query)
//	repository := postgres.New(pool.Query, kyc.Schema)
//
// A load is one statement and a commit is one statement: with prepared statements a
// transition takes two round trips. lib/pq needs two for each statement with arguments,
// unless the connection says binary_parameters=yes.
//
// # The host's own transaction
//
// A store over tx.Query writes into the transaction, which the host commits. At READ
// COMMITTED a refused commit (a conflict, a duplicate, an exclusive key that is taken) is an answer
// and no error of the database's, so the transaction stays usable; only one new id that is
// raced from two predecessors is an error even there. At REPEATABLE READ and SERIALIZABLE
// a lost race ends the transaction by nature: the store says store.ErrConflict, and the
// host begins anew. Either way one attempt is all that makes sense in a transaction.
//
// # Errors
//
// Errors of the server are told apart by their SQLSTATE, through a method that pgx and
// lib/pq both have, and never by their text. A commit is in doubt, store.ErrUnknownOutcome,
// unless it is answered, or refused as a statement: if the connection ended under it or
// could not be made, if the server was going away or failed on the inside, and if the
// context ended while it was under way.
//
// A statement may be sent twice: lib/pq, and pgx in its simple protocol, say that nothing
// was sent where a connection ends under a statement, and database/sql then sends it
// again. Every commit bears a token of its own, by which its second sending finds what the
// first has done.
//
// # Append-only
//
// Entries, postings and receipts are append-only by trigger, also for a session that
// plays a replica, and for every role that does not own the tables: of an entry, salt and
// body can be erased, both together, and that is all. [Grants] is what a host's role needs
// beside: it cannot even try.
//
// # Plans
//
// Every statement searches by an index, but a plan lives as long as its connection: one
// that was made for a table analyzed while it was empty walks over the table until it is
// analyzed again, which autovacuum does within a minute or so. A table that was never
// analyzed is searched by its index from the first row on.
//
// # Other databases
//
// The statements keep to what CockroachDB documents as well, and retry what it asks to
// retry; they have not been run on it.
package postgres
