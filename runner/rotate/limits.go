package rotate

import "time"

// The limits of every wait in this package.
const (
	startLimit    = 60 * time.Second // bringing one process up
	exchangeLimit = 10 * time.Second // one request, through the proxy
	dialLimit     = 2 * time.Second  // the proxy reaching a process
	drainLimit    = exchangeLimit + dialLimit
	settleLimit   = 10 * time.Second // hearing what a process still has to say
	stageLimit    = 30 * time.Second // a stage waiting for its requests to end
)

// What bounds the traffic. A stage that has had plenty, and waits for a process
// to start, goes on with a trickle: the traffic never stops.
const (
	workers  = 2
	usualPer = 72                    // requests that a stage has at least
	usualGap = 10 * time.Millisecond // between two requests
	plenty   = 3                     // times what a stage has at least
	trickle  = 250 * time.Millisecond
)
