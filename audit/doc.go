// Package audit keeps one subject's history as a SHA-256 hash chain: who did what to
// it, when, with which outcome and what it cost. [Append] and [Verify] are a matched
// pair: what one seals, the other checks, entry by entry. [Replay] runs a history
// through the tables that judged it.
//
// # The byte format, version 1
//
// The hash of an entry is the SHA-256 of its canonical bytes, and its stored form is
// those bytes followed by the hash (32 bytes). The canonical bytes are these fields, in
// this order, each written as its length in bytes (4 bytes, big-endian) and its value:
//
//	 1  format           the text "kycle audit 1"
//	 2  organization     UTF-8
//	 3  subject kind     UTF-8, "kyc_validation" or "id_pass" in this library
//	 4  subject id       16 bytes, as in RFC 9562
//	 5  sequence         8 bytes, big-endian, from 1
//	 6  previous hash    32 bytes; all zero for sequence 1
//	 7  call             16 bytes: the operation that wrote the entry
//	 8  event            UTF-8
//	 9  from             UTF-8; empty for "no record yet"
//	10  to               UTF-8
//	11  verdict          UTF-8
//	12  why              UTF-8; empty unless the verdict is "ignored"
//	13  actor            three nested fields: organization, kind, id
//	14  occurred at      8 bytes, big-endian two's complement: microseconds since 1970 UTC,
//	                     in the years 0 to 9999
//	15  recorded at      the same
//	16  source           UTF-8; empty if no source brought it
//	17  changes          three nested fields a change: name, from, to
//	18  postings         one nested field a posting: its line (see package refund)
//	19  definition       32 bytes: the fingerprint of the definition that judged it
//	20  body digest      32 bytes, or none where there is no body
//
// A nested field is written the same way, inside the value of its field. There is
// exactly one way to write an entry, and [Decode] refuses every other.
//
// # Bodies
//
// Reasons and other free text may be personal data, and are never hashed directly. They
// are the entry's body, a JSON object kept beside the bytes with a random salt, and the
// body digest is the SHA-256 of the salt and the body, each with its length before it
// as above. Removing salt and body together leaves the chain valid and reads as erased;
// any other change of them reads as an edit.
//
// # What a chain proves
//
// Verify proves that what is there is whole and unaltered up to its last entry. No chain
// can prove by itself that nothing was cut from its end, or that it was not written anew
// as a whole: keep heads somewhere else from time to time, and give them to Verify.
//
// Vectors for other implementations are in testdata/vectors.json.
package audit
