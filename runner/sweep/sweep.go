package sweep

import (
	"time"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// schemaName names the format of a [Sweep]; sweep.schema.json describes it.
const schemaName = "urn:countersign:sweep:2"

// Sweep is the published result of running cases against many versions.
type Sweep struct {
	Schema     string            `json:"schema"`
	Conclusion report.Conclusion `json:"conclusion"` // about the sweep; how each case changes is in Cases
	Target     string            `json:"target"`
	Requested  string            `json:"requested"` // the versions, as the user wrote them
	Bisected   bool              `json:"bisected"`  // not every version was judged
	Excluded   Excluded          `json:"excluded"`
	RandomSeed uint64            `json:"randomSeed"`
	Tool       report.Tool       `json:"tool"`
	Started    time.Time         `json:"started"`
	TookMS     int64             `json:"tookMs"`
	SelfCheck  report.SelfCheck  `json:"selfCheck"`
	Cases      []CaseHistory     `json:"cases"`
	Versions   []Version         `json:"versions"` // oldest first
}

// CaseHistory is one case and how its verdict changes over the versions.
type CaseHistory struct {
	ID      string      `json:"id"`
	Clause  string      `json:"clause"`
	Source  string      `json:"source"`
	Level   suite.Level `json:"level"`
	Risk    suite.Risk  `json:"risk"`
	Title   string      `json:"title"`
	Finding Finding     `json:"finding"`
}

// State is how far the sweep got with a version.
type State string

// The states.
const (
	Judged       State = "judged"
	NotInstalled State = "not-installed"
	NotJudged    State = "not-judged" // the time limit was reached, or the sweep was interrupted
	Void         State = "void"       // its results can't be trusted
	Skipped      State = "skipped"    // a bisection did not need it
)

// Version is one version with its verdicts.
type Version struct {
	Version string `json:"version"`
	State   State  `json:"state"`
	Reason  string `json:"reason,omitempty"` // why it is not judged
	Output  string `json:"output,omitempty"` // the last lines of the command that installs it, or of the target that did not start
	TookMS  int64  `json:"tookMs"`
	Results []Cell `json:"results"` // in the order of the cases; none unless judged
}

// Cell is the verdict of one case in one version.
type Cell struct {
	Case     string         `json:"case"`
	Verdict  engine.Verdict `json:"verdict"`
	Observed string         `json:"observed"`
	Note     string         `json:"note,omitempty"`

	open bool // it leaves open whether the version conforms
}

// notJudged is the verdict of a case in a version that was not judged.
const notJudged engine.Verdict = ""

// verdict is that of a case in this version.
func (v Version) verdict(id string) engine.Verdict { return v.result(id).Verdict }

// result is that of a case in this version; the zero Cell where it was not judged.
func (v Version) result(id string) Cell {
	for _, r := range v.Results {
		if r.Case == id {
			return r
		}
	}
	return Cell{Verdict: notJudged}
}
