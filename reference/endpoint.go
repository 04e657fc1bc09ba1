package reference

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"
)

// Endpoint is a serve endpoint (SPEC 4): the URL at which an SDK receives
// Inngest's requests. Its function fields have correct defaults from
// [NewEndpoint]; replacing one of them makes a broken endpoint to test against.
type Endpoint struct {
	AppID     string
	Functions map[string]Function // by function id, without the app's
	Getenv    func(string) string // the environment, read on every request
	Now       func() time.Time
	Log       func(line string) // the endpoint's own output; nothing is written by default

	// Configuration.
	ParseKey    func(text string) (Key, error)
	ResolveMode func(r *http.Request, getenv func(string) string) Mode

	// Verification. Verify takes the steps of Verifier in their order.
	ReadBody func(r *http.Request) ([]byte, error)
	Policy   func(r *http.Request, body []byte, mode Mode) VerificationPolicy
	Verify   func(c *Context) (MatchedKey, error)
	Verifier
	CheckShape func(r *http.Request, body []byte) error

	// Responses.
	Refuse         func(c *Context, reason error) Response
	Run            func(c *Context) Response // POST
	Probe          func(c *Context) Response // POST ?probe=trust
	Introspect     func(c *Context) Response // GET
	SyncOut        func(c *Context) Response // PUT, out-of-band
	SyncIn         func(c *Context) Response // PUT, in-band
	Other          func(c *Context) Response // any other method
	SignResponse   func(key Key, body []byte, at time.Time) (Signature, error)
	FinishResponse func(c *Context, r *Response)

	// Requests to the API.
	ServeURL  func(c *Context) string // the URL that a sync registers
	APIOrigin func(c *Context) string
	Client    func(c *Context) *Client
	Do        func(r *http.Request) (*http.Response, error) // sends one request to the API

	// Connections to a gateway. Dial opens a WebSocket; the default opens none.
	Connect func(ctx context.Context, c *Context) (Gateway, error)
	Dial    func(ctx context.Context, url string, header http.Header) (Gateway, error)
	Greet   func(c *Context, s Started) []byte
}

// VerificationPolicy says whether a request needs a valid signature.
type VerificationPolicy int

// The policies.
const (
	// Required refuses a request without a valid signature.
	Required VerificationPolicy = iota
	// IfPresent refuses a request with an invalid signature.
	IfPresent
	// Advisory refuses nothing; the response depends on the result.
	Advisory
	// Ignored skips verification.
	Ignored
)

// Context is a request that is being handled.
type Context struct {
	*Endpoint
	Request    *http.Request
	Body       []byte
	Keys       Keys
	Mode       Mode
	Signed     bool       // the request has a signature header
	MatchedKey MatchedKey // the key that the request was signed with
	Err        error      // why verification failed; nil if it succeeded or was skipped
}

// Response is the response to a request.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// NewEndpoint returns a correct endpoint for an app and its functions. Its whole
// configuration comes from getenv.
func NewEndpoint(appID string, functions map[string]Function, getenv func(string) string) *Endpoint {
	return &Endpoint{
		AppID: appID, Functions: functions, Getenv: getenv, Now: time.Now,
		Log:         func(string) {},
		ParseKey:    ParseKey,
		ResolveMode: func(_ *http.Request, getenv func(string) string) Mode { return ResolveMode(getenv) },
		ReadBody:    readBody,
		Policy:      func(r *http.Request, _ []byte, mode Mode) VerificationPolicy { return PolicyFor(r, mode) },
		Verify:      (*Context).Check,
		Verifier:    standard,
		CheckShape:  CheckShape,
		Refuse:      Refuse, Run: run, Probe: probe, Introspect: Introspect,
		SyncOut: syncOut, SyncIn: syncIn, Other: methodNotAllowed,
		SignResponse: Sign, FinishResponse: finishResponse,
		ServeURL:  serveURL,
		APIOrigin: func(c *Context) string { return c.Mode.API },
		Client:    ClientOf,
		Do:        NewClient(Keys{}, "").Do,
		Connect:   connect, Dial: noWebSocket, Greet: Greet,
	}
}

// ClientOf returns a client with the keys and the environment of an endpoint.
func ClientOf(c *Context) *Client {
	client := NewClient(c.Keys, Environment(c.Getenv))
	client.Do = c.Do
	return client
}

