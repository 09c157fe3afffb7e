// Package kyctest is a companion for tests of hosts that use package kyc: a provider that
// says what it is told, a clock that stands still, and validations in any status.
//
// A [Host] is a service over any repository, with its clock, ids, provider and actors at
// hand: begin a test with NewHost, and a case with In or ByHand. [Race] lets sixteen
// writers meet on one validation over your store; [Subject] is what the conformance suite
// of package storetest needs to run your own kyc.Repository.
package kyctest
