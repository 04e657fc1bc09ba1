// Package sweep judges cases over versions of one target and says from which
// version on each case holds.
//
// [Choose] finds the versions, [Plan.Run] judges them one after the other (all,
// or as few as a bisection needs), [New] draws the conclusions, [Text] and
// [Formats] tell them. Only [Versions] and [Bench] touch the outside world; the
// rest is pure.
package sweep

import "time"

// The limits of every wait in this package; installing has one in launch.
const (
	publishedLimit = time.Minute            // asking the registry for its versions
	drainLimit     = 500 * time.Millisecond // reading what that command wrote, once it was ended
	versionLimit   = 5 * time.Minute        // judging one version
)
