package reference

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"
)

// Endpoint is a serve endpoint (SPEC 4): the one URL at which an SDK answers
// Inngest. It is a struct of function fields, each with a correct default from
// [NewEndpoint]; a broken endpoint is this one with one field replaced.
type Endpoint struct {
	AppID     string
	Functions map[string]Function // by function id, without the app's
	Getenv    func(string) string // the process's environment, read on every request
	Now       func() time.Time

	// Configuration.
	ParseKey    func(text string) (Key, error)
	ResolveMode func(r *http.Request, getenv func(string) string) Mode

	// Verification. Verify makes the checks below it, in their order.
	ReadBody     func(r *http.Request) ([]byte, error)
	Demands      func(r *http.Request, body []byte, mode Mode) Demand
	Verify       func(c *Context) (Which, error)
	ParseHeaders func(values []string) (Signature, string, error)
	UsableKeys   func(Keys) (Keys, error)
	CheckWindow  func(at, now time.Time) error
	Message      func(method string, body []byte) ([]byte, error)
	Match        func(key Key, message []byte, t string, mac [32]byte) bool
	Choose       func(keys Keys, matches func(Key) bool) Which

	// Answers.
	Refuse       func(c *Context, why error) Answer
	Run          func(c *Context) Answer // POST
	Probe        func(c *Context) Answer // POST ?probe=trust
	Introspect   func(c *Context) Answer // GET
	SyncOut      func(c *Context) Answer // PUT, out-of-band
	SyncIn       func(c *Context) Answer // PUT, in-band
	Other        func(c *Context) Answer // any other method
	SignAnswer   func(key Key, body []byte, at time.Time) (Signature, error)
	FinishAnswer func(c *Context, a *Answer)

	// Outbound.
	ServeURL  func(c *Context) string // the URL that a sync registers
	APIOrigin func(c *Context) string // where the API is
	Client    func(c *Context) *Client
	Do        func(r *http.Request) (*http.Response, error) // one exchange with the API
}

// Demand is how much of a signature a request needs.
type Demand int

// The demands.
const (
	// Required: without a valid signature the request is refused.
	Required Demand = iota
	// IfPresent: a signature that is there must be valid.
	IfPresent
	// Noted: the request is answered either way, and the answer depends on it.
	Noted
	// Ignored: signatures are not looked at.
	Ignored
)

// Context is one request while it is answered.
type Context struct {
	*Endpoint
	Request *http.Request
	Body    []byte
	Keys    Keys
	Mode    Mode
	Signed  bool  // a signature header came with the request
	Which   Which // the key that verified the request
	Why     error // why verification failed; nil if it held or was not tried
}

// Answer is what goes back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// NewEndpoint is a correct endpoint for an app and its functions, configured by
// getenv alone.
func NewEndpoint(appID string, functions map[string]Function, getenv func(string) string) *Endpoint {
	return &Endpoint{
		AppID: appID, Functions: functions, Getenv: getenv, Now: time.Now,
		ParseKey:     ParseKey,
		ResolveMode:  func(_ *http.Request, getenv func(string) string) Mode { return ResolveMode(getenv) },
		ReadBody:     ReadBody,
		Demands:      func(r *http.Request, _ []byte, mode Mode) Demand { return Demands(r, mode) },
		Verify:       (*Context).Check,
		ParseHeaders: ParseHeaders, UsableKeys: UsableKeys, CheckWindow: CheckWindow,
		Message: Message, Match: Match, Choose: Choose,
		Refuse: Refuse, Run: Run, Probe: Probe, Introspect: Introspect,
		SyncOut: SyncOut, SyncIn: SyncIn, Other: MethodNotAllowed,
		SignAnswer: SignAnswer, FinishAnswer: FinishAnswer,
		ServeURL:  ServeURL,
		APIOrigin: func(c *Context) string { return c.Mode.API },
		Client:    ClientOf,
		Do:        NewClient(Keys{}, "").Do,
	}
}

// ClientOf is a client with the keys and the environment of an endpoint.
func ClientOf(c *Context) *Client {
	client := NewClient(c.Keys, c.Getenv(EnvEnvironment))
	client.Do = c.Do
	return client
}

// ServeHTTP answers one request.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := e.Context(r)
	answer := c.answer()
	e.FinishAnswer(c, &answer)
	maps.Copy(w.Header(), answer.Header)
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the caller may be gone; there is no one to tell
}

// Context is a request with what the environment says now: its keys and its mode.
func (e *Endpoint) Context(r *http.Request) *Context {
	c := &Context{Endpoint: e, Request: r, Mode: e.ResolveMode(r, e.Getenv)}
	c.Keys.Primary, _ = e.ParseKey(e.Getenv(EnvSigningKey)) // an unusable key is no key
	c.Keys.Fallback, _ = e.ParseKey(e.Getenv(EnvFallback))
	return c
}

func (c *Context) answer() Answer {
	body, err := c.ReadBody(c.Request)
	if err != nil {
		return c.Refuse(c, err)
	}
	c.Body = body
	demand := c.Demands(c.Request, body, c.Mode)
	if c.authenticate(demand); c.Why != nil && (demand == Required || demand == IfPresent && c.Signed) {
		return c.Refuse(c, c.Why)
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

func (c *Context) authenticate(demand Demand) {
	c.Signed = len(c.Request.Header.Values(HeaderSignature)) > 0
	if demand == Ignored || demand == IfPresent && (!c.Signed || c.Mode.Dev && c.Keys == Keys{}) {
		return
	}
	c.Which, c.Why = c.Endpoint.Verify(c)
}

// Check makes the checks of [Verify] with the endpoint's own parts.
func (c *Context) Check() (Which, error) {
	checks := verifier{c.ParseHeaders, c.UsableKeys, c.CheckWindow, c.Message, c.Match, c.Choose}
	return checks.verify(c.Request.Method, c.Request.Header.Values(HeaderSignature), c.Body, c.Keys, c.Now())
}

// Demands says what a request needs. Cloud mode: a call, a probe and an in-band
// sync need a signature; introspection is answered either way; anyone may
// trigger an out-of-band sync (SPEC 4.3.1), but not with a wrong signature. Dev
// mode: a signature is looked at only if it is there and a key is set (SPEC 7).
func Demands(r *http.Request, mode Mode) Demand {
	switch {
	case r.Method == http.MethodGet:
		return Noted
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

// ErrTooLarge says that a body is longer than [MaxBody].
var ErrTooLarge = errors.New("the body is too large")

// ReadBody reads a whole body of at most [MaxBody] bytes; more is [ErrTooLarge].
func ReadBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	if len(body) > MaxBody {
		return nil, ErrTooLarge
	}
	return body, nil
}
