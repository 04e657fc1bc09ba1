package engine

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Evidence is everything that the verdicts of a run depend on, as plain data, with
// secrets replaced by tokens. [JudgeEvidence] gives the verdicts again.
//
// What follows from the bytes of a response or of a request to the stand-in API is not
// in it: it is found in them again. These facts are not in any bytes, so they are
// stated: what ran, who responded and when, which attempt was whose, why a case did
// not apply, which deviation let a request in, and which key signed a response.
type Evidence struct {
	Visibility string             `json:"visibility"`      // what could be observed: "full", "probe", "introspection" or "call"
	Identified bool               `json:"identified"`      // a response is known to be the target's
	SDK        bool               `json:"sdk"`             // a response named an SDK, or showed that a signed GET was authenticated
	Setups     int                `json:"setups"`          // distinct set-ups that were started
	Starts     int                `json:"starts"`          // times that a target was started, in any set-up
	Clock      Clock              `json:"clock"`           // of the target
	Ended      string             `json:"ended,omitempty"` // why, if the run ended before every case was judged
	Traits     TraitsEvidence     `json:"traits"`
	Processes  []ProcessEvidence  `json:"-"`
	Cases      []CaseEvidence     `json:"-"` // in the order of the results
	Exchanges  []ExchangeEvidence `json:"-"` // those of one process in the order in which they ended
}

// TraitsEvidence is what was found out about the endpoint while it was sent requests,
// and allowed for. No verdict depends on it: what does is stated with each exchange.
type TraitsEvidence struct {
	Refuses []string      `json:"refuses"`   // how it refuses, though an intermediary might respond so, too
	Passing []string      `json:"passing"`   // what valid requests got as well
	Own     []string      `json:"own"`       // requests to the API that it sends by itself: "POST /fn/register"
	Served  int           `json:"served"`    // responses of its own
	Slowest time.Duration `json:"slowestNs"` // of them
}

// ProcessEvidence is one running target.
type ProcessEvidence struct {
	Setup string `json:"setup"` // in words
	// Unattributed are the requests to the stand-in API that no exchange caused.
	Unattributed    []APIEvidence `json:"unattributed"`
	UnattributedCut string        `json:"unattributedCut,omitempty"` // why there may be more
}

// CaseEvidence is what was observed of one case.
type CaseEvidence struct {
	Case  string `json:"case"`
	Sends string `json:"sends"` // the fingerprint of what was sent, see [suite.Case.Fingerprint]
	// Attempts are one, or two where the case was run again.
	Attempts []AttemptEvidence `json:"attempts"`
}

// AttemptEvidence is one run of a case. Exchanges are named by their numbers.
type AttemptEvidence struct {
	NotApplicable string          `json:"notApplicable,omitempty"` // why
	Error         string          `json:"error,omitempty"`         // why it could not be run
	NotStarted    *StartEvidence  `json:"notStarted,omitempty"`
	Interrupted   bool            `json:"interrupted,omitempty"`  // the run ended meanwhile
	Function      Text            `json:"function,omitempty"`     // that calls run, if it is not the echo function
	UnsignedSync  bool            `json:"unsignedSync,omitempty"` // the sync was unsigned, because this target takes only such ones
	Before        *int            `json:"before,omitempty"`       // the control before the request
	Request       *int            `json:"request,omitempty"`      // that the case is about
	Also          []int           `json:"also,omitempty"`         // its further requests
	After         *int            `json:"after,omitempty"`        // the control after it
	SameShape     *int            `json:"sameShape,omitempty"`    // a valid request in its unusual shape
	AsCall        *int            `json:"asCall,omitempty"`       // the request as a call, if it was a probe
	ControlSetup  *int            `json:"controlSetup,omitempty"` // the control in the control set-up
	Earlier       []int           `json:"earlier,omitempty"`      // what brought the target into its state
	Company       []int           `json:"company,omitempty"`      // valid calls at the same time
	Together      []int           `json:"together,omitempty"`     // the case's requests at the same time, one of which decides
	Last          []LastEvidence  `json:"last,omitempty"`         // where it was the last request to each process
	Culprits      []string        `json:"culprits,omitempty"`     // the parts of the request that were found to be refused
	Unprepared    Text            `json:"unprepared,omitempty"`   // why the target was not in the state that the case needs
	Facets        *FacetsEvidence `json:"facets,omitempty"`
}

// StartEvidence is how a target did not start.
type StartEvidence struct {
	Reason Text `json:"reason"`
	Exited bool `json:"exited"` // of its own accord, before it responded
	Output Text `json:"output"` // its last lines
}

