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
	// listenFor is how long requests are awaited that a target sends by itself,
	// listenTimes how often where only one came.
	listenFor   = 300 * time.Millisecond
	listenTimes = 4
	// precise is the time within which a response must arrive for a measurement with
	// a precision of one second.
	precise = 250 * time.Millisecond
)

// Sizes of what a target sends. Whatever is longer is cut, and [suite.Observation]
// says so: a verdict that would need the rest is inconclusive.
const (
	// MaxHead is the size of a response's status line and header fields, interim
	// responses included, and MaxFields the number of the fields.
	MaxHead, MaxFields = 256 << 10, 1000
	// MaxBody is how much of a response's body is looked at, as it is on the wire and
	// without its codings.
	MaxBody = 1 << 20
	// MaxDiscarded is how much more of a body is received, and not kept, so that a
	// target can finish its response.
	MaxDiscarded = 32 << 20
	// maxCodings is how many codings of a body are undone.
	maxCodings = 5
	// MaxCause is the size of an error text that quotes a target.
	MaxCause = 300

	// MaxKept is how much of all responses a run keeps, and of what the stand-in API
	// received with them. A response beyond it is cut to the first keptOfEach bytes.
	MaxKept, keptOfEach = 40 << 20, 2 << 10

	// MostSent and MostReceived are how much of all requests, and of the bodies of all
	// responses without their codings, [Evidence] holds. What is beyond is cut to its first
	// keptOfEach bytes.
	MostSent, MostReceived = 40 << 20, 80 << 20

	// MaxAPIHead and MaxAPIBody are the sizes of a request to the stand-in API.
	MaxAPIHead, MaxAPIBody = 64 << 10, 1 << 20
	// MaxConnections is how many connections the stand-in API and the beacon serve at a
	// time, and maxLargeBodies how many bodies of more than smallBody bytes it reads.
	MaxConnections            = 256
	maxLargeBodies, smallBody = 4, 64 << 10
	// maxReceived and maxReceivedSize are how many requests the stand-in API holds until
	// they are assigned to what caused them, and their size.
	maxReceived, maxReceivedSize = 4096, 8 << 20
	// MaxHeard is how many requests to the stand-in API an exchange keeps.
	MaxHeard = 256
	// MaxNonces is how many nonces the beacon counts the runs of, and MaxNonce the
	// length of one.
	MaxNonces, MaxNonce = 200_000, 128
)
