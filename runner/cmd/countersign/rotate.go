package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/rotate"
)

// rotateFlags are the flags of `rotate`.
type rotateFlags struct {
	seedFlag
	limitFlags
	target         string
	reports        []string
	quiet, noColor bool
}

func (a *app) rotateCommand() *cobra.Command {
	f := rotateFlags{}
	command := &cobra.Command{
		Use: "rotate [flags]", Short: "Rotates a target's signing key under traffic", Args: noArguments,
		Long: "Rotates the signing key of a target from key A to key B while requests keep coming, in four\n" +
			"stages: the target holds A; it holds B, with A as its fallback; the server signs with B; the\n" +
			"target holds only B. New processes replace old ones as in a deployment. No authentic request may\n" +
			"be refused, no forged one accepted, and A must stop working when the target no longer holds it.\n" +
			"An expired request that is accepted is reported as a finding of its own. A drill that is\n" +
			"interrupted reports what it has seen until then, and that it is incomplete.\n" +
			listens +
			"Without --target the target is the embedded reference.\n\n" +
			"Exit codes: 0 holds, 1 violated, 2 usage error, 3 could not judge, 4 void.",
		Example: `  countersign rotate                                                the embedded reference
  countersign rotate --target inngest-js@4.24.0 --report svg=rotation.svg
  countersign rotate --target inngest-js --report json=rotation.json`,
		RunE: func(c *cobra.Command, _ []string) error {
			f.draw(c)
			return a.rotate(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *rotateFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.target, "target", "", targetHelp)
	f.registerLimits(c)
	f.registerSeed(c, "keys and nonces")
	registerReports(c, &f.reports, rotate.Formats)
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

func (a *app) rotate(ctx context.Context, f rotateFlags) error {
	outputs, err := formats[rotate.Rotation](rotate.Formats).parse(f.reports)
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	r, err := rotate.Run(ctx, rotate.Options{Target: f.target, Limits: f.limits, Seed: f.seed, Tool: tool(), Command: a.self + " rotate", Say: progress.Say})
	if err != nil {
		return unpublished(ctx, f.target, err)
	}
	progress.Done()
	return publish(a, outputs, r, rotate.Text, r.Conclusion, f.noColor)
}
