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
	EventsPath     = "/e/"               // SPEC 5: its key stands in the path, so it needs no bearer
)

// Specified reports whether the specification says with which bearer a request
// to the API is sent: a sync, a read of a run's payload, a checkpoint, a connect
// start.
func (a APIRequest) Specified() bool {
	for _, prefix := range []string{RegisterPath, RunsPath, CheckpointPath, ConnectPath} {
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

// HoldsNoKey reports whether neither a signing key nor the canary stands in a
// request.
func (a APIRequest) HoldsNoKey() bool { return !holdsSecret(a.text()) }

// HoldsNoHash: neither a key nor the hash that signs in with it.
func (a APIRequest) HoldsNoHash() bool {
	text := a.text()
	return !holdsSecret(text) && !strings.Contains(text, HashToken(Primary)) && !strings.Contains(text, HashToken(Fallback))
}

// text is all that a request to the API says.
func (a APIRequest) text() string {
	all := []string{a.Path, a.Query, a.Body}
	for name, values := range a.Header {
		all = append(append(all, name), values...)
	}
	return strings.Join(all, "\n")
}
