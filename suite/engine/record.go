package engine

import "github.com/countersign-dev/countersign/suite"

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

func summaryOf(o *Exchange) string {
	if o == nil {
		return "it was not sent"
	}
	return o.Summary()
}

// The roles of exchanges in a case.
const (
	theRequest    = "the request" // that the case is about
	controlBefore = "control before"
	controlAfter  = "control after"
)

// alsoSent is a further request of a case, and what was observed of it.
type alsoSent struct {
	stimulus suite.Stimulus
	exchange *Exchange
}

// facetTrial is what was found out about the deviations of a case.
type facetTrial struct {
	letIn    string          // which deviation decides: "ran with the header `X-Debug: 1`"
	open     string          // why a group could not be judged
	leftOut  []suite.Fields  // the valid request with them is refused, too
	sent     int             // requests that had to be refused
	attempts []*facetAttempt // for effects that are heard late
}

// facetAttempt is one request that must be refused, with its deviations.
type facetAttempt struct {
	exchange   *Exchange
	deviations []suite.Fields
}

// lastRequest is one of the last requests of a process.
type lastRequest struct {
	setup               string // in words
	place               int    // how many requests were sent to the process before
	before, main, after *Exchange
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
