package launch

import "time"

// The limits of every wait in this package.
const (
	setupLimit       = 5 * time.Minute        // installing one version
	lockLimit        = setupLimit             // waiting for another run that installs it
	requirementLimit = 20 * time.Second       // one `node --version`
	startLimit       = 20 * time.Second       // from starting a process to its first answer
	readyTryLimit    = 2 * time.Second        // one attempt at that answer
	stopLimit        = 2 * time.Second        // from SIGTERM to SIGKILL
	killLimit        = 2 * time.Second        // from SIGKILL to giving up on a process
	drainLimit       = 500 * time.Millisecond // reading what an ended process wrote
	deathLimit       = 250 * time.Millisecond // from a broken connection to the end of its process
	quietTime        = 500 * time.Millisecond // how long a target says nothing before it is done
	settleLimit      = 10 * time.Second       // waiting for that
	probeLimit       = 10 * time.Second       // one request before judging an endpoint attached to, at each of its addresses
	returnLimit      = 5 * time.Second        // for an endpoint attached to that went away to come back
	resolveLimit     = 5 * time.Second        // looking a host's address up
)

// startAttempts is how often a target is started anew because its port was
// taken between choosing it and listening on it.
const startAttempts = 3
