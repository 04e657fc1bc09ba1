// Package sweep runs cases against many versions of one target and finds the
// first version that passes each case.
//
// [Run] finds the versions, judges them one after the other (all, or as few as a
// bisection needs) and draws the conclusions; [Text] and [Formats] write them.
package sweep

import "time"

// The limits of every wait in this package; installing has one in launch.
const (
	publishedLimit = time.Minute            // listing the versions in the registry
	drainLimit     = 500 * time.Millisecond // reading what that command wrote, after it was stopped
	versionLimit   = 5 * time.Minute        // judging one version
)
