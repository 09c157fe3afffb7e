// Package payout is a product of a host's own, on package product: money that is paid to a
// verified person after two persons approved it.
//
// Read lifecycle.go first: it is the product, as one table. LIFECYCLE.md is generated from
// it. The guide docs/guides/a-product-of-your-own.md walks through the files.
package payout
