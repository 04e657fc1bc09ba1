// Package limits names every bound on what comes from outside: from a target and its
// processes, from what sends requests to the stand-in API and the beacon, and from files.
//
// Sizes are in bytes. What is longer is cut, and marked as cut: a verdict that would need
// the rest is inconclusive, and says why. So is a wait that ended by its limit. Together
// they keep this program below [Peak] and a report below [ReportFile].
package limits

import "time"

// Time for one request to a target.
const (
	// Exchange is the time limit for a request and its response: longer than a cold start
	// takes.
	Exchange = 15 * time.Second
	// FuzzExchange is the same in a fuzz campaign, which sends many thousands.
	FuzzExchange = 5 * time.Second
	// MisframedExchange is the same for a request that announces more than it sends, or
	// whose framing contradicts itself: no response to it is required.
	MisframedExchange = 250 * time.Millisecond
	// ServedAfter is the time limit for a valid call right after a request of a case
	// about availability: one that takes longer was held up by it.
	ServedAfter = 5 * time.Second
	// Probe is the time limit for one request to an attached endpoint before it is
	// judged, at each of its addresses.
	Probe = 10 * time.Second
	// Resolve is the time limit for resolving the host of an attached endpoint.
	Resolve = 5 * time.Second
	// Return is how long an attached endpoint that exited may take to be restarted by
	// whatever supervises it.
	Return = 5 * time.Second
)

// Requests without a response after which a target is given up: it hangs, and each of
// them takes all the time that it may.
const (
	// Silent is their number in a row, in a run and in a drill.
	Silent = 4
	// SilentMeasurements is their number while a target is measured, which other cases
	// wait for.
	SilentMeasurements = 3
	// SilentKinds is how many kinds of valid requests may get no response before a fuzz
	// campaign gives up.
	SilentKinds = 2
	// Foreign is the number of targets in whose place another process responded after
	// which a run gives up.
	Foreign = 5
	// Reach is how often an attached endpoint may close a connection without a response
	// before it counts as one that refuses in this way.
	Reach = 3
)

// Requests of one case. What they receive is bounded by [Body] for each, and by [Kept]
// for all.
const (
	// Attempts is how often a request is sent, as long as the response may be an
	// intermediary's, and BackOff the longest time between two attempts, unless a
	// response names a longer one, of at most RetryAfter. Without that, a request is tried
	// for 6.5 s, longer than a deployment or a start takes to become ready.
	Attempts, BackOff, RetryAfter = 10, 2 * time.Second, time.Minute
	// MeasuredAgain is how often a request of a measurement is sent again, whose number is
	// reported.
	MeasuredAgain = 4
	// Restarts is how often a target is started anew to send it a request once more: each
	// may take as long as [Start].
	Restarts = 4
	// FacetRequests is how many requests divide the groups of deviations of one case: enough
	// to name a few, where most of them matter.
	FacetRequests = 60
)

// Sizes of one response of a target.
const (
	// Head is the size of the status line and the header fields, those of interim
	// responses included, and Fields the number of the fields: far more than servers
	// accept from each other.
	Head, Fields = 256 << 10, 1000
	// Interim is the number of 1xx responses before the final one: a flood of them ends.
	Interim = 10
	// Body is how much of a body is looked at, as it is on the wire and without its
	// codings: an endpoint's own responses take some kilobytes.
	Body = 1 << 20
	// Discarded is how much more of a body is received, and not kept, so that a target
	// can finish its response.
	Discarded = 32 << 20
	// Codings is how many codings of a body are undone: a nested bomb has more.
	Codings = 5
	// Redirects is how many redirects of one request are followed: a loop ends.
	Redirects = 5
	// Quote is how many bytes of a target's own words an error contains: a few lines of
	// a terminal.
	Quote = 300
)

