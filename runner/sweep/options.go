package sweep

import (
	"time"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
)

// Options are the options of [Run].
type Options struct {
	Target    string        // its name, or the path of its folder; a variant behind a slash
	Limits    launch.Limits // of set-ups and starts; zero: those of its target.yaml
	Versions  string        // a list, a range or a constraint
	Pre       bool          // a range or a constraint includes pre-releases
	Selection run.Selection // of cases; [Rotation] is the usual one
	Bisect    bool          // judge only the versions needed to find each change
	Max       int           // judge at most this many versions
	Timeout   time.Duration // start no version after this time
	Keep      bool          // leave what is installed in the cache
	Seed      uint64        // keys, nonces and mutants are derived from it
	Jobs      int           // targets of one version running at the same time
	Tool      report.Tool   // the program that judges, as the report names it

	Say func(format string, args ...any) // is called when something begins
}
