// Package doctor checks a target against the contract of a target app, step by
// step: its tools, its set-up, its start, its port, who listens there, its mode,
// app id, function and beacon, its sync and its end. At the first step that fails
// it says what was observed and what to do.
//
// runner/targets/README.md is the contract. Whether a target verifies signatures
// is not part of it: that is what a run judges.
package doctor

import (
	"context"
	"math/rand/v2"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/run"
)

// Options are the options of [Check].
type Options struct {
	Target string // NAME[/VARIANT][@VERSION], or the path of a folder
	Limits launch.Limits
	Seed   uint64 // keys and nonces are derived from it
	Say    func(format string, args ...any)
}

// Check walks through the steps. The steps after the first that fails are not
// checked. The error, which is a [*page.Error], is about the options, or ctx's.
func Check(ctx context.Context, o Options) ([]Step, error) {
	name, version := run.SplitVersion(o.Target)
	described, err := launch.Find(name)
	if err != nil {
		return nil, err
	}
	lab, err := launch.New(described, version, launch.Options{Seed: o.Seed, SetupLimit: o.Limits.Setup, StartLimit: o.Limits.Start})
	if err != nil {
		return nil, err
	}
	defer lab.Close()
	e := &examination{lab: lab, random: rand.New(rand.NewPCG(o.Seed, 0)), say: o.Say, installs: len(described.Setup) > 0}
	steps := e.walk(ctx)
	return steps, run.Describe(ctx.Err())
}

// walk makes the steps, one after the other.
func (e *examination) walk(ctx context.Context) []Step {
	defer e.stop()
	failed := false
	var steps []Step
	for _, step := range []struct {
		name  string
		check func(context.Context) Step
	}{
		{"tools", e.tools}, {"set-up", e.setup}, {"start", e.start}, {"port", e.port}, {"who listens", e.listener},
		{"mode", e.mode}, {"app id", e.appID}, {"function", e.function}, {"beacon", e.beacon}, {"sync", e.sync}, {"clean stop", e.cleanStop},
	} {
		result := Step{State: NotChecked}
		if !failed && ctx.Err() == nil {
			result = step.check(ctx)
		}
		result.Name = step.name
		failed = failed || result.State == Failed
		steps = append(steps, result)
	}
	return steps
}
