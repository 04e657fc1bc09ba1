package engine

import "time"

// Time limits of exchanges.
const (
	// ExchangeLimit is the time limit for one request to a target.
	ExchangeLimit = 15 * time.Second
	// FuzzLimit is the time limit for one request of a fuzz campaign, which sends
	// many thousands.
	FuzzLimit = 5 * time.Second
	// MisframedLimit is the time limit for a request that announces more than it
	// sends, or whose framing contradicts itself: no response is required.
	MisframedLimit = 250 * time.Millisecond
	// servedWithin is the time limit for a valid call right after a request of a
	// case about availability.
	servedWithin = 5 * time.Second
	// mostStalls is the number of consecutive requests without a response after
	// which a run gives up.
	mostStalls = 4
	// mostForeign is the number of targets in whose place somebody else responded
	// after which a run gives up.
	mostForeign = 5
	// mostSilent is the number of requests without a response after which a
	// measurement gives up.
	mostSilent = 3
	// listenFor is how long requests are awaited that a target sends by itself.
	listenFor = 300 * time.Millisecond
	// precise is the time within which a response must arrive for a measurement with
	// a precision of one second.
	precise = 250 * time.Millisecond
)
