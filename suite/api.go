package suite

import (
	"net/http"
	"strings"
)

// The paths of Inngest's API that the specification speaks of.
const (
	RegisterPath   = "/fn/register"      // SPEC 4.3.2
	RunsPath       = "/v0/runs/"         // SPEC 4.4.2
	CheckpointPath = "/v1/checkpoint"    // SPEC 10.3
	ConnectPath    = "/v0/connect/start" // SPEC 8.5
	// Durable endpoints report their runs here, and connect flushes here.
	HTTPRunsPath     = "/v1/http/runs"
	ConnectFlushPath = "/v0/connect/flush"
	EventsPath       = "/e/" // SPEC 5: its key stands in the path, so it needs no bearer
)

// APIAppID is the id that the stand-in API gives an app: it is the server's own,
// and says nothing about the app.
const APIAppID = "5d6c7f9e-2f0b-5a53-9a0c-3b8d1f6e4a72"

// Specified reports whether the specification says with which bearer a request
// to the API is sent: a sync, a read of a run's payload, a checkpoint, a connect
// start.
func (a APIRequest) Specified() bool {
	for _, prefix := range []string{RegisterPath, RunsPath, CheckpointPath, ConnectPath, HTTPRunsPath, ConnectFlushPath} {
		if strings.HasPrefix(a.Path, prefix) {
			return true
		}
	}
	return false
}

// Registers reports whether a request registers functions.
func (a APIRequest) Registers() bool { return a.Path == RegisterPath }

// Reads reports whether a request reads a run's payload.
func (a APIRequest) Reads() bool { return strings.HasPrefix(a.Path, RunsPath) }

// SendsEvents reports whether a request sends events.
func (a APIRequest) SendsEvents() bool { return strings.HasPrefix(a.Path, EventsPath) }

// APIRequest is one request that the stand-in API heard, secrets replaced by tokens.
type APIRequest struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  string      `json:"query,omitempty"`
	Bearer string      `json:"bearer,omitempty"` // what follows "Bearer "
	Header http.Header `json:"header"`
	Body   string      `json:"body,omitempty"`
	Status int         `json:"answered"` // the status that it got
	// Elsewhere marks a request that went to another origin than the API's.
	Elsewhere bool `json:"elsewhere,omitempty"`
}

// Secrets lists the tokens of the secrets that a request may not carry: of the
// signing keys and the canary.
func (a APIRequest) Secrets() []string {
	return tokensIn(a.text(), SecretToken(Primary), SecretToken(Fallback), CanaryToken)
}

// HoldsNoKey reports whether no signing key stands in a request.
func (a APIRequest) HoldsNoKey() bool {
	return len(tokensIn(a.text(), SecretToken(Primary), SecretToken(Fallback))) == 0
}

// HoldsNoCanary reports whether the canary, another secret of the environment,
// does not stand in a request.
func (a APIRequest) HoldsNoCanary() bool { return len(tokensIn(a.text(), CanaryToken)) == 0 }

// HasHashedKey reports whether the bearer of a request is the hash of a key.
func (a APIRequest) HasHashedKey() bool { return a.by(Primary) || a.by(Fallback) }

// HoldsNoHash: neither a key nor the hash that signs in with it.
func (a APIRequest) HoldsNoHash() bool {
	return a.HoldsNoKey() && len(tokensIn(a.text(), HashToken(Primary), HashToken(Fallback))) == 0
}

// text is all that a request to the API says.
func (a APIRequest) text() string {
	all := []string{a.Path, a.Query, a.Body}
	for name, values := range a.Header {
		all = append(append(all, name), values...)
	}
	return strings.Join(all, "\n")
}
