package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Target is one running serve endpoint in one set-up.
type Target interface {
	// Send makes one request. It returns an error if there is no complete response.
	Send(ctx context.Context, r suite.Request) (suite.Response, error)
	// Path is the path of the endpoint: "/api/inngest".
	Path() string
	// Host is the value of the Host field: "127.0.0.1:4711".
	Host() string
	// Now is the time of the clock that signs requests.
	Now() time.Time
	// Runs is the number of runs with this nonce that the beacon received.
	Runs(nonce string) int
	// StandIn is the stand-in API of this target, or nil if the target's API address
	// cannot be set.
	StandIn() *StandIn
	// Settle waits until no late effect can arrive any more.
	Settle(ctx context.Context)
	// Died returns why the target exited, or "" while it is running.
	Died() string
	// Stop stops the target and releases its resources.
	Stop()
}

// Caller is a target whose calls show acceptance by their response: Function is the
// id of the function that they run.
type Caller interface{ Function() string }

// Paced is a target that limits how fast requests are sent to it: Wait returns when
// the next one may be, or when ctx has ended.
type Paced interface{ Wait(ctx context.Context) }

// Printer is a target whose own output is read. Printed are the secrets in it so far,
// as tokens: see [Secrets].
type Printer interface{ Printed() []string }

// Lab starts targets.
type Lab interface {
	// Keys are the keys that the lab's targets are configured with.
	Keys() suite.Keyring
	// Start starts a target in a set-up, within a time limit of its own. The error is
	// a [*StartError] if the target itself did not start.
	Start(ctx context.Context, s suite.Setup) (Target, error)
	// Lacks returns why a case cannot be judged here, or "" if it can.
	Lacks(c suite.Case) string
	// Visibility is how much can be observed of the targets.
	Visibility() suite.Visibility
}

// The errors of [Target.Send] and [Lab.Start] about who responds.
var (
	// ErrForeign: the response is not the target's.
	ErrForeign = errors.New("another process responded")
	// ErrWrongTarget: the target is not the one that was to be judged. It ends a run.
	ErrWrongTarget = errors.New("the wrong target")
)

// StartError reports that a target did not start.
type StartError struct {
	Reason string
	Exited bool   // of its own accord, before it responded
	Output string // its last lines of output, with secrets replaced
}

func (e *StartError) Error() string { return "starting the target: " + e.Reason }

// The kinds of errors of [Target.Send] that may not be the endpoint's doing.
var (
	// ErrClosed: the connection ended before the response was complete.
	ErrClosed = errors.New("the connection ended before the response was complete")
	// ErrUnreachable: there was no connection.
	ErrUnreachable = errors.New("could not connect")
	// ErrTooLong: the head of the response is longer than what is read of one.
	ErrTooLong = fmt.Errorf("the head of the response is longer than %d KiB, or has more than %d fields", limits.Head>>10, limits.Fields)
)

// ColdStarter is a lab that can start a target to which nothing at all was sent.
type ColdStarter interface {
	StartCold(ctx context.Context, s suite.Setup) (Target, error)
}

// Resting is a target whose clock need not be waited for: Rest lets it go on.
type Resting interface{ Rest(d time.Duration) }
