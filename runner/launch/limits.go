package launch

import "time"

// The limits of every wait in this package.
const (
	setupLimit       = 5 * time.Minute        // installing one version
	lockSlack        = 30 * time.Second       // waiting for another run that installs it, longer than it may take
	requirementLimit = 20 * time.Second       // one `node --version`
	startLimit       = 20 * time.Second       // from starting a process to its first response
	lookPause        = 5 * time.Millisecond   // between two looks at who listens
	readyTryLimit    = 2 * time.Second        // one attempt at that response
	stopLimit        = 2 * time.Second        // from SIGTERM to SIGKILL
	killPause        = 5 * time.Millisecond   // between two looks whether a process that was killed has ended
	killLimit        = 2 * time.Second        // from SIGKILL to giving up on a process
	drainLimit       = 500 * time.Millisecond // reading the output of a process that has exited
	deathLimit       = 250 * time.Millisecond // from a broken connection to the end of its process
	quietTime        = 500 * time.Millisecond // nothing is heard of a target for so long before it is done
	settleLimit      = 10 * time.Second       // waiting for that
	probeLimit       = 10 * time.Second       // one request to an attached endpoint before it is judged, at each of its addresses
	returnLimit      = 5 * time.Second        // waiting for an attached endpoint that exited to be restarted
	resolveLimit     = 5 * time.Second        // resolving a host
)

// startAttempts is how often a target is started, where another program takes its
// port before it does.
const startAttempts = 3

// reachAttempts is how often an attached endpoint may close a connection without a
// response before it counts as one that refuses in this way.
const reachAttempts = 3

// Sizes of the output of a process.
const (
	outputCap   = 64 << 10 // how much is kept
	shownLines  = 20       // how many lines an error contains
	shownOutput = 4 << 10  // and how much of them
	shownWords  = 500      // how much the reason of a death contains
)
