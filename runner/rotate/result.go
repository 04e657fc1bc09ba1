package rotate

import (
	"time"

	"github.com/countersign-dev/countersign/runner/report"
)

// schemaName names the format of a [Rotation]; rotation.schema.json describes it.
const schemaName = "urn:countersign:rotation:2"

// Rotation is the result of a drill. It holds no key and no hash of one. Times are
// in milliseconds since the drill began.
type Rotation struct {
	Schema     string            `json:"schema"`
	Conclusion report.Conclusion `json:"conclusion"`           // "holds", "violated", "could not judge" or "void"
	Incomplete string            `json:"incomplete,omitempty"` // why not every stage was reached, or had its requests
	Target     report.Target     `json:"target"`
	Tool       report.Tool       `json:"tool"`
	RandomSeed uint64            `json:"randomSeed"`
	Started    time.Time         `json:"started"`
	TookMS     int64             `json:"tookMs"`
	Reproduce  string            `json:"reproduce"`
	SelfCheck  report.SelfCheck  `json:"selfCheck"`
	Totals     Totals            `json:"totals"`
	OldKey     OldKeyEnd         `json:"oldKey"`
	Findings   []Finding         `json:"findings"`
	Stages     []Stage           `json:"stages"` // that were reached: all four, unless it is incomplete
	Handovers  []Handover        `json:"handovers"`
	Processes  []ProcessRecord   `json:"processes"`
	Requests   []RequestRecord   `json:"requests"` // in the order in which they were sent
}

// Totals are counts of requests; the ones that must be 0 come first.
type Totals struct {
	AuthenticRefused int `json:"authenticRefused"` // refused, or without a successful response
	ForgedAccepted   int `json:"forgedAccepted"`
	APIRefused       int `json:"apiRefused"`      // requests to the API that were refused with every key
	OldKeyAccepted   int `json:"oldKeyAccepted"`  // at the last stage
	OldKeyRefused    int `json:"oldKeyRefused"`   // at the stage before, where it worked until the server's key changed
	ExpiredAccepted  int `json:"expiredAccepted"` // a finding, not a violation
	Authentic        int `json:"authentic"`
	Forged           int `json:"forged"`
	Expired          int `json:"expired"`
	API              int `json:"api"`
	APIRetried       int `json:"apiRetried"` // refused at first, accepted with the other key
	OldKey           int `json:"oldKey"`     // at the last stage
}

// OldKeyEnd is when key A stopped working. A time is nil where that never happened.
type OldKeyEnd struct {
	LastAccepted *int64 `json:"lastAcceptedMs"` // the last request with key A that ran was sent then
	FirstRefused *int64 `json:"firstRefusedMs"` // the first one that the last stage refused ended then
	Expected     *int64 `json:"expectedMs"`     // when the last stage began
}

// Finding is a defect that was observed during a drill and is not a defect of
// the rotation: a case of the catalogue judges it.
type Finding struct {
	Case string `json:"case"`
	Text string `json:"text"`
}

// Stage is one stage with its counts.
type Stage struct {
	Number  int          `json:"number"`
	Name    string       `json:"name"`
	Holds   string       `json:"holds"`     // what the target is configured with
	Server  string       `json:"serverKey"` // signs requests, and is the only one that the API accepts
	BeganMS int64        `json:"beganMs"`
	EndedMS int64        `json:"endedMs"`
	Totals  Totals       `json:"totals"`
	Counts  map[kind]Sum `json:"counts"`
}

// Sum counts the outcomes of one kind of request.
type Sum struct {
	Accepted   int `json:"accepted"`
	Refused    int `json:"refused"`
	NoResponse int `json:"noResponse"`
}

// Handover describes how one process took over from another.
type Handover struct {
	From      int   `json:"fromStage"`
	To        int   `json:"toStage"`
	StartedMS int64 `json:"startedMs"` // the new process was started
	MovedMS   int64 `json:"movedMs"`   // it was ready, and new requests went to it
	DrainedMS int64 `json:"drainedMs"` // no request to the old process was in flight any more
	Drained   bool  `json:"drained"`   // the old process responded to all of them
	InFlight  int   `json:"inFlight"`  // requests in flight to the old process when the new one took over
}

// ProcessRecord is one process of the target.
type ProcessRecord struct {
	Number    int    `json:"number"`
	Holds     string `json:"holds"`
	StartedMS int64  `json:"startedMs"`
	ReadyMS   int64  `json:"readyMs"`
	LeftMS    int64  `json:"leftMs"` // new requests went to another process
	StoppedMS int64  `json:"stoppedMs"`
	Died      string `json:"died,omitempty"` // before it was stopped
}

// RequestRecord is one request of the traffic.
type RequestRecord struct {
	Stage      int       `json:"stage"` // when it was sent
	Kind       kind      `json:"kind"`
	Key        string    `json:"key,omitempty"` // signed with
	AtMS       int64     `json:"atMs"`
	TookMS     int64     `json:"tookMs"`
	Outcome    outcome   `json:"outcome"`
	Violation  string    `json:"violation,omitempty"` // what is violated
	Status     int       `json:"status,omitempty"`
	NoResponse string    `json:"noResponse,omitempty"` // why there is none
	Process    int       `json:"process,omitempty"`    // the one in which it ran
	API        []Attempt `json:"api,omitempty"`        // requests to the API that it caused
}

// Attempt is one request of the target to the API.
type Attempt struct {
	Request string `json:"request"`
	Bearer  string `json:"bearer"` // "A", "B" or "neither"
	Status  int    `json:"status"`
}

// outcome is how a request ended.
type outcome string

const (
	outcomeAccepted   outcome = "accepted"
	outcomeRefused    outcome = "refused"
	outcomeNoResponse outcome = "no response"
)

func ms(d time.Duration) int64 { return d.Milliseconds() }