// Sizes of what a run keeps of all its exchanges, and a case with them.
const (
	// Kept is how much of all responses a run keeps, and of what the stand-in API
	// received with them. A response beyond it is cut to its first KeptBeyond bytes.
	Kept, KeptBeyond = 40 << 20, 2 << 10
	// EvidenceSent and EvidenceReceived are how much evidence holds of all requests, and
	// of the bodies of all responses without their codings. A body beyond it is cut to its
	// first KeptBeyond bytes.
	EvidenceSent, EvidenceReceived = 40 << 20, 80 << 20
	// FindingBody is how much of a response's body a finding of a fuzz campaign holds: it
	// is a file that people open.
	FindingBody = 64 << 10
	// Findings is how many findings a campaign looks for: more are not read.
	Findings = 64
)

// What the stand-in API and the beacon receive and keep.
const (
	// APIHead and APIBody are the sizes of one request to the stand-in API, APIBody is
	// that of a message to its gateway, too: larger than any that an SDK sends.
	APIHead, APIBody = 64 << 10, 1 << 20
	// APIConnections is how many connections one of them serves at a time.
	APIConnections = 256
	// LargeAPIBodies is how many bodies of more than SmallAPIBody bytes are read at a
	// time, by all of them together: a flood of large ones waits.
	LargeAPIBodies, SmallAPIBody = 4, 64 << 10
	// APIRequests and APIRequestsSize are how many requests the stand-in API holds until
	// they are assigned to what caused them, and their size.
	APIRequests, APIRequestsSize = 4096, 8 << 20
	// APIRequestsEach is how many requests to the stand-in API an exchange keeps.
	APIRequestsEach = 256
	// Nonces is how many nonces the beacon counts the runs of, Nonce the length of one,
	// and RunTimes of how many runs with the same one it keeps the time.
	Nonces, Nonce, RunTimes = 200_000, 128, 16

	// RequestHead is the time limit for the head of a request to one of them, or to an
	// endpoint in this process, and APIExchange the one for the whole exchange: a target
	// that sends a byte a second occupies a connection no longer.
	RequestHead, APIExchange = 10 * time.Second, 30 * time.Second
	// Withheld is how long a scripted response is withheld before its connection is
	// closed: long enough to be no response in time, short enough to be waited for.
	Withheld = 2 * time.Second
	// Beacon is the time limit for a call of the beacon by an endpoint in this process.
	Beacon = 2 * time.Second
)

// Time for a target's processes: from set-up to their end.
const (
	// SetUp is the time limit for installing one version, unless its description or a
	// flag says otherwise: a cold package manager on a slow network.
	SetUp = 5 * time.Minute
	// SetUpLock is how much longer a run waits for another run that installs the same.
	SetUpLock = 30 * time.Second
	// Requirement is the time limit for one command that says a version, like
	// `node --version`.
	Requirement = 20 * time.Second
	// Start is the time limit from starting a process to its first response, unless its
	// description or a flag says otherwise, and Ready the one for an attempt at that.
	Start, Ready = 20 * time.Second, 2 * time.Second
	// Starts is how often a target is started, where another program takes its port
	// before it does, which is rare.
	Starts = 3
	// Quiet is how long nothing may have been heard of a target for it to be settled,
	// and Settle the time limit for that: late effects count until then.
	Quiet, Settle = 500 * time.Millisecond, 10 * time.Second
	// Unprompted is how often, and UnpromptedWait how long each time, requests are awaited
	// that a target sends by itself.
	Unprompted, UnpromptedWait = 4, 300 * time.Millisecond
	// QuietHandler is [Quiet] for a handler that a test judges, whose effects are seen
	// without another process between.
	QuietHandler = 50 * time.Millisecond
	// Stop is how long a process may take to end after SIGTERM, and Kill after SIGKILL.
	Stop, Kill = 2 * time.Second, 2 * time.Second
	// Drain is the time limit for reading the output of a process that has exited: a
	// child of it may hold the pipe open.
	Drain = 500 * time.Millisecond
	// Death is how long after a broken connection its process may end for that to count
	// as the cause.
	Death = 250 * time.Millisecond
)

