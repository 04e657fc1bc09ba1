package rotate

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// drillOptions are the options of a drill. The zero value can be used.
type drillOptions struct {
	Seed  uint64                           // nonces are derived from it
	Per   int                              // minimum number of requests per stage; 0: 72
	Gap   time.Duration                    // between two requests; 0: 10 ms
	Watch func(format string, args ...any) // is called when something begins; may be nil
}

// drill is the state of one call of runDrill.
type drill struct {
	lab     engine.Lab
	options drillOptions
	began   time.Time
	host    string // the service's address in every request, whichever process serves it

	ended     time.Duration // of the traffic
	handovers []Handover

	usingAPI sync.RWMutex // see [drill.changeServerKey]
	syncing  sync.Mutex   // one sync at a time: a registration may not name the sync that caused it

	mu        sync.Mutex
	random    *rand.Rand
	stage     int
	begins    [len(stages)]time.Duration
	processes []*process
	exchanges []*exchange
	left      int           // requests that the stage still needs
	sent      int           // requests of the stage
	enough    chan struct{} // closed when the stage needs no more
}

func (d *drill) since() time.Duration { return time.Since(d.began) }

// stageError says at which stage the target's process did not start.
type stageError struct {
	Stage int
	Name  string
	Err   error
}

func (e *stageError) Error() string {
	return fmt.Sprintf("stage %d, %s: %v", e.Stage, e.Name, e.Err)
}

// Unwrap gives the cause.
func (e *stageError) Unwrap() error { return e.Err }

// Output is the last lines of the process, if there are any.
func (e *stageError) Output() string {
	var notStarted *engine.StartError
	if errors.As(e.Err, &notStarted) {
		return notStarted.Output
	}
	return ""
}
