package matrix

import (
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
)

// Options say what is judged, and how.
type Options struct {
	Targets     []string      // see [Target]; several versions are "NAME@1.0.0,1.1.0", the newest is "NAME@newest"
	Limits      launch.Limits // of set-ups and starts; zero: those of each target.yaml
	Selection   run.Selection
	Baselines   []TargetBaseline // known violations
	Seed        uint64           // keys, nonces and mutants are drawn from it
	AnySeed     bool             // a State that has a seed keeps it
	Parallel    int              // targets judged at the same time; 0: one for two CPUs
	Jobs        int              // processes of all targets at the same time; 0: one for each CPU
	SkipMissing bool             // a target that cannot be installed here does not count
	Shard       Shard
	State       string // the folder that keeps finished targets; empty: a temporary one
	Tool        report.Tool

	Say func(format string, args ...any) // is called with what begins; may be nil
}
