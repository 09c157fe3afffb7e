package idpass

// Facts is what the rules of a row may look at. No row of a pass has a rule: what may be
// is in the table alone.
type Facts struct{}
