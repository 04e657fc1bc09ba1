// Package shim checks a verifier that has no HTTP endpoint: a program that reads one
// JSON line for each vector and writes one JSON line in response. Its result says
// with how many vectors the program agrees. It never says that a target conforms,
// because whether functions run, and what the SDK sends, is not observed.
package shim
