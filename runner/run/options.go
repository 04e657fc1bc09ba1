package run

import (
	"cmp"
	"context"
	"runtime"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Options are the options of [Run]. The zero Options judge the embedded
// reference by the default tier.
type Options struct {
	Target    TargetSpec
	Selection Selection
	Seed      uint64           // keys, nonces and mutants are derived from it
	Jobs      int              // targets running at the same time; 0: one for each CPU
	Baseline  *report.Baseline // known violations; nil: none are excused
	Gate      report.Gate      // what conforming requires besides the MUSTs that are judged
	Catalogue string           // the version of the catalogue that is scored; empty: the newest
	Timeout   time.Duration    // of the whole run, which then keeps what was judged; 0: none
	Evidence  string           // a folder for what was observed; empty: it is not kept
	Tool      report.Tool      // the program that judges, as the report names it
	Command   string           // runs that program again; the report adds flags to it

	Say      func(format string, args ...any) // is called when something begins; may be nil
	Announce func(format string, args ...any) // is called with what the user has to know before something begins; may be nil
	Watch    func(engine.Progress)            // is called after every case; may be nil

	// Diagnose finds out what is wrong with the set-up of an endpoint at a URL, where the
	// run is not clean. It may be nil.
	Diagnose func(context.Context) []report.SetupMistake
}

func (o Options) withDefaults() Options {
	o.Jobs = cmp.Or(o.Jobs, runtime.NumCPU())
	o.Tool.Name = cmp.Or(o.Tool.Name, "countersign")
	o.Command = cmp.Or(o.Command, "countersign run")
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.Announce == nil {
		o.Announce = func(string, ...any) {}
	}
	return o
}

// interrupted is why not every case was judged.
const interrupted = "interrupted"

// pinned is the version of the catalogue that is scored; nil for the newest.
func (o Options) pinned() (*suite.Pinned, error) {
	if o.Catalogue == "" {
		return nil, nil
	}
	pinned, err := suite.Pin(o.Catalogue)
	if err != nil {
		return nil, page.NoSuch("version of the catalogue", o.Catalogue, suite.PinnedVersions())
	}
	return pinned, nil
}
