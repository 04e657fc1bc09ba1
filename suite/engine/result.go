package engine

import "github.com/countersign-dev/countersign/suite"

// Verdict is the verdict of a case.
type Verdict string

// The verdicts of the judge; a baseline adds [Excused] and [Surprising].
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Warn          Verdict = "warn"           // a SHOULD is not met
	Observed      Verdict = "observed"       // nothing is required; the behaviour is reported
	Blocked       Verdict = "blocked"        // a prerequisite did not pass: [Result.Cause]
	NotApplicable Verdict = "not-applicable" // the note gives the reason
	Inconclusive  Verdict = "inconclusive"   // the control failed, or the response was too slow
	Error         Verdict = "error"          // the suite could not run the case
)

// AllVerdicts lists the verdicts in the order in which summaries show them.
var AllVerdicts = []Verdict{Pass, Fail, Warn, Observed, Blocked, NotApplicable, Inconclusive, Error}

// Result is the verdict of a case and its evidence.
type Result struct {
	Case      suite.Case
	Verdict   Verdict
	Risk      suite.Risk // the case's, or what the observation shows instead
	Behaviour string     // "R5: accepted", if the case touches an ambiguity
	Sent      string     // describes what was sent; empty if the case was not run
	Expected  string
	Observed  string
	Note      string // explains a verdict other than a plain pass or fail
	Cause     string // of a blocked case: the id of the case that failed
	// Culprits are, where a request with many kinds of content was not accepted, the
	// kinds that are not accepted by themselves either.
	Culprits []string
	// InPlace is the kind of request that was sent in place of a call, because runs
	// cannot be observed; empty if none was.
	InPlace suite.Kind
	Steps   []Step

	causeFailed bool // the cause is a failure, which is counted itself
}

// Open reports whether the result leaves open whether the target conforms: the case
// is a MUST and could not be judged, or is blocked by a case that did not fail.
func (r Result) Open() bool {
	must := r.Case.Level == suite.Must
	return r.Verdict == Error || must && (r.Verdict == Inconclusive || r.Verdict == Blocked && !r.causeFailed)
}

// Step is one exchange of a case and its role.
type Step struct {
	Part     string // "control before", "the request", "control after", "control set-up"
	Exchange *Exchange
}
