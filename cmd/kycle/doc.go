// Command kycle documents, checks, compares and applies lifecycles, and verifies exported
// audit chains. It needs no network, no database and no configuration.
//
//	kycle doc     MACHINE -format FORMAT         write a lifecycle in a format that other tools read
//	kycle check   MACHINE                        every defect of a definition, and its policies
//	kycle diff    OLD NEW                        what changed between two definitions, and how badly
//	kycle drift   -machine MACHINE … FILE        does a schema, an API or a chart say what the lifecycle says
//	kycle conform -machine MACHINE FILE.jsonl    does a log of what was done follow the lifecycle
//	kycle verify  FILE.jsonl                     does an exported audit chain hold
//
// MACHINE, OLD and NEW are kyc, idpass, or a file in Kycle's own JSON, which
// "kycle doc kyc -format json" writes. "-" is the standard input, wherever a file may
// stand. Flags may stand before or behind the files. "kycle COMMAND -h" tells the rest, with
// examples. A machine of a host's own, or one of ours that a host extended, is written by the
// host's program: export.Markdown(machine.Chart()) is its page, and export.JSON(machine.Chart())
// the file that every command here takes.
//
// # Exit codes
//
//	0  fine
//	1  the answer is no: defects, a breaking difference, a divergence, a chain that does not hold
//	2  no answer: wrong usage, or input that cannot be read; the standard error says what to do
//
// Answers go to the standard output, the same bytes for the same input. With -json they are
// JSON, one value a line, for other programs. What stands in a log or an export is shown only in
// answers, and never in errors.
package main
