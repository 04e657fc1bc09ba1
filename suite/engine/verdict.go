package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

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

// The roles of exchanges in a case.
const (
	theRequest    = "the request" // that the case is about
	controlBefore = "control before"
	controlAfter  = "control after"
)

// Step is one exchange of a case and its role.
type Step struct {
	Part     string // "control before", "the request", "control after", "control set-up"
	Exchange *Exchange
}

// record is everything that was observed of a case. The verdict depends on nothing
// else.
type record struct {
	c            suite.Case
	stimulus     suite.Stimulus // what was sent to this target; nil if it is the case's
	function     string         // that calls run; empty is the echo function
	before       *Exchange      // the control before the request
	main         *Exchange
	also         []alsoSent    // the further requests of the case, until the worst was chosen
	others       int           // how many there were
	culprits     []string      // the parts of the request, or other requests, that miss the expectation
	after        *Exchange     // the control after the request
	sameShape    *Exchange     // a valid request in the unusual shape of the main one
	asCall       *Exchange     // the request as a call, if the main one is a probe
	controlSetup *Exchange     // the control in the control set-up
	lacks        string        // why the case is not applicable
	earlier      []*Exchange   // what was sent before it, for a case about that
	company      []*Exchange   // what was in flight at the same time, for a case about that
	lasts        []lastRequest // of each process, for a case about those
	unprepared   string        // why the process is not in the state that the case needs
	where        string        // in which process a case about last requests was judged
	facets       facetTrial
	notStarted   *StartError
	err          error

	interrupted  bool // the run ended meanwhile
	verdictsOnly bool // leave Observed and Behaviour out of the result
}

// judge returns the verdict of a record.
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
	t.chooseMain()
	t.hearLateFacets()
	if foreign := t.foreign(); foreign != "" && t.main.Runs == 0 { // only the target itself knows the beacon
		return decide(Inconclusive, "not shown to be the target's response: "+foreign)
	}
	if t.c.Then.Output && !t.main.HasOutput {
		return decide(NotApplicable, "the target's own output cannot be read here")
	}
	if !t.verdictsOnly {
		result.Sent, result.Observed, result.Behaviour = t.sent(), t.main.Summary(), t.behaviour()
	}
	if t.main.Kind != t.c.When.Kind() {
		result.InPlace = t.main.Kind
	}
	holds := t.c.Then.Holds(t.main.Observation)
	if ended := t.endedTarget(); ended != "" {
		return decide(Fail, "the target exited after this request: "+ended)
	}
	if why := t.stopsServing(); why != "" {
		return decide(missed(t.c.Level), why)
	}
	if why := t.facets.letIn; why != "" && !holds {
		return decide(missed(t.c.Level), why)
	}
	if slow := t.slow(); slow != "" {
		return decide(Inconclusive, slow)
	}
	if cut := t.cut(); cut != "" {
		result.Behaviour = "" // it may be another one
		return decide(Inconclusive, "not everything that the target sent was looked at: "+cut)
	}
	unserved := (!holds || t.asCall != nil) && t.unserved()
	if t.asCall != nil && t.asCall.Succeeded() && !unserved {
		return decide(missed(t.c.Level), "the same request as a call of an unknown function, without the probe, was not refused: "+t.asCall.Summary())
	}
	if !holds && unserved {
		return decide(Pass, "the endpoint serves no request of this shape, which Inngest never sends, whoever signed it (R31)")
	}
	if t.main.GaveUp != "" && (!holds || t.c.Then.Negative) && !t.harmful() {
		return decide(Inconclusive, "an intermediary may have responded in place of the endpoint: "+t.main.GaveUp)
	}
	if t.unprepared != "" && !t.harmful() {
		return decide(Inconclusive, t.unprepared)
	}
	if !holds && t.c.Then.Negative && t.unanswered() {
		return decide(Inconclusive, "there was no response, which is no refusal: "+t.main.NoResponse)
	}
	controlFailed := t.controlFailed()
	switch {
	case !holds && (controlFailed == "" || t.harmful()):
		return decide(missed(t.c.Level), strings.TrimPrefix(strings.TrimSuffix(t.blames()+"; "+t.inState(), "; "), "; "))
	case controlFailed != "":
		result.Behaviour = "" // it was not observed
		return decide(Inconclusive, controlFailed)
	case t.facets.open != "":
		return decide(Inconclusive, t.facets.open)
	case t.facets.note() != "":
		return decide(Pass, t.facets.note())
	case t.c.Level == suite.May:
		return decide(Observed, "")
	}
	return decide(Pass, "")
}

// foreign returns why a response of the case is not the target's, or "".
func (t *record) foreign() string {
	for _, step := range t.steps() {
		if step.Exchange.Foreign != "" {
			return step.Exchange.Foreign
		}
	}
	return ""
}

