package drift_test

import (
	"fmt"

	"github.com/kycle/kycle/idpass"
	"github.com/kycle/kycle/lifecycle"
	"github.com/kycle/kycle/lifecycle/drift"
)

// A change of the table is reviewed by what it does to those who relied on it.
func ExampleDiff() {
	def := idpass.Machine.Chart().Definition()
	for i := range def.Rows {
		if def.Rows[i].On == "cancel" && def.Rows[i].Does[0] == "refund" {
			def.Rows[i].From = []string{"new"} // an opened pass can no longer be cancelled
		}
	}
	def.Policies = nil // nor does anything promise that it can
	changed, err := lifecycle.New(def)
	if err != nil {
		fmt.Println(err)
		return
	}
	report := drift.Diff(idpass.Machine.Chart(), changed)
	fmt.Println(report.Whole())
	fmt.Println(report.Differences[0])
	fmt.Println(report.Differences[1])
	// Output:
	// id_pass: breaking
	// tightening: cancel in opened: was move → cancelled, is refused (register → new [charge], open → opened, cancel → cancelled [refund])
	// breaking: policy PASS-01: is gone
}

// A host's CI asks whether its own schema still knows every status.
func ExampleSQLCheck() {
	schema := `CREATE TABLE passes (
		id uuid PRIMARY KEY,
		status text NOT NULL CHECK (status IN ('new', 'opened', 'in_progress', 'complete', 'expired', 'canceled'))
	);`
	fmt.Println(drift.SQLCheck(idpass.Machine.Chart(), schema, "passes", "status"))
	// Output:
	// drift: the CHECK of passes.status is not what the machine id_pass says; missing here: failed, cancelled; unknown to the machine: canceled
}