// Sizes of what a target's processes print: starting, running, or setting one up.
const (
	// Output is how much of the end of it is kept.
	Output = 64 << 10
	// OutputLines is how many lines of it an error contains, and OutputShown how much of
	// them.
	OutputLines, OutputShown = 20, 4 << 10
	// OutputReason is how much of it the reason of a death contains.
	OutputReason = 500
	// Secret is more than any form of a secret is long: so much of what was printed is
	// kept back, in case that one goes on in what comes next.
	Secret = 1 << 10
)

// Sizes of reports.
const (
	// Report is about how large a report is at most as JSON. Where the exchanges would
	// take more, less of each is held.
	Report = 8 << 20
	// ReportFile is what no report exceeds, with all that is estimated above.
	ReportFile = 10 << 20
	// ReportedCase is about how large one case of it is, so that a single one with large
	// exchanges does not take the room of all others.
	ReportedCase = 1 << 20
	// ReportedBody is how much a report holds of each body, where there is room for it.
	ReportedBody = 4 << 10
	// ReportedText is how much a report holds of a sentence that may quote a target.
	ReportedText = 4 << 10
	// Markdown is the size of a summary: a comment on GitHub may have 65,536 characters.
	Markdown = 60_000
)

// Time for a whole command, or a part of it that a person waits for.
const (
	// Run is the time after which a run, or a sweep, ends with what it has judged,
	// unless a flag says otherwise.
	Run = time.Hour
	// Listing is the time limit for listing the versions in a registry, Version for
	// judging one version in a sweep, and Column for one target of a matrix.
	Listing, Version, Column = time.Minute, 5 * time.Minute, 30 * time.Minute
	// Diagnosis is the time limit for all requests of a diagnosis, besides what a rate
	// takes, and DiagnosisRequests their number: a person waits for it, and it goes to
	// an endpoint that may be in production.
	Diagnosis, DiagnosisRequests = 15 * time.Second, 20
	// Stage is how long a stage of a rotation drill waits for its requests to end: longer
	// than [Exchange].
	Stage = 30 * time.Second
	// Shrink is the time limit for shrinking one finding of a fuzz campaign, unless a flag
	// says otherwise, and Investigation how much longer the last may take when the time of
	// a campaign is over.
	Shrink, Investigation = 10 * time.Second, 10 * time.Second
	// ShimResponse is how long a shim may take for a response, unless a flag says
	// otherwise, and ShimStop how long it may run after its input has ended.
	ShimResponse, ShimStop = 10 * time.Second, 5 * time.Second
)

// Sizes of what else is read, and of this program.
const (
	// KeyFile is the size of a file with keys, or of a key on standard input: more than
	// two need.
	KeyFile = 64 << 10
	// Capture is the size of a captured request: twice as large as Inngest sends one.
	Capture = 8 << 20
	// App is how much an app's folder may hold. Its contents are read at every start.
	App = 256 << 20
	// Evidence is the size of a folder with evidence, and EvidenceLines the length of one
	// of its files: more than a run ever writes.
	Evidence, EvidenceLines = 512 << 20, 200_000
	// Corpus is how many inputs a corpus of a fuzz campaign holds: the newest, which are
	// tried first in the next one.
	Corpus = 2000
	// Sequence is how many requests a finding of a fuzz campaign may have sent before its
	// own: three times as many as are drawn.
	Sequence = 1000
	// ShimLine is the length of a line of a shim, whose responses are short, and ShimOutput
	// how much of the end of its standard error an error shows.
	ShimLine, ShimOutput = 1 << 20, 2 << 10
	// Memory is the size from which on memory of this program is reclaimed more often.
	// What is kept takes less, whatever a target sends.
	Memory = 128 << 20
	// Peak is what this program takes at most, whatever a target does.
	Peak = 200 << 20
)