// unanswered reports whether a request had neither a response nor an effect, for a
// reason that need not be the target's.
func (t *record) unanswered() bool {
	x := t.main
	lost := x.TimedOut || errors.Is(x.failure, ErrClosed) || errors.Is(x.failure, ErrUnreachable)
	return lost && !x.Closed && x.Died == "" && !x.hasEffect() && len(x.APIRequests) == 0
}

// sent describes what was sent.
func (t *record) sent() string {
	if t.facets.sent > 1 && t.facets.letIn == "" {
		return fmt.Sprintf("%s, %d times, with %d deviations: %s", suite.DescribeAs(t.c.When, t.main.Kind), t.facets.sent, len(t.c.Facets.Deviations()), t.c.Facets.Of)
	}
	stimulus := t.stimulus
	if stimulus == nil {
		stimulus = t.c.When
	}
	if call, is := stimulus.(suite.Call); is && t.function != "" {
		call.Function = strings.ReplaceAll(cmp.Or(call.Function, suite.EchoID), suite.EchoID, t.function)
		stimulus = call
	}
	text := suite.DescribeAs(stimulus, t.main.Kind)
	if t.asCall != nil {
		text += "; then the same as a call of a function that does not exist"
	}
	if t.others > 0 && t.c.Then.Holds(t.main.Observation) {
		text += fmt.Sprintf("; and %d more like it", t.others)
	}
	return t.c.InState(text)
}

// risk is the risk of a failure: availability if the target exited, and only
// interoperability if the response is wrong but discloses nothing.
func (t *record) risk() suite.Risk {
	if t.main != nil && t.endedTarget() != "" {
		return suite.Availability
	}
	if t.c.Risk == suite.Disclosure && t.main != nil && !t.c.Then.Negative && len(t.harms()) == 0 {
		return suite.Interoperability
	}
	return t.c.Risk
}

// worthRepeating reports whether a second run may change the verdict. An effect
// that must never be observed needs to be observed only once; the absence of a
// required effect may have a transient cause.
func (t *record) worthRepeating(v Verdict) bool {
	switch v {
	case Inconclusive:
		return true
	case Fail, Warn:
		return t.main != nil && !t.proven()
	}
	return false
}

// proven reports whether what was observed violates the requirement, whatever a
// second run shows. Where runs cannot be observed, a success status does not: it may
// come from an intermediary.
func (t *record) proven() bool {
	if t.endedTarget() != "" || t.harmful() || t.main.Beacon && t.c.Then.Negative && t.main.Accepted() {
		return true
	}
	return slices.ContainsFunc(t.main.APIRequests, func(a suite.APIRequest) bool { return !a.HoldsNoKey() || a.Elsewhere && !a.HoldsNoHash() })
}

// merged combines the results of two runs of one case.
func merged(first, second Result) Result {
	failed := func(v Verdict) bool { return v == Fail || v == Warn }
	switch {
	case first.Verdict == Inconclusive && second.Verdict != Inconclusive:
		second.Note = strings.TrimPrefix(second.Note+"; judged twice, because at first "+first.Note, "; ")
	case failed(first.Verdict) && !failed(second.Verdict):
		note := fmt.Sprintf("the verdict was %s at first, and %s when it was run again: %s", first.Verdict, second.Verdict, second.Observed)
		first.Note = strings.TrimPrefix(first.Note+"; "+note, "; ")
		first.Verdict = Inconclusive
		return first
	}
	return second
}

// mostBroken is how many cases may find that a valid request is no longer served, and
// be served by a new process, before that counts.
const mostBroken = 2

// keepBroken leaves cases inconclusive where a target stopped serving valid requests,
// for several cases in a row, and only a new process served them again: it breaks.
func keepBroken(merged, first []Result) {
	var broken []int
	for i, result := range first {
		if result.Verdict == Inconclusive && merged[i].Verdict != Inconclusive && result.brokenOff() != "" {
			broken = append(broken, i)
		}
	}
	if len(broken) < mostBroken {
		return
	}
	for _, i := range broken {
		if merged[i].Verdict == Pass || merged[i].Verdict == Observed {
			merged[i].Verdict = Inconclusive
			merged[i].Note = "the target stopped serving valid requests, and only a new process served them again: " + first[i].brokenOff()
		}
	}
}

// brokenOff is what came in place of a response to a valid request; empty if there was
// one, or none within the time limit, which a busy machine may cause.
func (r Result) brokenOff() string {
	for _, step := range r.Steps {
		x := step.Exchange
		isValid := step.Part == controlBefore || step.Part == controlAfter || step.Part == theRequest && !r.Case.Then.Negative
		if isValid && x.NoResponse != "" && !x.TimedOut && x.Died == "" {
			return x.NoResponse
		}
	}
	return ""
}

