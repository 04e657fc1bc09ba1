// Package evidence keeps what a run observed in a folder, and reads it again, so that
// somebody who was not there can judge it.
//
// # What is in the folder
//
//	manifest.json    who wrote it: the format, the program and its version, the target,
//	                 the seed, the digest of the catalogue, and whether it is complete
//	run.json         what a report says besides the verdicts, and what is known of the
//	                 whole run ([engine.Evidence])
//	cases.jsonl      a line for each case ([engine.CaseEvidence])
//	processes.jsonl  a line for each running target ([engine.ProcessEvidence])
//	exchanges.jsonl  a line for each request ([engine.ExchangeEvidence]), by its number
//	SHA256SUMS       the SHA-256 of each of these, as sha256sum writes and checks it
//
// Bytes are strings, or {"base64": …} where they are not UTF-8 or have many escapes.
// Times are those of the machine that judged. Files have the mode 0600, the folder has
// 0700.
//
// # What is stated, and what is found again
//
// Secrets are typed tokens, such as {{primary.secret}}, {{primary.hash}} or
// {{mac:primary}}: what a verdict has to know of a secret is which one stands where, and
// the token says that. Everything that shows in the bytes of a response, or of a request
// to the stand-in API, is found in them again: the status, what was disclosed or leaked
// or echoed, whose bearer token was sent, what was registered.
//
// These are stated, because no bytes show them: that the target was identified; how
// often and when a function ran; how long a response took, and why there was none; that
// a target exited; which key signed a response, as its MAC is a token; which secrets the
// target's output had; which requests belong to a case, in which role, and which
// attempts came before one; why a case is not applicable; and what was found by
// searching while the target was running: which deviation lets a request in, which part
// of a body is refused, which valid requests are refused, too. The measurements are
// those of the run; the self-check is made again.
//
// # What is not as received
//
// Bodies of responses are without their codings, because a secret in compressed bytes
// could not be replaced. MACs that a valid request had are tokens; wrong ones are as
// sent, also where they were made from a right one. The fields of a response's header
// are in the order of their names. What was too long is cut, and marked: see
// suite/limits. The requests of the measurements are left out.
//
// # What the digests are good for
//
// They show every change by accident. Whoever forges evidence writes new digests, too:
// so keep the SHA-256 of SHA256SUMS, which `countersign run` prints, apart from the
// folder, or sign it.
package evidence