// ServeHTTP handles one request.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := e.Context(r)
	response := c.respond()
	e.FinishResponse(c, &response)
	maps.Copy(w.Header(), response.Header)
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body) // fails only where the client has disconnected
}

// Context returns the context of a request, with the keys and the mode that the
// environment currently selects.
func (e *Endpoint) Context(r *http.Request) *Context {
	c := &Context{Endpoint: e, Request: r, Mode: e.ResolveMode(r, e.Getenv)}
	c.Keys.Primary, _ = e.ParseKey(e.Getenv(EnvSigningKey)) // an unusable key counts as no key
	c.Keys.Fallback, _ = e.ParseKey(e.Getenv(EnvFallback))
	return c
}

func (c *Context) respond() Response {
	body, err := c.ReadBody(c.Request)
	if err != nil {
		return c.Refuse(c, err)
	}
	c.Body = body
	policy := c.Policy(c.Request, body, c.Mode)
	if c.authenticate(policy); c.Err != nil && (policy == Required || policy == IfPresent && c.Signed) {
		return c.Refuse(c, c.Err)
	}
	switch {
	case c.Request.Method == http.MethodPost && c.Request.URL.Query().Get("probe") == "trust":
		return c.Probe(c)
	case c.Request.Method == http.MethodPost:
		return c.Run(c)
	case c.Request.Method == http.MethodGet:
		return c.Introspect(c)
	case isInBand(c.Request):
		return c.SyncIn(c)
	case c.Request.Method == http.MethodPut:
		return c.SyncOut(c)
	}
	return c.Other(c)
}

func (c *Context) authenticate(policy VerificationPolicy) {
	c.Signed = len(c.Request.Header.Values(HeaderSignature)) > 0
	if policy == Ignored || policy == IfPresent && (!c.Signed || c.Mode.Dev && c.Keys == Keys{}) {
		return
	}
	c.MatchedKey, c.Err = c.Endpoint.Verify(c)
}

// Check verifies the request with the steps of the endpoint's [Verifier], and
// then checks its shape.
func (c *Context) Check() (MatchedKey, error) {
	matched, err := c.verify(c.Request.Header.Values(HeaderSignature), c.Body, c.Keys, c.Now())
	if err != nil {
		return NoKey, err
	}
	if err := c.CheckShape(c.Request, c.Body); err != nil {
		return NoKey, err
	}
	return matched, nil
}

// ErrShape is the reason for refusing a request of a shape that Inngest never
// signs for a serve endpoint, although its signature is valid.
var ErrShape = errors.New("requests of this shape are never signed")

// CheckShape returns [ErrShape] for a call, a probe or a sync without a body, and
// for an introspection with one. As the MAC does not cover the method, a captured
// signature of one kind of request is also valid for another; the shape keeps the
// signature of an introspection from making an empty call, and that of a call
// from authenticating an introspection.
func CheckShape(r *http.Request, body []byte) error {
	if hasBody := len(body) > 0; hasBody == (r.Method == http.MethodGet) {
		return fmt.Errorf("%s with a body of %d bytes: %w", r.Method, len(body), ErrShape)
	}
	return nil
}

// PolicyFor returns the policy of a request. Cloud mode: a call, a probe and an
// in-band sync need a signature; introspection responds either way; anyone may
// trigger an out-of-band sync (SPEC 4.3.1), but not with an invalid signature.
// Dev mode: a signature is verified only if there is one and a key is set (SPEC 7).
func PolicyFor(r *http.Request, mode Mode) VerificationPolicy {
	switch {
	case r.Method == http.MethodGet:
		return Advisory
	case r.Method != http.MethodPost && r.Method != http.MethodPut:
		return Ignored
	case mode.Dev:
		return IfPresent
	case r.Method == http.MethodPut && !isInBand(r):
		return IfPresent
	}
	return Required
}

func isInBand(r *http.Request) bool {
	return r.Method == http.MethodPut && r.Header.Get(HeaderSyncKind) == inBand
}

// errTooLarge is the reason for refusing a body longer than [MaxBody].
var errTooLarge = errors.New("the body is too large")

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	if len(body) > MaxBody {
		return nil, errTooLarge
	}
	return body, nil
}
