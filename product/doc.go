// Package product holds what every product of Kycle does, once. A product is a record with
// a table (package lifecycle), an audit trail (package audit), a fee perhaps (package refund)
// and a store (package store). Packages kyc and idpass are two of them, and a host writes a
// third on the same functions.
//
// This package loads, decides, commits and tries again. It authorizes actors. It makes one
// record of equal creates. It writes entries, postings and receipts, sweeps what is due, lists
// records and checks their histories. It gives each error a code for callers.
//
// It has no hooks and no base class. A product calls it with one pure function, the decision,
// and keeps its own verbs. An [Observer] is told what happened and can change nothing. A
// [Runner] has one type parameter, the record's value: statuses and events are plain strings
// here, as in a lifecycle.Chart.
//
// # How a product is built
//
//  1. Its table is a lifecycle.Definition: every status, event, row and rule, with the reason.
//  2. Its value is a struct, and its store.Schema says what a record is found by ([JSONSchema]).
//  3. Its decision is a pure function of a record, an event and its origin ([Judge]).
//  4. Its service holds the operations of such a decision ([NewVerbs]), or a [Runner] of its own.
//  5. Its operations are short methods, each with a name, a comment and its events ([Verbs]).
//  6. Its errors are a list of [Case], with those that every product has ([Cases]).
//
// The guide docs/guides/a-product-of-your-own.md walks through one that is complete.
//
// # The walk of an id
//
// A person rejects a validation. An arrow to the right is a call, and what stands below it,
// further to the right, happens within it. An arrow to the left is what comes back.
//
//	caller
//	→ kyc.Service.Reject(ctx, actor, id, reason)
//	  → kyc.Service.Do                       a command that a person may bring, with a reason
//	    → product.Runner.Authorize           else product.ErrForbidden
//	    → product.Runner.Call                an id, a salt, the actor and the time
//	    → product.Key                        store.Key: the id in the actor's organization
//	    → kyc.Service.review                 this command is decided on fresh data
//	      → product.Runner.Load              else store.ErrNotFound
//	      → kyc.Service.read                 the provider is asked, outside any transaction
//	        → product.Contain                with a limit, and a panic is an error
//	          → kyc.Provider.Report          how the session stands
//	        → kyc.Service.report             a commit of its own, which stays
//	      → kyc.Service.decide
//	        → product.Runner.Update
//	          → store.Update                 one limit for all attempts
//	            → store.Repository.Load      store.Record: value, version, head of the chain
//	            → kyc.Decide                 pure: no clock, no random id, no store
//	              → lifecycle.Machine.Decide the row and its rules, else lifecycle.Denied
//	              → product.Draft.Enter      what is written, as a value
//	                → refund.Post            the charge, if the row charges
//	                → audit.Append           the entry, sealed behind the head
//	            → store.Repository.Commit    store.Change: all of it, or nothing
//	          ← store.ErrConflict            another came first: from Load on again
//	        ← product.Result                 the verdict, and the value as it is stored
//	← kyc.Validation                         no entry, no salt, no change
//
// # The walk of an update
//
// A provider reports by a webhook. Nobody knows the organization yet, and the same update
// may come many times.
//
//	caller
//	→ kyc.Service.Observe(ctx, report)       kyc.ProviderReport
//	  → product.Moment                       its time, as it is stored
//	  → kyc.ProviderReport.check             else lifecycle.ErrInvalid
//	  → kyc.Service.report                   store.Key: the session alone
//	    → kyc.ProviderStatus.Event           the report that the status makes
//	    → product.Runner.Call                by audit.Provider
//	    → kyc.Service.decide
//	      → product.Runner.Update            the receipts under which it is remembered
//	        → store.Update                   one limit for all attempts
//	          → store.Repository.Load        the record of the session, and its receipts
//	          → kyc.Decide                   pure
//	            → store.Record.Received      it came before: lifecycle.Duplicate
//	            → lifecycle.Machine.Decide   lifecycle.Move, Note, Stay or Ignore
//	            → product.Draft.Enter        for all but a stay
//	          → store.Repository.Commit      with the receipts; nothing for a duplicate
//	        ← store.ErrNotFound              no such session: the provider tries again
//	      ← product.Result
//	← kyc.Result                             the verdict, the reason of an ignore, the value
package product
