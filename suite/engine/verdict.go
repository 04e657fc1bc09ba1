package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Verdict is the result of a case.
type Verdict string

// The verdicts of the judge; a baseline adds [Excused] and [Surprising].
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Warn          Verdict = "warn"           // a SHOULD that is not met
	Observed      Verdict = "observed"       // nothing is required; the behaviour is reported
	Blocked       Verdict = "blocked"        // what it rests on does not hold: [Result.Cause]
	NotApplicable Verdict = "not-applicable" // with the reason
	Inconclusive  Verdict = "inconclusive"   // the control failed, or the clock made it unfair
	Error         Verdict = "error"          // ours
)

// Verdicts lists the verdicts in the order in which summaries show them.
var AllVerdicts = []Verdict{Pass, Fail, Warn, Observed, Blocked, NotApplicable, Inconclusive, Error}

// Result is a case with its verdict and what led to it.
type Result struct {
	Case      suite.Case
	Verdict   Verdict
	Risk      suite.Risk // the case's; where nothing was disclosed after all, interoperability
	Behaviour string     // "R5: accepted", where the case touches one
	Sent      string     // what was really sent, in words; empty where the case was not run
	Expected  string
	Seen      string
	Note      string // why a verdict is not plainly pass or fail
	Cause     string // of a blocked case: the id of the case that owns the failure
	Steps     []Step

	causeFailed bool // the cause is a failure, which is counted by itself
}

// Open reports whether a case leaves it open if the target conforms: it could
// not be judged, though it is a MUST, or rests on something that was no failure.
func (r Result) Open() bool {
	must := r.Case.Level == suite.Must
	return r.Verdict == Error || must && (r.Verdict == Inconclusive || r.Verdict == Blocked && !r.causeFailed)
}

// theRequest is the part of the request that a case is about.
const theRequest = "the request"

// Step is one exchange of a case and the part that it plays.
type Step struct {
	Part     string // "control before", "the request", "control after", "control set-up"
	Exchange *Exchange
}

// record is what was seen of a case before it is judged.
type record struct {
	c            suite.Case
	stimulus     suite.Stimulus // what is sent to this target: most often the case's, which nil stands for
	before       *Exchange      // controls: the unmodified twin, before and after
	main         *Exchange
	after        *Exchange
	asCall       *Exchange // the request as a call, where the main one is a probe
	controlSetup *Exchange // the twin in the set-up that is fit
	lacks        string    // why it does not apply
	notStarted   *StartError
	err          error

	verdictsOnly bool // leave Seen and Ambiguity out of the result
}

// judge turns a trial into a verdict. It looks at nothing else.
func (t *record) judge() Result {
	result := Result{Case: t.c, Risk: t.risk(), Expected: t.c.Then.Requirement, Steps: t.steps()}
	decide := func(v Verdict, note string) Result {
		result.Verdict, result.Note = v, note
		return result
	}
	switch {
	case t.lacks != "":
		return decide(NotApplicable, t.lacks)
	case t.err != nil:
		return decide(Error, t.err.Error())
	case t.notStarted != nil:
		return t.judgeNotStarted(result)
	case t.main == nil:
		return decide(Error, "the case was not run")
	}
	if !t.verdictsOnly {
		result.Sent, result.Seen, result.Behaviour = t.sent(), t.main.Summary(), t.behaviour()
	}
	holds := t.c.Then.Holds(t.main.Observation)
	if ended := t.endedTarget(); ended != "" {
		return decide(Fail, "the target exited after this request: "+ended)
	}
	if why := t.stopsServing(); why != "" {
		return decide(missed(t.c.Level), why)
	}
	if slow := t.slow(); slow != "" {
		return decide(Inconclusive, slow)
	}
	if t.asCall != nil && t.asCall.Succeeded() {
		return decide(missed(t.c.Level), "the same request as a call of an unknown function, without the probe, was not refused: "+t.asCall.Summary())
	}
	if !holds && !t.c.Then.Negative && t.main.Throttled() {
		return decide(Inconclusive, "an intermediary may have responded in place of the endpoint")
	}
	spoiled := t.controlFailed()
	switch {
	case !holds && (spoiled == "" || t.harmful()):
		return decide(missed(t.c.Level), "")
	case spoiled != "":
		result.Behaviour = "" // it was not shown
		return decide(Inconclusive, spoiled)
	case t.c.Level == suite.May:
		return decide(Observed, "")
	}
	return decide(Pass, "")
}

// sent says in words what was sent.
func (t *record) sent() string {
	stimulus := t.stimulus
	if stimulus == nil {
		stimulus = t.c.When
	}
	text := suite.DescribeAs(stimulus, t.main.Kind)
	if t.asCall != nil {
		text += "; then the same as a call of a function that does not exist"
	}
	return text
}

// risk is what a failure leads to: a target that exits is an outage, and a
// response that is wrong, but discloses nothing, is no disclosure.
func (t *record) risk() suite.Risk {
	if t.main != nil && t.endedTarget() != "" {
		return suite.Availability
	}
	if t.c.Risk == suite.Disclosure && t.main != nil && !t.c.Then.Negative && len(t.harms()) == 0 {
		return suite.Interoperability
	}
	return t.c.Risk
}

// worthRepeating: a verdict that a second trial may change. What must never be seen is
// proved by being seen once; that something owed was not seen may be a hiccup,
// of the machine or of ours.
func (t *record) worthRepeating(v Verdict) bool {
	switch v {
	case Inconclusive:
		return true
	case Fail, Warn:
		return t.main != nil && !t.proven()
	}
	return false
}

