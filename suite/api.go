package suite

import (
	"net/http"
	"strings"
)

// The paths of Inngest's API.
const (
	RegisterPath   = "/fn/register"      // SPEC 4.3.2
	RunsPath       = "/v0/runs/"         // SPEC 4.4.2
	CheckpointPath = "/v1/checkpoint"    // SPEC 10.3
	ConnectPath    = "/v0/connect/start" // SPEC 8.5
	// HTTPRunsPath receives the runs of durable endpoints, ConnectFlushPath the
	// buffered messages of connect workers.
	HTTPRunsPath     = "/v1/http/runs"
	ConnectFlushPath = "/v0/connect/flush"
	// GatewayPath is where the stand-in's gateway is.
	GatewayPath = "/v0/connect"
	EventsPath  = "/e/" // SPEC 5: the event key is part of the path, so no bearer token is needed
)

// What the stand-in API gives a worker to introduce itself to the gateway. Neither is
// derived from a key.
const (
	SessionToken = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJjb3VudGVyc2lnbiJ9.c2Vzc2lvbi10b2tlbg"
	SyncToken    = "countersign/sync+token=="
	ConnectionID = "01CNTRS1GNC0NNECT000000000"
)

// The messages of a worker to the gateway (SPEC 8.4), as methods of an [APIRequest].
const (
	WorkerConnect = "WORKER_CONNECT"
	WorkerMessage = "WORKER_MESSAGE" // any other
)

// APIAppID is the id that the stand-in API returns for an app. The server makes
// it up, so it reveals nothing about the app.
const APIAppID = "5d6c7f9e-2f0b-5a53-9a0c-3b8d1f6e4a72"

// Specified reports whether the specification defines the bearer token of this
// request: a sync, a read of a run's payload, a checkpoint or the start of a
// connection.
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

// ReadsEvents reports whether a request reads the events of a run.
func (a APIRequest) ReadsEvents() bool { return a.Reads() && strings.HasSuffix(a.Path, "/batch") }

// ReadsSteps reports whether a request reads the steps of a run.
func (a APIRequest) ReadsSteps() bool { return a.Reads() && strings.HasSuffix(a.Path, "/actions") }

// Checkpoints reports whether a request is a checkpoint.
func (a APIRequest) Checkpoints() bool { return strings.HasPrefix(a.Path, CheckpointPath) }

// Starts reports whether a request is the start of a connection to a gateway.
func (a APIRequest) Starts() bool { return a.Path == ConnectPath }

// ToGateway reports whether it is a request or a message to the gateway.
func (a APIRequest) ToGateway() bool { return a.Path == GatewayPath }

// SendsEvents reports whether a request sends events.
func (a APIRequest) SendsEvents() bool { return strings.HasPrefix(a.Path, EventsPath) }

// APIRequest is a request that the stand-in API received, with secrets replaced
// by tokens.
type APIRequest struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  string      `json:"query,omitempty"`
	Bearer string      `json:"bearer,omitempty"` // what follows "Bearer "
	Header http.Header `json:"header"`
	Body   string      `json:"body,omitempty"`
	Status int         `json:"answered"` // the status of the response
	// Elsewhere marks a request to an origin other than the API's.
	Elsewhere bool `json:"elsewhere,omitempty"`
}
