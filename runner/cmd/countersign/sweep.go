package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/sweep"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// rotation is the cases that show, besides the smoke tier, whether keys can be
// rotated without downtime.
var rotation = []string{
	"keys.fallback-after-refusal", "keys.fallback-after-forbidden", "keys.fallback-completes-sync",
	"sending.use-api", "sending.use-api-fallback", "sending.use-api-fallback-forbidden",
}

// sweepFlags are what `sweep` was asked for.
type sweepFlags struct {
	target, versions  string
	patterns, reports []string
	tier              string
	max, jobs         int
	timeout           time.Duration
	seed              uint64
	pre, bisect, keep bool
	quiet, noColor    bool
}

func (a *app) sweepCommand() *cobra.Command {
	f := sweepFlags{}
	command := &cobra.Command{
		Use: "sweep --target NAME --versions VERSIONS [flags]", Short: "Judges cases over versions and says from which one on each holds", Args: cobra.NoArgs,
		Long: "VERSIONS is a list (3.17.0,3.18.0), a range (3.16.0..3.20.0, 3.16.0..) or a constraint\n" +
			"('>=3.16.0 <3.20.0', ~3.18); ranges and constraints take what the registry has. Without\n" +
			"--case and --tier it judges the smoke tier and the cases about key rotation.\n\n" +
			"Versions are judged one after the other. As one may take 255 MB, what the sweep installs goes\n" +
			"into a temporary folder (TMPDIR) and is removed once it was judged; what the cache holds\n" +
			"already is used and stays.\n\n" +
			"Exit codes: 0 all was judged, whatever holds; 2 usage; 3 something could not be judged; 4 void.",
		Example: `  countersign sweep --target inngest-js --versions 3.16.0..3.20.0
  countersign sweep --target inngest-js --versions 3.0.0..4.24.0 --bisect
  countersign sweep --target inngest-js --versions ~3.18 --case 'keys.*' --report json=sweep.json`,
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("seed") {
				f.seed = uint64(rand.Uint32())
			}
			return a.sweep(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *sweepFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.target, "target", "", "whose versions: a `NAME`, see `countersign targets`, or the path of a target's folder")
	flags.StringVar(&f.versions, "versions", "", "which `VERSIONS`: a,b,c or a..b or a constraint")
	flags.BoolVar(&f.pre, "pre", false, "with a range or a constraint: pre-releases, too")
	flags.StringArrayVar(&f.patterns, "case", nil, "only cases whose id matches a `PATTERN`, and the core; repeatable")
	flags.StringVar(&f.tier, "tier", "", "only cases of a `TIER`: smoke, default or deep")
	flags.BoolVar(&f.bisect, "bisect", false, "judge only the versions that it takes to find each change; this assumes that nothing\nchanges between two judged versions with the same verdict")
	flags.IntVar(&f.max, "max", 40, "judge at most this many versions")
	flags.DurationVar(&f.timeout, "timeout", time.Hour, "begin no version after this time; what is left is reported as not judged")
	flags.BoolVar(&f.keep, "keep", false, "leave what is installed in the cache, for later runs")
	flags.Uint64Var(&f.seed, "seed", 0, "draw keys, nonces and mutants from this number (default: a new one)")
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "targets of one version alive at once")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report as `FORMAT=FILE`: json=FILE or csv=FILE, - is standard output; repeatable")
	flags.BoolVar(&f.quiet, "quiet", false, "tell no progress")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

// sweepOrder is a sweep of which all that can be known beforehand makes sense.
type sweepOrder struct {
	sweepFlags
	described launch.Description
	cases     []suite.Case
	outputs   []sweepOutput
}

func (f sweepFlags) check() (o sweepOrder, err error) {
	o.sweepFlags = f
	if err := f.checkTogether(); err != nil {
		return o, err
	}
	if o.described, err = launch.Find(f.target); err != nil {
		return o, blame(err)
	}
	if o.cases, err = f.choose(); err != nil {
		return o, err
	}
	o.outputs, err = parseSweepOutputs(f.reports)
	return o, err
}

func (f sweepFlags) checkTogether() error {
	name, version := splitVersion(f.target)
	switch {
	case f.target == "":
		return page.Usage("`countersign targets` lists them; write --target inngest-js", "sweep needs a --target")
	case version != "":
		return page.Usage("write --target "+name+" --versions "+version, "the versions of a sweep are not part of its target")
	case f.versions == "":
		return page.Usage("write --versions 3.16.0..3.20.0, for example", "sweep needs --versions")
	case f.max < 1 || f.jobs < 1 || f.timeout <= 0:
		return page.Usage("leave them out for their defaults", "--max, --jobs and --timeout must be more than nothing")
	}
	return nil
}

// choose picks the cases; the core is always in, for it shows who answers.
func (f sweepFlags) choose() ([]suite.Case, error) {
	patterns, tier := f.patterns, suite.Default
	switch {
	case f.tier != "":
		var err error
		if tier, err = parseTier(f.tier); err != nil {
			return nil, err
		}
	case len(patterns) == 0:
		patterns = slices.Clone(rotation)
		for _, c := range casesOf(scope{tier: suite.Smoke}) {
			patterns = append(patterns, c.ID)
		}
	}
	chosen, err := choose(patterns, scope{tier: tier})
	return chosen.cases, err
}

func (o sweepOrder) ids() (ids []string) {
	for _, c := range o.cases {
		ids = append(ids, c.ID)
	}
	return ids
}

// sweep checks the suite, judges version after version and tells the result.
func (a *app) sweep(ctx context.Context, f sweepFlags) error {
	o, err := f.check()
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	facts := sweep.Facts{Target: o.described.Name, Requested: f.versions, Bisected: f.bisect, Seed: f.seed, Tool: tool(), Started: time.Now()}
	chosen, err := o.find(ctx, progress)
	if err != nil {
		return blame(err)
	}
	facts.Excluded = chosen.Excluded
	if facts.SelfCheck, err = selfCheck(ctx, o.cases, engine.Options{Jobs: f.jobs, Seed: f.seed}); err != nil {
		return blame(err)
	}
	versions, err := o.run(ctx, chosen.Versions, progress)
	if err != nil {
		return blame(err)
	}
	progress.Done()
	facts.Took = time.Since(facts.Started)
	return a.tellSweep(sweep.New(o.cases, versions, facts), o)
}

func (o sweepOrder) find(ctx context.Context, p *report.Progress) (sweep.Choice, error) {
	p.Say("looking for versions of %s", o.described.Name)
	chosen, err := sweep.Choose(ctx, o.described, o.versions, o.pre)
	if err == nil && !o.bisect {
		err = chosen.Limit(o.max)
	}
	return chosen, err
}

func (o sweepOrder) run(ctx context.Context, versions []string, p *report.Progress) ([]sweep.Version, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	bench := sweep.Bench{Target: o.described, Cases: o.ids(), Jobs: o.jobs, Seed: o.seed, Keep: o.keep}
	judged, err := sweep.Plan{
		Target: o.described.Name, Versions: versions, Cases: o.ids(), Bisect: o.bisect, Max: o.max, Judge: bench.Judge, Say: p.Say,
	}.Run(ctx)
	if errors.Is(err, context.Canceled) {
		return nil, page.CouldNotJudge("", "interrupted: no report was written")
	}
	return judged, err
}

// tellSweep writes the reports and the table; the table gives way where a report
// goes to standard output.
func (a *app) tellSweep(s sweep.Sweep, o sweepOrder) error {
	summary := a.stdout
	for _, out := range o.outputs {
		if out.file == "-" {
			summary = a.stderr
		}
		if err := out.fill(s).save(report.Report{}, a.stdout); err != nil {
			return page.CouldNotJudge("the sweep itself came to: "+s.Conclusion.Verdict, "%v", err)
		}
	}
	a.code = s.Conclusion.ExitCode
	if err := sweep.Text(summary, s, a.style(summary, o.noColor)); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return nil
}

// sweepOutput is one --report FORMAT=FILE of a sweep.
type sweepOutput struct {
	output
	write func(io.Writer, sweep.Sweep) error
}

// parseSweepOutputs checks the formats; files are checked as those of a run.
func parseSweepOutputs(texts []string) ([]sweepOutput, error) {
	var writers []func(io.Writer, sweep.Sweep) error
	var asRun []string
	for _, text := range texts {
		format, file, named := strings.Cut(text, "=")
		write, there := sweep.Formats[format]
		switch {
		case !there:
			known := slices.Sorted(maps.Keys(sweep.Formats))
			return nil, page.Usage("the formats of a sweep are: "+strings.Join(known, ", "), "there is no report format %q", format)
		case !named || file == "":
			return nil, page.Usage(fmt.Sprintf("write it as --report %s=FILE; - is standard output", format), "--report %q names no file", text)
		}
		writers, asRun = append(writers, write), append(asRun, "json="+file)
	}
	files, err := parseOutputs(asRun)
	var outputs []sweepOutput
	for i, file := range files {
		outputs = append(outputs, sweepOutput{file, writers[i]})
	}
	return outputs, err
}

// fill makes an output that writes this sweep, and takes no notice of a run's report.
func (o sweepOutput) fill(s sweep.Sweep) output {
	return output{func(w io.Writer, _ report.Report) error { return o.write(w, s) }, o.file}
}
