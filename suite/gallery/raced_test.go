package gallery_test

import (
	"runtime/debug"
	"slices"
)

// raced reports whether this is built with the race detector. `make test` tests
// each package that asks once more, without it.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}
