// Package race tells tests whether the race detector is there, which makes them five
// to ten times slower. `make long` tests each package whose tests import it once more,
// without the detector.
package race

import (
	"runtime/debug"
	"slices"
	"testing"
)

// Enabled reports whether the test binary was built with the race detector.
func Enabled() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// Skip skips a test that takes long with the race detector, and that shares nothing
// between goroutines which other tests do not share, too: there is nothing for it to
// find.
func Skip(t *testing.T) {
	t.Helper()
	if Enabled() {
		t.Skip("SKIPPED with the race detector: `make long` runs this without it")
	}
}
