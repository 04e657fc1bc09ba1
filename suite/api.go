package suite

import "strings"

// The paths of Inngest's API that the specification speaks of.
const (
	registerPath   = "/fn/register"      // SPEC 4.3.2
	runsPath       = "/v0/runs/"         // SPEC 4.4.2
	checkpointPath = "/v1/checkpoint"    // SPEC 10.3
	connectPath    = "/v0/connect/start" // SPEC 8.5
	eventsPath     = "/e/"               // SPEC 5: its key stands in the path, so it needs no bearer
)

// Specified reports whether the specification says with which bearer a request
// to the API is sent: a sync, a read of a run's payload, a checkpoint, a connect
// start.
func (a APIRequest) Specified() bool {
	for _, prefix := range []string{registerPath, runsPath, checkpointPath, connectPath} {
		if strings.HasPrefix(a.Path, prefix) {
			return true
		}
	}
	return false
}

// Registers reports whether a request registers functions.
func (a APIRequest) Registers() bool { return a.Path == registerPath }

// Reads reports whether a request reads a run's payload.
func (a APIRequest) Reads() bool { return strings.HasPrefix(a.Path, runsPath) }

// SendsEvents reports whether a request sends events.
func (a APIRequest) SendsEvents() bool { return strings.HasPrefix(a.Path, eventsPath) }