// judgeNotStarted judges a target that did not start. If the set-up need not
// accept valid requests, that refuses everything, as required.
func (t *record) judgeNotStarted(result Result) Result {
	result.Observed = "the target did not start: " + t.notStarted.Reason
	optional := !t.c.AcceptsValid()
	switch {
	case optional && !t.notStarted.Exited:
		result.Verdict, result.Note = Inconclusive, "it did not exit by itself, so it is not known why it did not respond; last lines of output: "+t.notStarted.Output
	case optional && t.c.Then.OKIfNotStarted:
		result.Verdict, result.Note = Pass, "a clear error at start-up is not a silent lockout; last lines of output: "+t.notStarted.Output
	case optional && t.c.Then.Negative && t.controlSetup != nil && t.controlSetup.Accepted():
		result.Verdict, result.Note = Pass, "a target that does not start refuses everything; last lines of output: "+t.notStarted.Output
	case optional && t.controlSetup != nil && t.controlSetup.Accepted():
		result.Verdict = missed(t.c.Level)
	default:
		result.Verdict, result.Note = Error, t.notStarted.Error()+"\n"+t.notStarted.Output
	}
	return result
}

// missed is the verdict for a requirement of this level that is not met.
func missed(l suite.Level) Verdict {
	switch l {
	case suite.Must:
		return Fail
	case suite.Should:
		return Warn
	}
	return Observed
}

// harmful reports whether the request had an effect that violates the requirement
// even if the controls failed.
func (t *record) harmful() bool {
	disclosed := t.c.When.Kind() == suite.KindIntrospect && len(t.main.Disclosed()) > 0
	return t.c.Then.Negative && (t.main.Runs > 0 || t.main.Echoed() || disclosed || len(t.main.Leaked()) > 0)
}

// endedTarget returns why the target exited during the request or the control after
// it, or "" if it did not, or did not work before. Cases of all levels fail then.
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

// stopsServing returns how a valid call right after the request was not served in
// time, although one before it was; or "".
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

// slow reports that a response took too long to judge a time limit. That does not
// matter for a leak, or if an expired request had an effect: it only got older.
func (t *record) slow() string {
	age := t.c.When.Fields().Age
	if age == 0 || t.main.Took <= suite.Guard-time.Second || len(t.main.Leaked()) > 0 && t.c.Then.Negative || age > 0 && t.harmful() {
		return ""
	}
	return fmt.Sprintf("the response took %s, too long to judge a time limit by", t.main.Took.Round(time.Millisecond))
}

// cut says why not everything was looked at that the verdict depends on. That does not
// matter for what shows a violation already.
func (t *record) cut() string {
	if t.proven() && !t.c.Then.Holds(t.main.Observation) {
		return ""
	}
	for _, x := range []*Exchange{t.main, t.asCall, t.sameShape} {
		if x != nil && x.Cut != "" {
			return x.Cut
		}
	}
	return ""
}

// controlFailed returns how a control failed, or "" if none did.
func (t *record) controlFailed() string {
	if !t.c.Then.Negative {
		return ""
	}
	if !t.c.AcceptsValid() {
		return t.controlSetupFailed()
	}
	for _, control := range t.controls() {
		if control == nil || !control.Accepted() {
			return "control failed: the unmodified request was not accepted: " + summaryOf(control)
		}
	}
	return ""
}

// controls are the controls that could be sent: there is none after a request that
// ended the target.
func (t *record) controls() []*Exchange {
	switch {
	case t.c.State.Cold:
		return []*Exchange{t.after}
	case t.main.Died != "":
		return []*Exchange{t.before}
	}
	return []*Exchange{t.before, t.after}
}

func (t *record) controlSetupFailed() string {
	if t.controlSetup == nil || !t.controlSetup.Accepted() {
		return "control failed: the same request to a set-up with a valid key was not accepted: " + summaryOf(t.controlSetup)
	}
	for _, control := range t.controls() {
		if control == nil || control.NoResponse != "" && !control.Closed {
			return "control failed: the process did not respond: " + summaryOf(control)
		}
	}
	return ""
}

func summaryOf(o *Exchange) string {
	if o == nil {
		return "it was not sent"
	}
	return o.Summary()
}

func (t *record) behaviour() string {
	return t.c.BehaviourOf(t.main.Observation)
}

func (t *record) steps() []Step {
	type step struct {
		part     string
		exchange *Exchange
	}
	planned := []step{{"control set-up", t.controlSetup}, {controlBefore, t.before}}
	for _, x := range t.earlier {
		planned = append(planned, step{"request before it", x})
	}
	for _, x := range t.company {
		planned = append(planned, step{"valid call at the same time", x})
	}
	planned = append(planned, []step{
		{theRequest, t.main},
		{"the request as a call", t.asCall}, {"control of the same shape", t.sameShape}, {controlAfter, t.after},
	}...)
	var steps []Step
	for _, step := range planned {
		if step.exchange != nil {
			steps = append(steps, Step{step.part, step.exchange})
		}
	}
	return steps
}
