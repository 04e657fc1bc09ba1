package sweep

import (
	"time"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

// facts are what a sweep contains besides the verdicts.
type facts struct {
	Options
	target    string // its name
	excluded  Excluded
	started   time.Time
	took      time.Duration
	selfCheck report.SelfCheck
}

// newSweep draws the conclusions from judged versions, oldest first.
func newSweep(cases []suite.Case, versions []Version, f facts) Sweep {
	s := Sweep{
		Schema: schemaName, Target: f.target, Requested: f.Versions, Bisected: f.Bisect, Excluded: f.excluded, RandomSeed: f.Seed,
		Tool: f.Tool, Started: f.started.UTC().Truncate(time.Millisecond), TookMS: f.took.Milliseconds(), SelfCheck: f.selfCheck,
		Cases: []CaseHistory{}, Versions: versions,
	}
	for _, c := range cases {
		s.Cases = append(s.Cases, CaseHistory{c.ID, c.Clause.String(), c.Source, c.Level, c.Risk, c.Title, find(versions, c.ID)})
	}
	s.Conclusion = s.conclude()
	return s
}
