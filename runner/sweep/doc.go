// Package sweep runs cases against many versions of one target and finds the
// first version that passes each case.
//
// [Choose] finds the versions, [Plan.Run] judges them one after the other (all,
// or as few as a bisection needs), [New] draws the conclusions, [Text] and
// [Formats] write them. Only [Versions] and [Bench] touch the outside world; the
// rest is pure.
package sweep

import "time"

// The limits of every wait in this package; installing has one in launch.
const (
	publishedLimit = time.Minute            // asking the registry for its versions
	drainLimit     = 500 * time.Millisecond // reading what that command wrote, after it was stopped
	versionLimit   = 5 * time.Minute        // judging one version
)
