// Package hostile tests that no endpoint can hurt the program or make it say what is
// not so. It has nothing but tests: a table of hostile behaviours, each played by a
// process or by an endpoint at a URL, and what each command must say of it, within
// which time and memory, leaving nothing behind.
//
// `make hostile` runs all of it and prints the table; `go test` runs a quick part.
package hostile
