package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

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

func (t *record) behaviour() string {
	return t.c.BehaviourOf(t.main.Observation)
}
