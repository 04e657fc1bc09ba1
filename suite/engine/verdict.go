package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
// else, so it is all in a [CaseEvidence].
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
	absent       string        // why there is no such case in the evidence that is judged
	changed      string        // why what is there is evidence of another request
	earlier      []*Exchange   // what was sent before it, for a case about that
	company      []*Exchange   // what was in flight at the same time, for a case about that
	together     []*Exchange   // its requests that were, one of which decides
	lasts        []lastRequest // of each process, for a case about those
	unprepared   string        // why the process is not in the state that the case needs
	where        string        // in which process a case about last requests was judged
	facets       facetTrial
	notStarted   *StartError
	err          error

	interrupted  bool // the run ended meanwhile
	verdictsOnly bool // leave Observed and Behaviour out of the result
}

// settled is a copy of a record in which the request is chosen that it is judged by,
// after all of its effects were observed.
func (t *record) settled() *record {
	s := *t
	s.culprits = slices.Clone(t.culprits)
	s.settleLast()
	for _, x := range s.together {
		if s.c.Then.Negative && x.hasEffect() { // which may have come late
			s.main = x
			break
		}
	}
	if s.main != nil {
		s.chooseMain()
		s.hearLateFacets()
	}
	return &s
}

// verdict is the verdict of a settled record.
func (t *record) verdict() Result {
	result := Result{Case: t.c, Risk: t.risk(), Expected: t.c.Then.Requirement, Steps: t.steps()}
	decide := func(v Verdict, note string) Result {
		result.Verdict, result.Note = v, note
		return result
	}
	switch {
	case t.absent != "":
		return decide(NotApplicable, t.absent)
	case t.changed != "":
		return decide(Inconclusive, t.changed)
	case t.lacks != "":
		return decide(NotApplicable, t.lacks)
	case t.err != nil:
		return decide(Error, t.err.Error())
	case t.notStarted != nil:
		return t.judgeNotStarted(result)
	case t.main == nil:
		return decide(Error, "the case was not run")
	}
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
	if !holds && t.c.Then.Negative && t.unobserved() {
		return decide(Inconclusive, "there was no response, which is no refusal: "+t.main.NoResponse)
	}
	controlFailed := t.controlFailed()
	switch {
	case !holds && (controlFailed == "" || t.harmful()):
		if t.others == 0 {
			result.Culprits = t.culprits
		}
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
