package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/matrix"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
)

// compareFlags are the flags of `explain` that run the case.
type compareFlags struct {
	limitFlags
	seedFlag
	targets []string
	quiet   bool
	noColor bool
}

func (f *compareFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&f.targets, "targets", nil, "run the case against these targets: NAME[/VARIANT][@VERSION], the path of a target's folder,\nor reference, the embedded one; `LIST` separated by commas")
	f.registerLimits(c)
	f.registerSeed(c, "keys, nonces and mutants")
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

// compare runs a case against targets and shows their exchanges beside each other.
func (a *app) compare(ctx context.Context, id string, f compareFlags) error {
	progress := a.progress(f.quiet)
	defer progress.Done()
	compared := matrix.Comparison{ID: id}
	for _, target := range f.targets {
		progress.Say("%s: installing, and running %s", target, id)
		r, err := run.Run(ctx, run.Options{
			Target: matrix.Target(target, f.limits), Selection: run.Selection{Patterns: []string{id}}, Seed: f.seed, Tool: tool(),
		})
		if err != nil {
			return err
		}
		compared.Reports = append(compared.Reports, r)
	}
	progress.Done()
	a.code = compared.ExitCode()
	if err := compared.Text(a.stdout, a.style(a.stdout, f.noColor)); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return nil
}
