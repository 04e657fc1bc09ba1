package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Options are the options of [Judge].
type Options struct {
	Jobs int // targets that are busy at once; at least 1. Those that only wait run besides
	// OneTarget: no target runs besides, because all have the same environment.
	OneTarget bool
	Seed      uint64         // nonces are derived from it
	Watch     func(Progress) // called after every case; may be nil
	// Profile scores the cases that are run only because others rest on them.
	Profile suite.Profile
	// Keep keeps every exchange of the run for [Judgement.Evidence].
	Keep bool
	// Meanwhile is called at most once, if a valid request was seen to run: beside the
	// last cases, or beside what is run once more if one of them is destructive. With one
	// job nothing runs beside it. It may be nil.
	Meanwhile func(context.Context)
	// VerdictsOnly leaves Observed and Behaviour out of the results, which is faster.
	VerdictsOnly bool
}

// Progress is the progress of a run.
type Progress struct {
	Setup       suite.Setup
	Case        string
	Done, Total int
}

// run is the state of one call of Judge.
type run struct {
	lab     Lab
	options Options
	stop    context.CancelCauseFunc // ends the run without a result
	traits  *Traits

	closing sync.WaitGroup // targets whose late effects are waited for
	beside  sync.WaitGroup // what is done meanwhile
	once    sync.Once      // it is started

	mu          sync.Mutex
	records     map[string]*record // of the last attempt
	first       map[string]*record // of the first one, of cases that are run once more
	setups      map[suite.Setup]bool
	sessions    []*Session // of all targets, if they are kept
	processes   int
	identified  bool
	isSDK       bool // a response names an SDK, or shows that a signed GET was authenticated
	done, total int
	stalls      int    // consecutive requests without a response within their limit
	foreign     int    // targets in whose place another process responded
	foreignWhy  string // why the last of them was not
	sync        syncForm
	warm        *lease // of the zero set-up, until a session takes it over
}

// meanwhile starts Options.Meanwhile, unless it was started, may not be started yet, or
// nothing is identified.
func (r *run) meanwhile(ctx context.Context, may bool) {
	r.mu.Lock()
	may = may && r.identified && r.options.Meanwhile != nil && ctx.Err() == nil
	r.mu.Unlock()
	switch {
	case !may:
	case r.options.Jobs <= 1:
		r.once.Do(func() { r.options.Meanwhile(ctx) })
	default:
		r.once.Do(func() { r.beside.Go(func() { r.options.Meanwhile(ctx) }) })
	}
}

func (r *run) started(s suite.Setup, session *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.options.Keep {
		r.sessions = append(r.sessions, session)
	}
	if r.setups == nil {
		r.setups = map[suite.Setup]bool{}
	}
	r.setups[s] = true
	r.processes++
}

// notStarted ends the run if the target does not start in the zero set-up: it would
// not start in others either, and each attempt may take as long as the limit.
func (r *run) notStarted(s suite.Setup, err *StartError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s == (suite.Setup{}) && !r.setups[s] {
		r.stop(err)
	}
}

// note records whether the target is identified and whether it responds. A run
// identifies it, because only its process knows the beacon's address; without a
// beacon an accepted probe, signed GET or call of a function that exists does.
// Consecutive time-outs are counted, so that a run does not wait for a hanging target
// forever.
func (r *run) note(o *Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.identified = r.identified || o.Runs > 0 || !o.Beacon && (o.ShowsTrust() || r.lab.Visibility() == suite.ByCall && o.Kind == suite.KindCall && o.Accepted())
	r.isSDK = r.isSDK || o.Response.Header.Get(reference.HeaderSDK) != "" || o.Kind == suite.KindIntrospect && o.ShowsTrust()
	switch {
	case errors.Is(o.failure, ErrWrongTarget):
		r.stop(o.failure)
	case o.NoResponse == "":
		r.stalls = 0
	default:
		for _, attempt := range append(slices.Clone(o.Earlier), o) {
			if attempt.Took >= limits.Exchange {
				r.stalls++
			}
		}
	}
}

// noteForeign counts the targets in whose place another process responded.
func (r *run) noteForeign(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.foreign, r.foreignWhy = r.foreign+1, why
}

// unidentified returns why the run gives up: again and again another process responds.
func (r *run) unidentified() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.foreign < limits.Foreign {
		return ""
	}
	return fmt.Sprintf("the target was started %d times, and each time another process responded in the end; the last time: %s", r.foreign, r.foreignWhy)
}

func (r *run) stalled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stalls >= limits.Silent
}

// syncForm is the kind of PUT that a target takes for an out-of-band sync (R25). A
// target that responds to a signed PUT in-band has no defect, but the cases of
// out-of-band syncs cannot observe anything with a signed PUT then.
type syncForm int

const (
	syncSigned   syncForm = iota // as the server polls
	syncUnsigned                 // as a sync from the server's web page
	syncInBand                   // neither: there is no out-of-band sync
)
