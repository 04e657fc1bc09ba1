package rotate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// Options are the options of [Run].
type Options struct {
	Target  string                           // NAME[/VARIANT][@VERSION], or the path of a folder; empty: the embedded reference
	Limits  launch.Limits                    // of its set-up and start; zero: those of its target.yaml
	Seed    uint64                           // keys and nonces are derived from it
	Tool    report.Tool                      // the program that judges, as the report names it
	Command string                           // runs that program again; the report adds flags to it
	Say     func(format string, args ...any) // is called when something begins; may be nil
}

// Run opens a target and rotates its key, after a self-check with the reference
// and with an endpoint that never tries its fallback key. The error,
// which is a [*page.Error], says why there is no result.
func Run(ctx context.Context, o Options) (Rotation, error) {
	r, err := o.run(ctx)
	return r, describe(err)
}

func (o Options) run(ctx context.Context) (Rotation, error) {
	lab, err := run.Open(ctx, run.TargetSpec{Name: o.Target, Limits: o.Limits}, run.OpenOptions{Seed: o.Seed, Say: o.Say})
	if err != nil {
		return Rotation{}, err
	}
	defer lab.Close()
	known, stop, err := knownEndpoints(o.Seed)
	if err != nil {
		return Rotation{}, err
	}
	defer stop()
	check, err := run.SelfCheck(ctx, known)
	if err != nil {
		return Rotation{}, err
	}
	r, err := runDrill(ctx, lab, drillOptions{Seed: o.Seed, Watch: o.Say})
	if err != nil {
		return Rotation{}, err
	}
	r.Target, r.Tool, r.SelfCheck = lab.Target, o.Tool, check
	r.Reproduce = fmt.Sprintf("%s%s --seed %d", o.Command, lab.Flags, o.Seed)
	if check.Misjudged != "" {
		r.Conclusion = report.Conclusion{Verdict: "void", ExitCode: page.ExitVoid, Why: "the self-check failed: " + check.Misjudged}
	}
	return r, nil
}

// A short drill is enough for a known verdict.
const (
	checkPer = 14
	checkGap = 2 * time.Millisecond
)

// knownEndpoints are the endpoints of the self-check; stop ends them.
func knownEndpoints(seed uint64) (known []run.Known, stop func(), err error) {
	mutant, found := zoo.Find("fallback-never-tried")
	if !found {
		return nil, nil, errors.New("preparing the self-check: its mutant is not in the zoo")
	}
	correct := launch.Embedded(launch.Options{Seed: seed})
	broken := launch.Embedded(launch.Options{Seed: seed, Break: func(e *reference.Endpoint) { mutant.Break(e) }})
	return []run.Known{
		{Name: "reference", Correct: true, Right: []string{"holds"}, Judge: shortDrill(correct, seed)},
		{Name: mutant.Name, Right: []string{"violated"}, Judge: shortDrill(broken, seed)},
	}, func() { correct.Close(); broken.Close() }, nil
}

// shortDrill gives the verdict of a short drill. One that is interrupted has none.
func shortDrill(lab engine.Lab, seed uint64) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		r, err := runDrill(ctx, lab, drillOptions{Seed: seed, Per: checkPer, Gap: checkGap})
		return r.Conclusion.Verdict, cmp.Or(err, ctx.Err())
	}
}

// describe adds the stage at which a process did not start.
func describe(err error) error {
	var stage *stageError
	if !errors.As(err, &stage) {
		return run.Describe(err)
	}
	described := page.CouldNotJudge("", "the rotation stopped: %v", stage)
	described.Output = stage.Output()
	return described
}
