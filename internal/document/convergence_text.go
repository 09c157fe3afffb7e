package main

// What the page of convergence says around its tables.
const (
	heading = generated + `# Convergence of a provider's words

A provider's words get lost, repeated and reordered on their way. For every pair of words, both newer than all that was heard
before, the tables below say where a validation ends: each cell was decided twice by the library itself, once with the words in the
order in which they were said and once with the later one first.

* One status in a cell: both orders end in it, in the same decision by hand (or none) and with the same current flag.
* (charge): they do, and one of them has charged a fee that the other has not. The table below them says why.
* As it was: nothing that came was a word that holds, in either order.
* Two statuses, in bold: the orders do not end alike. There is no such cell, and a test keeps it so; others try every order of longer histories.

A repeated word is a duplicate and changes nothing, so it stands in no table. The deadline of ` + "`in_progress`" + ` counts from the commit
that started it, and the audit trail tells what came in the order in which it came: both differ with the order of arrival.

`
	chargesHeading = `## Where the charge differs

The first entry into a decision is charged. In order, the earlier word is one, is entered, charged, and then overtaken. Late, it is
older than the last word: ignored, never entered, and never charged. Where the history ends in a decision, or one was charged
before, every order agrees.

`
	clockHeading = `
## The clock is no provider

A deadline that has passed is not a word, and the clock's verdict is provisional: a word that was said before the deadline and is heard
after the clock's verdict still holds. So the two do not always commute: what the clock finds is the status that holds when it comes.

`
)