// LastEvidence is one of the last requests of a process.
type LastEvidence struct {
	Setup   string `json:"setup"` // in words
	Place   int    `json:"place"` // how many requests were sent to the process before
	Before  *int   `json:"before,omitempty"`
	Request *int   `json:"request"`
	After   *int   `json:"after,omitempty"`
}

// FacetsEvidence is what was found out about the deviations of a case. They are named
// by their places in the case's list.
type FacetsEvidence struct {
	LetIn    Text            `json:"letIn,omitempty"`   // which deviation decides
	Open     Text            `json:"open,omitempty"`    // why a group could not be judged
	LeftOut  []int           `json:"leftOut,omitempty"` // deviations with which the valid request is refused, too
	Sent     int             `json:"sent"`
	Attempts []FacetEvidence `json:"attempts"`
}

// FacetEvidence is one request with deviations.
type FacetEvidence struct {
	Request    *int  `json:"request"`
	Deviations []int `json:"deviations"`
}

// ExchangeEvidence is one request and what was observed of it.
type ExchangeEvidence struct {
	Exchange   int               `json:"exchange"`          // its number
	Process    *int              `json:"process,omitempty"` // that it was sent to
	Sent       time.Time         `json:"sent"`
	Took       time.Duration     `json:"tookNs"` // from signing to the end of the response
	Kind       suite.Kind        `json:"kind"`
	Nonce      Text              `json:"nonce"` // that its effects are known by
	Env        string            `json:"env,omitempty"`
	Beacon     bool              `json:"beacon"`          // runs could be observed
	ByGET      bool              `json:"byGet,omitempty"` // a signed GET in place of a call
	Timed      bool              `json:"timed,omitempty"` // it is judged by the time of its signature
	Request    RequestEvidence   `json:"request"`
	Response   *ResponseEvidence `json:"response,omitempty"`   // absent if there was none
	NoResponse Text              `json:"noResponse,omitempty"` // why
	Failure    string            `json:"failure,omitempty"`    // its kind: "closed", "unreachable", "too long" or "other"
	TimedOut   bool              `json:"timedOut,omitempty"`
	Closed     bool              `json:"closed,omitempty"`  // it was refused by closing the connection, as this target does
	Foreign    Text              `json:"foreign,omitempty"` // why the response is not the target's
	GaveUp     string            `json:"gaveUp,omitempty"`  // why the response may be an intermediary's, after many attempts
	Died       Text              `json:"died,omitempty"`    // why the target exited
	Cut        string            `json:"cut,omitempty"`     // why not everything that the target sent was looked at
	SignedBy   suite.KeyName     `json:"signedBy,omitempty"`
	Runs       int               `json:"runs"`
	Ran        []time.Time       `json:"ran,omitempty"` // when the beacon heard of them, as far as that is known
	API        []APIEvidence     `json:"api,omitempty"` // what the stand-in API received because of it
	Printed    []string          `json:"printed,omitempty"`
	HasOutput  bool              `json:"hasOutput,omitempty"` // the target's own output could be read
	Earlier    []int             `json:"earlier,omitempty"`   // attempts before it, of the same request
}

// RequestEvidence is a request as sent.
type RequestEvidence struct {
	Method     Text      `json:"method"`
	Target     Text      `json:"target"`
	Version    Text      `json:"version,omitempty"` // empty: HTTP/1.1
	Connection string    `json:"connection,omitempty"`
	Header     [][2]Text `json:"header"` // in their order
	Body       Text      `json:"body"`
	BodyCut    int       `json:"bodyCut,omitempty"` // how many bytes more it had
}

// ResponseEvidence is a response as received, without the codings of its body.
type ResponseEvidence struct {
	Status int       `json:"status"`
	Reason Text      `json:"reason,omitempty"`
	Header [][2]Text `json:"header"` // in the order of the names
	Body   Text      `json:"body"`
	Cut    string    `json:"cut,omitempty"` // why not all of it was read
}

// APIEvidence is a request that the stand-in API received.
type APIEvidence struct {
	Method    Text      `json:"method"`
	Path      Text      `json:"path"`
	Query     Text      `json:"query,omitempty"`
	Bearer    Text      `json:"bearer,omitempty"` // what follows "Bearer "
	Header    [][2]Text `json:"header"`
	Body      Text      `json:"body,omitempty"`
	Status    int       `json:"answered"`            // the status of the response
	Elsewhere bool      `json:"elsewhere,omitempty"` // to an origin other than the API's
}
