package live

import (
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Kind is an honest request to start from.
type Kind string

// The kinds.
const (
	Call       Kind = "call"
	RichCall   Kind = "rich call" // with every kind of character and number
	Probe      Kind = "probe"
	Introspect Kind = "introspection"
	Sync       Kind = "sync"
	InBandSync Kind = "in-band sync"
	Fetched    Kind = "call with use_api" // its payload is fetched from the API
	Stepping   Kind = "call with a step"  // it makes one checkpoint
	Sending    Kind = "call that sends"   // it sends one event
)

// Exchange is a request that can be made again at any time and with any keys:
// an honest one, and the steps that lead away from it.
type Exchange struct {
	Kind     Kind   `json:"kind"`
	Rotating bool   `json:"rotating,omitempty"` // the target holds a fallback key, too
	Steps    []Step `json:"steps"`
}

// Step is one operator with its parameters. Equal steps do equal things.
type Step struct {
	Op   string `json:"op"`
	Form string `json:"form,omitempty"` // which of the operator's forms
	N    int64  `json:"n,omitempty"`    // seconds, a position or a size, as the operator has it
	// Signed: the sender holds the key and signs what the step made. Otherwise
	// the signature stays the one that there was before.
	Signed bool `json:"signed,omitempty"`
}

// Setup is the world of the target that the exchange goes to.
func (e Exchange) Setup() suite.Setup {
	if e.Rotating {
		return suite.Setup{Fallback: suite.Present}
	}
	return suite.Setup{}
}

// Honest is the request without any deviation.
func (e Exchange) Honest() Exchange { return Exchange{Kind: e.Kind, Rotating: e.Rotating} }

// World is all that a request takes from outside.
type World struct {
	Keys       suite.Keyring
	Now        time.Time
	Nonce      string
	Path, Host string
	Elsewhere  string // the host of another origin than the API's
	Sight      suite.Visibility
	Rotating   bool
	Once       bool // the target takes each signature once only
	// Captured is a signed answer that the target gave; empty where there is none.
	Captured Answered
}

// Status is a signed answer.
type Answered struct {
	Signature string
	Body      []byte
}

// alike are the kinds of which one request is, within a second, the same as the next.
var alike = map[Kind]bool{Probe: true, Introspect: true, Sync: true, InBandSync: true}

// Sent is a request with what the oracle must know about it.
type Sent struct {
	suite.Request
	Entity    []byte // the body, before it was cut into chunks
	Signature string // the MAC, to be replaced by a token in everything that is kept
	// Honest: every step left the request's meaning as it was.
	Honest bool
	// Lying: the framing contradicts itself, so no answer is owed.
	Lying bool
}

// Make makes the request. Equal exchanges in equal worlds give equal requests.
func (e Exchange) Make(w World) Sent {
	w.Rotating = e.Rotating
	d := newDraft(e.Kind, w)
	for _, step := range e.Steps {
		operators[step.Op].apply(d, step)
	}
	return d.finish()
}

// stimuli are the honest requests as the suite makes them.
var stimuli = map[Kind]suite.Stimulus{
	Call: suite.Call{}, RichCall: suite.Call{Body: suite.Rich}, Probe: suite.Probe{}, Introspect: suite.Introspect{}, Sync: suite.Sync{}, InBandSync: suite.InBandSync{},
	Fetched: suite.Call{UseAPI: true}, Stepping: suite.Call{Function: "countersign-step"},
	Sending: suite.Call{Function: "countersign-send"},
}

// hasBody: with these methods the body is what the MAC covers.
func hasBody(method string) bool { return method == http.MethodPost || method == http.MethodPut }
