// Package kycle is the map of the library; it has no code of its own.
//
// Kycle holds the rules of two identity products as declarative state machines, and what
// stands around them: a tamper-evident audit trail, fees and refunds that can be charged
// once only, and a port to any storage.
//
//   - kyc: a KYC validation, verified by a provider and decided by hand while in review.
//     Begin with kyc/lifecycle.go.
//   - idpass: an ID Pass, a paid check that is refunded if it is cancelled before any step.
//   - lifecycle: the grammar of both: states, events, rows, rules, verdicts, policies.
//     lifecycletest is for the tests of hosts, export writes the formats of other tools,
//     trace checks a log, drift compares definitions and what others wrote down of one.
//   - audit: entries, the hash chain, and the byte format that others can check.
//   - refund: amounts, postings, and whether the books agree with the audit trail.
//   - store: the port, its numbered promises, and the one loop that commits; memory,
//     sqlite, postgres and etcd keep them, storetest shows whether yours does.
//   - cmd/kycle: document, check, diff, conform and verify on the command line.
//   - kyc/kyctest, idpass/idpasstest: companions for the tests of your host.
//
// The root module requires three packages and no database driver. The example host in
// examples/host shows all of it behind HTTP.
package kycle
