// Package lifecycletest is for the test suites of hosts: it holds a lifecycle, a service
// that follows it, and the tests of both against each other. What it works on is any
// [lifecycle.Machine]: kyc.Machine, idpass.Machine, or one of yours.
//
// # Cases
//
// A machine is small, so everything is listed. A case is one event in one state, and
// either all rules of its row hold or one of them says no: a [lifecycle.Outcome] whose Why
// names that rule. Where the row makes a note, its Word is the note's. [Cases] lists them all. Facts are your own type, which this package
// cannot make: what it hands you is a case, and you bring about what it says.
//
// # Does my service do what the table says?
//
// Write one function that lets a case happen to a record of yours, and hand it over as a
// [Subject]. Then
//
//   - [Exhaust] drives the service through every case, each on a new record, and names
//     every difference, a note of another word among them;
//   - [Follow] takes one record along a [Walk]. [Path] gives a shortest one to a state,
//     [Tour] and [CellTour] a few that fire every row, and [Legal] and [Illegal] draw random
//     ones, for properties by rapid. A note is a step that stays. Exhaust is the proof; walks
//     try what comes of many steps, and no check of them meets everything.
//
// # Do my tests notice?
//
//   - [Cover] watches decisions, and fails with the list of the rows (moves, notes and stays),
//     refusals and rules that no test has exercised. [NewCoverage] does so over all tests of a package.
//   - [Mutants] runs your tests on every machine that differs from yours by one mistake, and
//     names in words the mistakes that they do not notice. Where this passes, a wrong line in
//     the table cannot get past them.
//
// A test that is to run on mutants takes a [TB], as rapid.Check does, and the machine, and gets
// what it expects from elsewhere: a table that was written by hand, or a model in plain ifs. It
// asks for all that a machine decides: outcomes with their words and effects, labels, who may
// bring an event, which states are final or absorbing, and their deadlines. [Failures]
// shows that a test fails when it should.
//
// # Does what follows from the table hold everywhere?
//
// [Explore] visits every state that a [Space] can get into, beyond the table: records with
// everything that decides their future. What a note made so belongs to it: a record with an
// open proposal is another state than one without. It checks invariants in each, and tells the shortest
// way to one that is broken.
//
// The example "Suite" is a host's test file to begin with. In this library the packages kyc
// and idpass do the same with their own services (lifecycletest_*_external_test.go). The
// package imports pgregory.net/rapid, which registers flags: import it in tests only.
package lifecycletest
