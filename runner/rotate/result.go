package rotate

import (
	"time"

	"github.com/countersign-dev/countersign/runner/report"
)

// Schema names the form of a [Result]; rotation.schema.json describes it.
const Schema = "urn:countersign:rotation:1"

// Result is what a drill came to. It holds no key and no hash of one.
// Times are in milliseconds since the drill began.
type Result struct {
	Schema     string            `json:"schema"`
	Conclusion report.Conclusion `json:"conclusion"` // "holds", "violated", "could not judge" or "void"
	Target     report.Target     `json:"target"`
	Tool       report.Tool       `json:"tool"`
	RandomSeed uint64            `json:"randomSeed"`
	Started    time.Time         `json:"started"`
	TookMS     int64             `json:"tookMs"`
	Reproduce  string            `json:"reproduce"`
	SelfCheck  []Check           `json:"selfCheck"` // drills of endpoints whose verdict is known
	Totals     Totals            `json:"totals"`
	OldKey     OldKeyEnd         `json:"oldKey"`
	Stages     []Stage           `json:"stages"`
	Handovers  []Handover        `json:"handovers"`
	Processes  []Process         `json:"processes"`
	Requests   []Request         `json:"requests"` // in the order in which they were sent
}

// Totals are counts of requests; the ones that must be 0 come first.
type Totals struct {
	AuthenticRefused int `json:"authenticRefused"` // refused, or not answered with success
	ForgedAccepted   int `json:"forgedAccepted"`
	APIRefused       int `json:"apiRefused"`     // requests to the API that no attempt got through
	OldKeyAccepted   int `json:"oldKeyAccepted"` // at the last stage
	Authentic        int `json:"authentic"`
	Forged           int `json:"forged"`
	API              int `json:"api"`
	APISaved         int `json:"apiSaved"` // refused at first, and then taken with the other key
	OldKey           int `json:"oldKey"`   // at the last stage
}

// OldKeyEnd is when key A stopped working. A time is nil where that never happened.
type OldKeyEnd struct {
	LastAccepted *int64 `json:"lastAcceptedMs"` // the last request with key A that ran was sent then
	FirstRefused *int64 `json:"firstRefusedMs"` // the first one that the last stage refused was answered then
	Expected     int64  `json:"expectedMs"`     // when the last stage began
}

// Stage is one stage with its counts.
type Stage struct {
	Number  int          `json:"number"`
	Name    string       `json:"name"`
	Holds   string       `json:"holds"`     // what the target is configured with
	Server  string       `json:"serverKey"` // signs requests, and is the only one that the API takes
	BeganMS int64        `json:"beganMs"`
	EndedMS int64        `json:"endedMs"`
	Totals  Totals       `json:"totals"`
	Counts  map[Kind]Sum `json:"counts"`
}

// Sum counts the outcomes of one kind of request.
type Sum struct {
	Accepted   int `json:"accepted"`
	Refused    int `json:"refused"`
	Unanswered int `json:"unanswered"`
}

// Handover is how one process took the place of another.
type Handover struct {
	From      int   `json:"fromStage"`
	To        int   `json:"toStage"`
	StartedMS int64 `json:"startedMs"` // the new process was started
	MovedMS   int64 `json:"movedMs"`   // it was ready, and new connections went to it
	DrainedMS int64 `json:"drainedMs"` // the old process had answered everything
	Drained   bool  `json:"drained"`   // within its time limit
	InFlight  int   `json:"inFlight"`  // requests that were on their way to the old process when the new one took over
}

// Process is one process of the target.
type Process struct {
	Number    int    `json:"number"`
	Holds     string `json:"holds"`
	StartedMS int64  `json:"startedMs"`
	ReadyMS   int64  `json:"readyMs"`
	LeftMS    int64  `json:"leftMs"` // new connections went elsewhere
	StoppedMS int64  `json:"stoppedMs"`
	Died      string `json:"died,omitempty"` // before it was stopped
}

// Request is one request of the traffic.
type Request struct {
	Stage    int       `json:"stage"` // when it was sent
	Kind     Kind      `json:"kind"`
	Key      string    `json:"key,omitempty"` // signed with
	AtMS     int64     `json:"atMs"`
	TookMS   int64     `json:"tookMs"`
	Outcome  Outcome   `json:"outcome"`
	Wrong    string    `json:"wrong,omitempty"` // what must not be
	Status   int       `json:"status,omitempty"`
	NoAnswer string    `json:"noAnswer,omitempty"`
	Process  int       `json:"process,omitempty"` // the one in which it ran
	API      []Attempt `json:"api,omitempty"`     // what it made the target ask of the API
}

// Attempt is one request of the target to the API.
type Attempt struct {
	Asked  string `json:"asked"`
	Bearer string `json:"bearer"` // "A", "B" or "neither"
	Status int    `json:"status"`
}

// Observation is how a request ended.
type Outcome string

// The outcomes.
const (
	Accepted   Outcome = "accepted"
	Refused    Outcome = "refused"
	Unanswered Outcome = "unanswered"
)

// Check is one drill of an endpoint whose verdict is known.
type Check struct {
	Endpoint string `json:"endpoint"`
	Verdict  string `json:"verdict"`
}

func ms(d time.Duration) int64 { return d.Milliseconds() }