// proven: what was seen once breaks the requirement for good. Where no run can be
// seen, a status of success may be an intermediary's.
func (t *record) proven() bool {
	if t.endedTarget() != "" || t.harmful() || t.main.Beacon && t.c.Then.Negative && t.main.Accepted() {
		return true
	}
	return slices.ContainsFunc(t.main.APIRequests, func(a suite.APIRequest) bool { return !a.HoldsNoKey() || a.Elsewhere && !a.HoldsNoHash() })
}

// merged is what two trials of one case come to.
func merged(first, second Result) Result {
	failed := func(v Verdict) bool { return v == Fail || v == Warn }
	switch {
	case first.Verdict == Inconclusive && second.Verdict != Inconclusive:
		second.Note = strings.TrimPrefix(second.Note+"; judged twice, because at first "+first.Note, "; ")
	case failed(first.Verdict) && !failed(second.Verdict):
		note := fmt.Sprintf("the verdict was %s at first, and %s when it was run again: %s", first.Verdict, second.Verdict, second.Seen)
		first.Note = strings.TrimPrefix(first.Note+"; "+note, "; ")
		first.Verdict = Inconclusive
		return first
	}
	return second
}

// judgeNotStarted: a process that refuses to start in a deliberately unfit set-up
// refuses everything, which is what is owed there.
func (t *record) judgeNotStarted(result Result) Result {
	result.Seen = "the target did not start: " + t.notStarted.Reason
	_, unfit := t.c.Given.Control()
	switch {
	case unfit && t.c.Then.OKIfNotStarted:
		result.Verdict, result.Note = Pass, "a clear error at start-up is not a silent lockout; last lines of output: "+t.notStarted.Output
	case unfit && t.c.Then.Negative && t.controlSetup != nil && t.controlSetup.Accepted():
		result.Verdict, result.Note = Pass, "a target that does not start refuses everything; last lines of output: "+t.notStarted.Output
	case unfit && t.controlSetup != nil && t.controlSetup.Accepted():
		result.Verdict = missed(t.c.Level)
	default:
		result.Verdict, result.Note = Error, t.notStarted.Error()+"\n"+t.notStarted.Output
	}
	return result
}

// missed is the verdict where a requirement of this level is not met.
func missed(l suite.Level) Verdict {
	switch l {
	case suite.Must:
		return Fail
	case suite.Should:
		return Warn
	}
	return Observed
}

// harmful: the outcome does harm by itself, whatever the controls show.
func (t *record) harmful() bool {
	told := t.c.When.Kind() == suite.KindIntrospect && len(t.main.Disclosed()) > 0
	return t.c.Then.Negative && (t.main.Runs > 0 || t.main.Echoed() || told || len(t.main.Leaked()) > 0)
}

// endedTarget says how the target came to its end by the request, or just after it,
// if it was well before. No level excuses that.
func (t *record) endedTarget() string {
	if t.before != nil && (t.before.Died != "" || t.before.NoResponse != "" || t.c.AcceptsValid() && !t.before.Accepted()) {
		return ""
	}
	for _, o := range []*Exchange{t.main, t.after} {
		if o != nil && o.Died != "" {
			return o.Died
		}
	}
	return ""
}

// stopsServing says that an honest call was served before the request, and not
// just after it.
func (t *record) stopsServing() string {
	switch {
	case !t.c.Then.Serving || t.before == nil || t.after == nil || !t.before.Accepted():
		return ""
	case !t.after.Accepted():
		return "a valid call right after it was not served: " + t.after.Summary()
	case t.after.Took > servedWithin:
		return fmt.Sprintf("a valid call right after it was served only after %s", t.after.Took.Round(time.Millisecond))
	}
	return ""
}

// slow says that an answer took too long to judge a time limit by. What is told
// to nobody is told to nobody at any time, and what is too old only gets older.
func (t *record) slow() string {
	age := t.c.When.Fields().Age
	if age == 0 || t.main.Took <= suite.Guard-time.Second || len(t.main.Leaked()) > 0 && t.c.Then.Negative || age > 0 && t.harmful() {
		return ""
	}
	return fmt.Sprintf("the response took %s, too long to judge a time limit by", t.main.Took.Round(time.Millisecond))
}

// controlFailed says why an outcome proves nothing; empty where it does.
func (t *record) controlFailed() string {
	if !t.c.Then.Negative {
		return ""
	}
	if _, unfit := t.c.Given.Control(); unfit {
		return t.controlSetupFailed()
	}
	for _, control := range t.controls() {
		if control == nil || !control.Accepted() {
			return "control failed: the unmodified request was not accepted: " + seenOf(control)
		}
	}
	return ""
}

// controls are the controls that could be sent: none follows a request that
// ended the target.
func (t *record) controls() []*Exchange {
	if t.main.Died != "" {
		return []*Exchange{t.before}
	}
	return []*Exchange{t.before, t.after}
}

func (t *record) controlSetupFailed() string {
	if t.controlSetup == nil || !t.controlSetup.Accepted() {
		return "control failed: the same request to a set-up with a valid key was not accepted: " + seenOf(t.controlSetup)
	}
	for _, control := range t.controls() {
		if control == nil || control.NoResponse != "" {
			return "control failed: the process did not respond: " + seenOf(control)
		}
	}
	return ""
}

func seenOf(o *Exchange) string {
	if o == nil {
		return "it was not sent"
	}
	return o.Summary()
}

func (t *record) behaviour() string {
	return t.c.BehaviourOf(t.main.Observation)
}

func (t *record) steps() []Step {
	var steps []Step
	for _, step := range []struct {
		part     string
		exchange *Exchange
	}{
		{"control set-up", t.controlSetup}, {"control before", t.before}, {theRequest, t.main},
		{"the request as a call", t.asCall}, {"control after", t.after},
	} {
		if step.exchange != nil {
			steps = append(steps, Step{step.part, step.exchange})
		}
	}
	return steps
}
