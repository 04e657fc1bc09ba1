package sweep

import (
	"time"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Schema names the form of a [Sweep]; sweep.schema.json describes it.
const Schema = "urn:countersign:sweep:1"

// Sweep is the published result of judging cases over versions.
type Sweep struct {
	Schema     string           `json:"schema"`
	Conclusion Conclusion       `json:"conclusion"`
	Target     string           `json:"target"`
	Asked      string           `json:"asked"`    // the versions, in the user's words
	Bisected   bool             `json:"bisected"` // not every version was judged
	LeftOut    LeftOut          `json:"leftOut"`
	RandomSeed uint64           `json:"randomSeed"`
	Tool       report.Tool      `json:"tool"`
	Started    time.Time        `json:"started"`
	TookMS     int64            `json:"tookMs"`
	SelfCheck  report.SelfCheck `json:"selfCheck"`
	Cases      []Case           `json:"cases"`
	Versions   []Version        `json:"versions"` // oldest first
}

// Conclusion is what a whole sweep comes to. It is a measurement: what holds and
// what does not is in the cases, not in the exit code.
type Conclusion struct {
	Verdict  string `json:"verdict"` // "judged", "could not judge" or "void"
	ExitCode int    `json:"exitCode"`
	Why      string `json:"why"`
}

// Case is one case and what was found of it over the versions.
type Case struct {
	ID      string      `json:"id"`
	Clause  string      `json:"clause"`
	Seed    string      `json:"seed"`
	Level   suite.Level `json:"level"`
	Risk    suite.Risk  `json:"risk"`
	Title   string      `json:"title"`
	Finding Finding     `json:"finding"`
}

// State is how far a version came.
type State string

// The states.
const (
	Judged       State = "judged"
	NotInstalled State = "not-installed"
	NotJudged    State = "not-judged" // time was over
	Void         State = "void"       // its verdicts prove nothing
	Skipped      State = "skipped"    // a bisection did not need it
)

// Version is one version with all that was judged of it.
type Version struct {
	Version string   `json:"version"`
	State   State    `json:"state"`
	Reason  string   `json:"reason,omitempty"` // why it is not judged
	Output  string   `json:"output,omitempty"` // the last lines of what installed it
	TookMS  int64    `json:"tookMs"`
	Results []Result `json:"results"` // in the order of the cases; none unless judged
}

// Result is the verdict of one case in one version.
type Result struct {
	Case    string         `json:"case"`
	Verdict engine.Verdict `json:"verdict"`
	Seen    string         `json:"seen"`
	Note    string         `json:"note,omitempty"`
}

// Unknown is the verdict of a case in a version that was not judged.
const Unknown engine.Verdict = ""

// verdict is what a case came to in this version.
func (v Version) verdict(id string) engine.Verdict {
	for _, r := range v.Results {
		if r.Case == id {
			return r.Verdict
		}
	}
	return Unknown
}

// Facts are what a sweep tells besides the verdicts.
type Facts struct {
	Target    string
	Asked     string
	Bisected  bool
	LeftOut   LeftOut
	Seed      uint64
	Tool      report.Tool
	Started   time.Time
	Took      time.Duration
	SelfCheck report.SelfCheck
}

// New draws the conclusions from judged versions, oldest first.
func New(cases []suite.Case, versions []Version, f Facts) Sweep {
	s := Sweep{
		Schema: Schema, Target: f.Target, Asked: f.Asked, Bisected: f.Bisected, LeftOut: f.LeftOut, RandomSeed: f.Seed,
		Tool: f.Tool, Started: f.Started.UTC().Truncate(time.Millisecond), TookMS: f.Took.Milliseconds(), SelfCheck: f.SelfCheck,
		Cases: []Case{}, Versions: versions,
	}
	for _, c := range cases {
		s.Cases = append(s.Cases, Case{c.ID, c.Clause.String(), c.Source, c.Level, c.Risk, c.Title, find(versions, c.ID)})
	}
	s.Conclusion = s.conclude()
	return s
}
