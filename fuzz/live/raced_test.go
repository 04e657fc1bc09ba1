package live

import (
	"runtime/debug"
	"slices"
	"testing"
)

// raced reports whether this is built with the race detector. `make test` tests
// each package with this function once more, without it.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// withoutRace skips a test that takes long with the race detector, and in which
// nothing is shared between goroutines, so that there is nothing for it to find.
func withoutRace(t *testing.T) {
	t.Helper()
	if raced() {
		t.Skip("SKIPPED with the race detector: `make test` runs this without it")
	}
}
