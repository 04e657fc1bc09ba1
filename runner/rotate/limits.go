package rotate

import "time"

// stageLimit is how long a stage waits for its requests to end. All other waits
// have the limits of the engine and of the lab.
const stageLimit = 30 * time.Second

// mostSilent is the number of requests in a row without a response in time after which
// a drill gives up.
const mostSilent = 4

// The traffic. A stage that has had plenty, and waits for a process to start,
// continues at a lower rate: the traffic never stops.
const (
	workers     = 2
	defaultPer  = 72                    // minimum number of requests per stage
	defaultGap  = 10 * time.Millisecond // between two requests
	plenty      = 3                     // times that minimum
	slowGap     = 250 * time.Millisecond
	heldPerMove = 2 // calls that are kept in flight when a process takes over
)
