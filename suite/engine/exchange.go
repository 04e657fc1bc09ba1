package engine

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Message is one request to send, with what the session must know about it.
type Message struct {
	suite.Made
	Kind   suite.Kind    // decides how acceptance shows
	Nonce  string        // identifies the request's effects
	Signer suite.KeyName // the key that made its MAC; the zero value is Primary
	// ByGET marks a signed GET that is sent in place of a call.
	ByGET bool
	Timed bool // it is judged by the time of its signature
	scene suite.Scene
	Limit time.Duration // the zero value is limits.Exchange
	amid  bool          // others are in flight at the same time, now or later
}

// Exchange is one request and what was observed of it. Secrets in the observation
// are replaced by tokens. Effects that are observed after [Session.Send] returned
// are added by [Session.Settle], [Session.Forget] and [Session.Close]; nothing else
// changes an exchange.
type Exchange struct {
	suite.Observation
	TimedOut bool               // the time limit ended it
	Foreign  string             // why the response is not the target's; then there is none
	Earlier  []*Exchange        // attempts whose response may have been an intermediary's
	GaveUp   string             // why the response may be an intermediary's, after many attempts
	Heard    []suite.APIRequest // all requests to the stand-in API meanwhile, whichever request caused them

	began      time.Time
	request    suite.Request
	sentCut    int // how many bytes more the request's body had, where only its beginning is known
	response   suite.Response
	redact     redactor
	failure    error              // why there is no response
	timed      bool               // it is judged by the time of its signature
	late       []suite.APIRequest // received after it ended, and not added yet
	runsBefore int                // runs of its nonce before it was sent
	runsUntil  int                // runs of its nonce before the nonce was sent again, if reused
	reused     bool
	repeats    *Exchange          // the one before it with its nonce
	named      []shape            // the requests to the API that name it
	guessed    []suite.APIRequest // that name none
	nameless   int                // runs without a nonce meanwhile
	namelessAt int                // runs without a nonce before it was sent
	shared     bool               // another request was in flight at the same time
	room       int                // bytes that it takes of what the run keeps
	lateCut    string             // why not all late requests are known
}

// Sent is the request, with secrets replaced by tokens.
func (x *Exchange) Sent() suite.Request { return x.redact.request(x.request) }

// SentCut is how many bytes more the body of the request had than [Exchange.Sent] has.
func (x *Exchange) SentCut() int { return x.sentCut }

// Received is a signed response as received, secrets included. It is needed to reuse
// its signature and must not be printed. Of a response without one only the header is
// kept.
func (x *Exchange) Received() suite.Response { return x.response }

// shape is what requests to the API have in common that are sent for one reason.
type shape struct{ method, path string }

func shapeOf(r suite.APIRequest) shape { return shape{r.Method, r.Path} }

func startsWorker(x *Exchange) bool { return x.Kind == suite.KindConnect }

// accepted reports whether there is an exchange, and its request was accepted.
func (x *Exchange) accepted() bool { return x != nil && x.Accepted() }
