package engine

import "time"

// The limits of what is waited for.
const (
	// ExchangeLimit bounds one request to a target; more is a hang.
	ExchangeLimit = 15 * time.Second
	// FuzzLimit bounds one request of a campaign, which sends many thousands.
	FuzzLimit = 5 * time.Second
	// MisframedLimit bounds a request that announces more than it sends, or whose
	// framing contradicts itself: no response is required.
	MisframedLimit = 250 * time.Millisecond
	// servedWithin is how soon a valid call is served after one that is not valid.
	servedWithin = 5 * time.Second
	// mostStalls is how many requests in a row may wait in vain before a run
	// gives up.
	mostStalls = 4
	// mostSilent is how many requests of a measurement may stay without a
	// response.
	mostSilent = 3
	// precise is how fast a response must be to tell one second from the next.
	precise = 250 * time.Millisecond
)
