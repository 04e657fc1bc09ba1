package engine

import (
	"context"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Target is one running serve endpoint in one set-up.
type Target interface {
	// Send makes one request. An error says why there is no whole answer.
	Send(ctx context.Context, r suite.Request) (suite.Response, error)
	// Path is where the endpoint is served: "/api/inngest".
	Path() string
	// Host is what belongs into the Host field: "127.0.0.1:4711".
	Host() string
	// Now is the clock by which stimuli are signed.
	Now() time.Time
	// Runs is how often the beacon has heard a nonce.
	Runs(nonce string) int
	// StandIn is the API that this target talks to; nil where it cannot be moved.
	StandIn() *StandIn
	// Settle waits until nothing late can still arrive at the beacon.
	Settle(ctx context.Context)
	// Died says why the target exited; empty while it runs.
	Died() string
	// Stop ends the target and gives back everything that it held.
	Stop()
}

// Lab brings targets up.
type Lab interface {
	// Keys are the keys that the lab's targets are configured with.
	Keys() suite.Keyring
	// Start brings a target up in a set-up, within a limit of its own. It gives a
	// [*StartError] where the target itself would not start.
	Start(ctx context.Context, s suite.Setup) (Target, error)
	// Lacks says why a case cannot be judged here; empty where it can.
	Lacks(c suite.Case) string
	// Sees says how much of a target can be seen here.
	Visibility() suite.Visibility
}

// StartError says that a target did not start, with its last lines.
type StartError struct {
	Reason string
	Output string // the last lines that it wrote, secrets replaced
}

func (e *StartError) Error() string { return "starting the target: " + e.Reason }
