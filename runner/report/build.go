package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/causes"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Facts are what a report contains besides the verdicts.
type Facts struct {
	Tool         Tool
	Target       Target
	Tier         suite.Tier
	Profile      suite.Profile // how ambiguities were scored
	Available    int           // cases of the tier
	Seed         uint64
	Started      time.Time
	Took         time.Duration
	SelfCheck    SelfCheck
	Added        map[string]bool      // cases that were not selected, see [suite.Core]
	Command      string               // judges this target; a case and a seed are added to it
	Baseline     *Baseline            // known violations; nil: none are excused
	Gate         Gate                 // what conforming requires besides
	Pinned       *suite.Pinned        // the version of the catalogue that is scored; nil: the newest
	Measurements *engine.Measurements // nil: there are none
	Evidence     *EvidenceSource      // that was judged; nil: the target itself was
}

// New makes the report of a judged run.
func New(judged engine.Judgement, facts Facts) Report {
	r := Report{
		Schema: schemaName, RandomSeed: facts.Seed, Target: facts.Target, Tool: facts.Tool, Tier: facts.Tier.String(),
		Profile: facts.Profile,
		Started: facts.Started.UTC().Truncate(time.Millisecond), TookMS: facts.Took.Milliseconds(),
		Available: facts.Available, Setups: judged.Setups, Processes: judged.Processes, Clock: judged.Clock.String(), SelfCheck: facts.SelfCheck, Cases: []Case{}, Summary: map[engine.Verdict]int{},
		Measurements: facts.Measurements, Evidence: facts.Evidence,
	}
	if facts.Gate != (Gate{}) {
		r.Gate = &facts.Gate
	}
	for _, result := range judged.Results {
		r.Cases = append(r.Cases, caseOf(result, facts))
	}
	r.fit(judged.Results)
	r.Target.SDK = sdkOf(judged.Results)
	r.pin(facts.Pinned)
	r.Baseline = facts.Baseline.apply(r.Cases, facts.Started)
	r.count()
	r.VoidReason = voidReason(judged, facts.SelfCheck)
	r.Void = r.VoidReason != ""
	if r.Causes = []causes.Cause{}; !r.Void {
		r.Causes = append(r.Causes, causesOf(r.Cases, judged.Results)...)
	} else if facts.SelfCheck.Misjudged == "" {
		r.Diagnosis = judged.Diagnosis
	}
	r.Incomplete = judged.Incomplete
	r.Conclusion = r.conclude()
	return r
}

func caseOf(result engine.Result, facts Facts) Case {
	c := result.Case
	return Case{
		ID: c.ID, Clause: c.Clause.String(), ClauseText: c.Clause.Text(), Source: c.Source, Level: c.Level, Risk: cmp.Or(result.Risk, c.Risk), By: c.By, Why: result.Why(), Cause: result.Cause, Title: c.Title,
		Setup: c.Given.String(), Sent: cmp.Or(result.Sent, c.Sent()), InPlace: result.InPlace,
		Verdict: result.Verdict, Ambiguity: c.Ambiguity, Behaviour: strings.TrimPrefix(result.Behaviour, c.Ambiguity+": "),
		Expected: result.Expected, Observed: cut(result.Observed, limits.ReportedText), Note: cut(result.Note, limits.ReportedText),
		Core:      facts.Added[c.ID],
		Reproduce: fmt.Sprintf("%s --case %s --seed %d", facts.Command, c.ID, facts.Seed),
	}
}

// verdicts is every verdict that a summary counts, in its order.
func verdicts() []engine.Verdict {
	return append(slices.Clone(engine.AllVerdicts), engine.Excused, engine.Surprising)
}

// judges reports whether a verdict is about the target.
func judges(v engine.Verdict) bool {
	return v != engine.NotApplicable && v != engine.Inconclusive && v != engine.Error && v != engine.Blocked
}

func (r *Report) count() {
	for _, verdict := range verdicts() {
		r.Summary[verdict] = 0
	}
	for _, c := range r.Cases {
		r.Summary[c.Verdict]++
		if judges(c.Verdict) {
			r.Judged++
			if c.InPlace != "" {
				r.InPlace++
			}
		}
	}
	r.Total = len(r.Cases)
}

// voidReason says why the results can't be trusted. A run in which the target
// never started is not void: there is no result that could be mistaken for one.
func voidReason(judged engine.Judgement, check SelfCheck) string {
	if check.Misjudged != "" {
		return "the self-check failed: " + check.Misjudged
	}
	for _, result := range judged.Results {
		if len(result.Steps) > 0 {
			return judged.Void
		}
	}
	return ""
}

// sdkOf is how the target identifies itself, in the first response that does.
func sdkOf(results []engine.Result) string {
	for _, result := range results {
		for _, step := range result.Steps {
			if name := step.Exchange.Response.Header.Get(reference.HeaderSDK); name != "" {
				return name
			}
		}
	}
	return ""
}
