// Package run is a conformance run as a function: [Run] opens a target, judges
// it, and returns the report. The command line only parses flags and prints.
//
// Before the target, every run judges endpoints with a known verdict: if one gets
// another verdict, the results can't be trusted. [Open] and
// [SelfCheck] are for commands that do something else with a target.
//
// Errors are described as a [*page.Error], with a sentence, a hint and an exit
// code; [Describe] does it for those of other packages.
package run

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/runner/evidence"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Run judges a target. The error, which is a [*page.Error], says why there is no
// report; whether the target conforms is in the report's conclusion.
func Run(ctx context.Context, o Options) (report.Report, error) {
	r, err := run(ctx, o.withDefaults())
	return r, Describe(err)
}

func run(ctx context.Context, o Options) (report.Report, error) {
	started := time.Now()
	if o.Timeout > 0 {
		limited, stop := context.WithTimeoutCause(ctx, o.Timeout, page.CouldNotJudge("give it more time, or narrow it with --tier or --case",
			"the run took longer than --timeout %s", o.Timeout))
		defer stop()
		ctx = limited
	}
	r, err := runFrom(ctx, o, started)
	var late *page.Error
	if err != nil && errors.As(context.Cause(ctx), &late) { // and not what that led to
		return report.Report{}, late
	}
	return r, err
}

func runFrom(ctx context.Context, o Options, started time.Time) (report.Report, error) {
	chosen, err := o.Selection.Choose()
	if err != nil {
		return report.Report{}, err
	}
	pinned, err := o.pinned()
	if err != nil {
		return report.Report{}, err
	}
	if o.Evidence != "" {
		if err := evidence.Check(o.Evidence); err != nil {
			return report.Report{}, err
		}
	}
	lab, err := Open(ctx, o.Target, OpenOptions{Seed: o.Seed, Say: o.Say, Before: func() error { return o.announcePlan(ctx, chosen.Cases) }})
	if err != nil {
		return report.Report{}, err
	}
	defer lab.Close()
	facts := o.facts(chosen)
	facts.Pinned = pinned
	facts.Started = started
	gathered, err := o.beginEvidence(lab, started)
	if err != nil {
		return report.Report{}, err
	}
	if facts.SelfCheck, err = SelfCheck(ctx, Judged(chosen.Cases, o.engine())); err != nil {
		return report.Report{}, err
	}
	watched := o.engine()
	watched.Watch, watched.Keep = o.Watch, gathered != nil
	var notMeasured error
	watched.Meanwhile = func(ctx context.Context) { facts.Measurements, notMeasured = o.measure(ctx, lab) }
	judged, err := o.judge(ctx, lab, chosen.Cases, watched)
	switch {
	case err != nil && len(judged.Results) > 0 && ctx.Err() != nil: // what was judged is kept
		judged.Incomplete, facts.Measurements = endedBy(ctx), nil
	case err != nil:
		return report.Report{}, lab.describe(err)
	case notMeasured != nil && ctx.Err() == nil:
		return report.Report{}, notMeasured
	case ctx.Err() != nil:
		facts.Measurements = &engine.Measurements{NotMeasured: endedBy(ctx)}
	case judged.Void != "":
		facts.Measurements = nil
	}
	facts.Target, facts.Command, facts.Took = lab.judged(), o.Command+lab.Flags+o.Selection.flags(), time.Since(started)
	r := report.New(judged, facts)
	setup := o.diagnose(ctx, r)
	if err := o.finishEvidence(gathered, judged, facts, setup); err != nil {
		return report.Report{}, err
	}
	return r.WithSetup(setup), nil
}

// judge judges the cases. Where an endpoint at a URL has accepted no valid request so far,
// the core is judged first: if that shows nothing but that the run is void, the others,
// of which each looks for a control in vain, are not sent.
func (o Options) judge(ctx context.Context, lab *Lab, cases []suite.Case, with engine.Options) (engine.Judgement, error) {
	if lab.refuses {
		core := slices.DeleteFunc(slices.Clone(cases), func(c suite.Case) bool { return !slices.Contains(suite.Core, c.ID) })
		judged, err := engine.Judge(ctx, lab, o.Selection.profile().WithPrerequisites(core), with)
		if err != nil || judged.Void != "" {
			return judged, err
		}
	}
	return engine.Judge(ctx, lab, cases, with)
}

// diagnose finds out what is wrong with the set-up of an endpoint that is not clean.
func (o Options) diagnose(ctx context.Context, r report.Report) []report.SetupMistake {
	if o.Diagnose == nil || r.Target.Kind != report.Attached || r.Conclusion.ExitCode == page.ExitConforms || ctx.Err() != nil {
		return nil
	}
	return o.Diagnose(ctx)
}

// endedBy says why a run ended early.
func endedBy(ctx context.Context) string {
	var late *page.Error
	if errors.As(context.Cause(ctx), &late) {
		return late.Sentence
	}
	return interrupted
}

func (o Options) engine() engine.Options {
	return engine.Options{Jobs: o.Jobs, Seed: o.Seed, Profile: o.Selection.profile()}
}

func (o Options) facts(chosen Choice) report.Facts {
	return report.Facts{
		Tool: o.Tool, Tier: o.Selection.Tier, Profile: o.Selection.profile(), Available: len(o.Selection.Available()),
		Seed: o.Seed, Added: chosen.Added, Baseline: o.Baseline, Gate: o.Gate,
	}
}

// measure measures the target, unless only some cases were selected.
func (o Options) measure(ctx context.Context, lab *Lab) (*engine.Measurements, error) {
	switch {
	case len(o.Selection.Patterns) > 0:
		return nil, nil
	case o.Selection.Tier == suite.Smoke:
		return &engine.Measurements{NotMeasured: "skipped in the smoke tier"}, nil
	case lab.Target.Kind == report.Attached:
		return &engine.Measurements{NotMeasured: "only a target that the run starts itself is measured"}, nil
	}
	o.Say("measuring")
	m, err := engine.Measure(ctx, lab, o.Selection.Tier, o.Seed)
	return &m, err
}
