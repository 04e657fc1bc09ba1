package sweep

import (
	"context"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// rotation is the cases that show, besides the smoke tier, whether keys can be
// rotated without downtime.
var rotation = []string{
	"keys.fallback-after-refusal", "keys.fallback-after-forbidden", "keys.fallback-completes-sync",
	"sending.use-api", "sending.use-api-fallback", "sending.use-api-fallback-forbidden",
}

// Rotation selects the smoke tier and the cases about the rotation of keys.
func Rotation() run.Selection {
	patterns := slices.Clone(rotation)
	for _, c := range (run.Selection{Tier: suite.Smoke}).Available() {
		patterns = append(patterns, c.ID)
	}
	return run.Selection{Patterns: patterns}
}

// Run judges cases over versions. The error, which is a [*page.Error], says why
// there is no result.
func Run(ctx context.Context, o Options) (Sweep, error) {
	s, err := o.run(ctx)
	return s, run.Describe(err)
}

func (o Options) run(ctx context.Context) (Sweep, error) {
	f := facts{Options: o, started: time.Now()}
	described, err := launch.Find(o.Target)
	if err != nil {
		return Sweep{}, err
	}
	f.target = described.FullName()
	selected, err := o.Selection.Choose()
	if err != nil {
		return Sweep{}, err
	}
	chosen, err := o.choose(ctx, described)
	if err != nil {
		return Sweep{}, err
	}
	f.excluded = chosen.excluded
	if f.selfCheck, err = run.SelfCheck(ctx, run.Judged(selected.Cases, engine.Options{Jobs: o.Jobs, Seed: o.Seed})); err != nil {
		return Sweep{}, err
	}
	versions, err := o.judge(ctx, described, chosen.versions, selected.Cases)
	if err != nil {
		return Sweep{}, err
	}
	f.took = time.Since(f.started)
	return newSweep(selected.Cases, versions, f), nil
}

// choose finds the versions.
func (o Options) choose(ctx context.Context, d launch.Description) (choice, error) {
	o.Say("looking for versions of %s", d.Name)
	chosen, err := choose(ctx, d, o.Versions, o.Pre)
	if err == nil && !o.Bisect {
		err = chosen.limit(o.Max)
	}
	return chosen, err
}

// judge judges the versions within the time limit.
func (o Options) judge(ctx context.Context, d launch.Description, versions []string, cases []suite.Case) ([]Version, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	var ids []string
	for _, c := range cases {
		ids = append(ids, c.ID)
	}
	each := installer{target: d, limits: o.Limits, cases: ids, jobs: o.Jobs, seed: o.Seed, keep: o.Keep}
	return plan{
		target: d.FullName(), versions: versions, cases: ids, bisect: o.Bisect, max: o.Max, judge: each.judge, say: o.Say,
	}.run(ctx)
}
