package storetest

// Promises gives the suite's own words to the test that compares them with the port's.
func Promises() []string { return promises }
