package main

import (
	"context"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/runner/sweep"
	"github.com/countersign-dev/countersign/suite/limits"
)

// sweepFlags are the flags of `sweep`.
type sweepFlags struct {
	seedFlag
	limitFlags
	target, versions  string
	patterns, reports []string
	tier              string
	max, jobs         int
	timeout           time.Duration
	pre, bisect, keep bool
	quiet, noColor    bool
}

func (a *app) sweepCommand() *cobra.Command {
	f := sweepFlags{}
	command := &cobra.Command{
		Use: "sweep --target NAME --versions VERSIONS [flags]", Args: cobra.NoArgs,
		Short: "Runs the suite across SDK versions and reports the first version that passes each case",
		Long: "VERSIONS is a list (3.17.0,3.18.0), a range (3.16.0..3.20.0, 3.16.0..) or a constraint\n" +
			"('>=3.16.0 <3.20.0', ~3.18). Ranges and constraints select from the published versions. Without\n" +
			"--case and --tier the cases are the smoke tier and those about key rotation.\n\n" +
			listens + "\n" +
			"Versions are judged one after the other. Each is installed into a temporary folder (TMPDIR), which\n" +
			"takes up to 255 MB, and is removed after it was judged. Versions that are already in the cache are\n" +
			"used and stay there.\n\n" +
			"Exit codes: 0 every version was judged, whatever the verdicts; 2 usage error; 3 some could not be\n" +
			"judged; 4 void.",
		Example: `  countersign sweep --target inngest-js --versions 3.16.0..3.20.0
  countersign sweep --target inngest-js --versions 3.0.0..4.24.0 --bisect
  countersign sweep --target inngest-js --versions ~3.18 --case 'keys.*' --report json=sweep.json`,
		RunE: func(c *cobra.Command, _ []string) error {
			f.draw(c)
			return a.sweep(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *sweepFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.target, "target", "", "the SDK: a `NAME[/VARIANT]`, see `countersign targets`, or the path of a target's folder")
	f.registerLimits(c)
	flags.StringVar(&f.versions, "versions", "", "the `VERSIONS`: a,b,c or a..b or a constraint")
	flags.BoolVar(&f.pre, "pre", false, "include pre-releases in a range or a constraint")
	flags.StringArrayVar(&f.patterns, "case", nil, "run only cases matching `PATTERN`, plus the four core cases and what they rest on;\nrepeatable")
	flags.StringVar(&f.tier, "tier", "", "run the cases of a `TIER`: smoke, default or deep")
	flags.BoolVar(&f.bisect, "bisect", false, "judge only the versions needed to find each change; assumes that nothing changes\nbetween two judged versions with the same verdict")
	flags.IntVar(&f.max, "max", 40, "judge at most this many versions")
	flags.DurationVar(&f.timeout, "timeout", limits.Run, "start no version after this time; the rest is reported as not judged")
	flags.BoolVar(&f.keep, "keep", false, "keep installed versions in the cache, for later runs")
	f.registerSeed(c, "keys, nonces and mutants")
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "targets of one version running at the same time")
	registerReports(c, &f.reports, sweep.Formats)
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

func (f sweepFlags) check() error {
	name, version := run.SplitVersion(f.target)
	switch {
	case f.target == "":
		return page.Usage("`countersign targets` lists them; write --target inngest-js", "sweep requires --target")
	case version != "":
		return page.Usage("write --target "+name+" --versions "+version, "the target of a sweep has no version")
	case f.versions == "":
		return page.Usage("for example --versions 3.16.0..3.20.0", "sweep requires --versions")
	case f.max < 1 || f.jobs < 1 || f.timeout <= 0:
		return page.Usage("leave them out for their defaults", "--max, --jobs and --timeout must be greater than zero")
	}
	return nil
}

// options are the options that the flags select.
func (f sweepFlags) options() (o sweep.Options, err error) {
	if err := f.check(); err != nil {
		return o, err
	}
	o = sweep.Options{
		Target: f.target, Limits: f.limits, Versions: f.versions, Pre: f.pre, Bisect: f.bisect, Max: f.max, Timeout: f.timeout,
		Keep: f.keep, Seed: f.seed, Jobs: f.jobs, Tool: tool(), Selection: run.Selection{Patterns: f.patterns},
	}
	switch {
	case f.tier != "":
		o.Selection.Tier = run.TierOf(f.tier)
	case len(f.patterns) == 0:
		o.Selection = sweep.Rotation()
	}
	return o, err
}

func (a *app) sweep(ctx context.Context, f sweepFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	outputs, err := formats[sweep.Sweep](sweep.Formats).parse(f.reports)
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	o.Say = progress.Say
	s, err := sweep.Run(ctx, o)
	if err != nil {
		return err
	}
	progress.Done()
	return publish(a, outputs, s, sweep.Text, s.Conclusion, f.noColor)
}
