// Package longtest marks the tests that take long. `make test`, which is short and has
// the race detector, skips them; `make long` runs them without it.
package longtest

import "testing"

// Skip skips a test that takes long, where tests are to be short (go test -short). It
// shares nothing between goroutines that shorter tests do not share, too, so there is
// nothing for the race detector to find in it.
func Skip(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED because it takes long: `make long` runs it")
	}
}
