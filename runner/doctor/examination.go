package doctor

import (
	"math/rand/v2"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/suite/engine"
)

// examination is the state of one check.
type examination struct {
	lab      *launch.Lab
	random   *rand.Rand
	say      func(format string, args ...any)
	installs bool // the target has a set-up

	startErr error
	session  *engine.Session
	process  launch.Process
	seen     evidence
}

// stop ends the process, if there is one.
func (e *examination) stop() {
	if e.session != nil {
		e.session.Stop()
	}
}
