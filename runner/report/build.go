package report

import (
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Facts are what a report tells besides the verdicts.
type Facts struct {
	Tool         Tool
	Target       Target
	Tier         suite.Tier
	Profile      suite.Profile // how ambiguities were scored
	Available    int           // cases that the tier has
	Seed         uint64
	Started      time.Time
	Took         time.Duration
	SelfCheck    SelfCheck
	Added        map[string]bool      // cases that nobody asked for, see [suite.Core]
	Command      string               // judges this target again; a case and a seed are added to it
	Baseline     *Baseline            // known violations; nil where none are excused
	Measurements *engine.Measurements // nil where nothing was to be measured
}

// New makes the report of a judged run.
func New(judged engine.Judgement, facts Facts) Report {
	r := Report{
		Schema: Schema, RandomSeed: facts.Seed, Target: facts.Target, Tool: facts.Tool, Tier: facts.Tier.String(),
		Profile: facts.Profile,
		Started: facts.Started.UTC().Truncate(time.Millisecond), TookMS: facts.Took.Milliseconds(),
		Available: facts.Available, Setups: judged.Setups, SelfCheck: facts.SelfCheck, Cases: []Case{}, Summary: map[engine.Verdict]int{},
		Measurements: facts.Measurements,
	}
	for _, result := range judged.Results {
		r.Cases = append(r.Cases, caseOf(result, facts))
	}
	r.Target.SDK = nameItGives(judged.Results)
	r.Baseline = facts.Baseline.apply(r.Cases)
	r.count()
	r.VoidReason = voidReason(judged, facts.SelfCheck)
	r.Void = r.VoidReason != ""
	r.Conclusion = r.conclude()
	return r
}

func caseOf(result engine.Result, facts Facts) Case {
	c := result.Case
	return Case{
		ID: c.ID, Clause: c.Clause.String(), ClauseText: c.Clause.Text(), Seed: c.Source, Level: c.Level, Risk: c.Risk, Title: c.Title,
		Setup: c.Given.String(), Sent: suite.Describe(c.When),
		Verdict: result.Verdict, Reading: result.Behaviour, Expected: result.Expected, Seen: result.Seen, Note: result.Note,
		Core: facts.Added[c.ID], Exchanges: exchangesOf(result.Steps),
		Reproduce: fmt.Sprintf("%s --case %s --seed %d", facts.Command, c.ID, facts.Seed),
	}
}

// verdicts is every verdict that a summary counts, in the order in which it is told.
func verdicts() []engine.Verdict {
	return append(append([]engine.Verdict{}, engine.AllVerdicts...), Excused, Surprising)
}

func (r *Report) count() {
	for _, verdict := range verdicts() {
		r.Summary[verdict] = 0
	}
	for _, c := range r.Cases {
		r.Summary[c.Verdict]++
	}
	r.Total = len(r.Cases)
	r.Judged = r.Total - r.Summary[engine.NotApplicable] - r.Summary[engine.Inconclusive] - r.Summary[engine.Error]
}

// voidReason says why a run proves nothing. A target that never came up is no
// void run: there is nothing that could be mistaken for a verdict.
func voidReason(judged engine.Judgement, check SelfCheck) string {
	if check.Misjudged != "" {
		return "the suite misjudged an endpoint whose verdict is known: " + check.Misjudged
	}
	for _, result := range judged.Results {
		if len(result.Steps) > 0 {
			return judged.Void
		}
	}
	return ""
}

// nameItGives is what the target calls itself, on the first answer that says so.
func nameItGives(results []engine.Result) string {
	for _, result := range results {
		for _, step := range result.Steps {
			if name := step.Exchange.Response.Header.Get(reference.HeaderSDK); name != "" {
				return name
			}
		}
	}
	return ""
}
