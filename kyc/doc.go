// Package kyc holds the rules of a KYC validation: one attempt to verify one person
// through an outside provider, which a person on the compliance team may decide by hand
// while it is in review. What was decided by hand is protected for ever.
//
// Read lifecycle.go first: it is the product, as one table. LIFECYCLE.md is the same
// table for people who do not read Go, and is generated from it.
//
//	caller → Service.Reject(ctx, actor, id, reason)
//	   → Repository.Load                     the validation, its version, its audit head
//	   → Provider.Report                     only where the rules say so
//	   → Decide(record, input, settings)     pure: the table, then the row's rules
//	   → Repository.Commit                   state, entries, postings: all or nothing
//
// A [Service] is safe for concurrent use and keeps nothing between calls. Every
// operation takes an [Actor] and sees only the records of the actor's organization:
// another organization's record is store.ErrNotFound, never "forbidden".
package kyc
