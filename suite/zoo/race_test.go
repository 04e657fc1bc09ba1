//go:build race

package zoo_test

// raced: under the race detector the whole matrix takes minutes, so a mutant is
// judged only in the case that must catch it. `make test` runs the matrix again
// without the detector.
const raced = true
