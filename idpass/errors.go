package idpass

import (
	"errors"

	"github.com/kycle/kycle/product"
)

// ErrSlotTaken: another pass in flight holds the slot.
var ErrSlotTaken = errors.New("idpass: slot taken")

// Explain maps an error of this package to exactly one problem of spec 1.7 and 2.2; any other
// error, nil and a context that has ended among them, is INTERNAL.
func Explain(err error) product.Problem { return product.Explain(err, problems) }

var problems = append(product.Cases("ID Pass"),
	product.Case{Is: ErrSlotTaken, Problem: product.Problem{HTTP: 409, Code: "SLOT_TAKEN", Message: "Another ID Pass in flight holds the slot"}})
