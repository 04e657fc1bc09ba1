package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/matrix"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
)

// matrixFlags are the flags of `matrix`.
type matrixFlags struct {
	limitFlags
	seedFlag
	patterns, reports   []string
	baselines           []string
	tier, profile       string
	destructive         bool
	byCase, skipMissing bool
	anyVerdict          bool
	merge, anySeed      bool
	parallel, jobs      int
	shard, state        string
	quiet, noColor      bool
}

func (a *app) matrixCommand() *cobra.Command {
	f := matrixFlags{}
	command := &cobra.Command{
		Use: "matrix TARGET[/VARIANT][@VERSION,...]...", Short: "Runs the conformance suite against many targets and versions, and compares them in one table",
		Long: "A TARGET is a name (see `countersign targets`), the path of a target's folder, or `reference`, the\n" +
			"embedded one. Several versions are separated by commas; `newest` is the newest release that the\n" +
			"target supports.\n\n" +
			listens + "\n" +
			"Each finished target is kept in the folder of --state. The same command goes on from there after an\n" +
			"interruption: it judges again only what could not be judged, and targets whose folder has changed.\n\n" +
			"With --shard I/N the command judges only a part of the targets; `matrix --merge` joins the JSON\n" +
			"reports of all shards, which must have the same --seed.\n\n" +
			"The exit code is that of the worst target: 2 usage error, 4 void, 1 violates, 3 could not judge (also\n" +
			"one that cannot be installed), 5 stale baseline, 0 all conform.",
		Example: `  countersign matrix inngest-js@3.18.0,newest inngest-go inngest-py
  countersign matrix reference ./my-sdk --cases --report markdown=table.md
  countersign matrix inngest-js inngest-go --seed 7 --shard 1/2 --report json=one.json
  countersign matrix --merge one.json two.json --report markdown=table.md`,
		ValidArgsFunction: completeWith(namedTargets),
		RunE: func(c *cobra.Command, args []string) error {
			f.anySeed = !c.Flags().Changed("seed")
			f.draw(c)
			return a.matrix(c.Context(), f, args)
		},
	}
	f.register(command)
	return command
}

func (f *matrixFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringArrayVar(&f.patterns, "case", nil, "run only cases matching `PATTERN`, plus the four core cases and what they rest on;\nrepeatable")
	flags.StringVar(&f.tier, "tier", suite.Default.String(), "which cases: the `TIER` smoke, default or deep")
	flags.StringVar(&f.profile, "profile", string(suite.ProfileDefault), "how ambiguities are scored: the `PROFILE` default, or spec for the letter of the specification")
	flags.BoolVar(&f.destructive, "destructive", false, "also send what may end the target; it is restarted each time")
	flags.StringArrayVar(&f.baselines, "baseline", nil, "known violations of a target, with or without its version: `TARGET=FILE`, see\n`countersign run --help`; repeatable")
	flags.BoolVar(&f.byCase, "cases", false, "a row for each case, not for each chapter")
	flags.BoolVar(&f.skipMissing, "skip-missing", false, "a target that cannot be installed here (no tool, no registry) is skipped and does not\ncount for the exit code")
	flags.BoolVar(&f.anyVerdict, "any-verdict", false, "exit with 0 if every target was judged and no case is inconclusive, whatever the verdicts;\notherwise with 3 or 4")
	flags.IntVar(&f.parallel, "parallel", 0, "targets judged at the same time (default: one for two CPUs)")
	flags.IntVar(&f.jobs, "jobs", 0, "processes of all targets running at the same time (default: the number of CPUs)")
	flags.StringVar(&f.state, "state", "", "the `FOLDER` that keeps finished targets (default: a temporary one, named on Ctrl-C)")
	flags.StringVar(&f.shard, "shard", "", "judge only the targets of shard `I/N`")
	flags.BoolVar(&f.merge, "merge", false, "the arguments are JSON reports of shards: join them")
	f.registerSeed(c, "keys, nonces and mutants")
	f.registerLimits(c)
	registerReports(c, &f.reports, matrix.Formats(matrix.Chapters))
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

func (f matrixFlags) check(args []string) error {
	switch {
	case len(args) == 0 && f.merge:
		return page.Usage("for example: countersign matrix --merge one.json two.json", "--merge requires the JSON reports of the shards")
	case len(args) == 0:
		return page.Usage("`countersign targets` lists them; for example: countersign matrix inngest-js inngest-go", "matrix requires at least one target")
	case f.parallel < 0 || f.jobs < 0:
		return page.Usage("leave them out for their defaults", "--parallel and --jobs must be greater than zero")
	case f.merge && (f.shard != "" || f.state != ""):
		return page.Usage("merge only joins reports", "--merge excludes --shard and --state")
	case f.shard != "" && f.anySeed && f.state == "":
		return page.Usage("for example --seed 7, the same for every shard", "--shard requires --seed")
	}
	return nil
}

// options are the options that the flags select.
func (f matrixFlags) options(targets []string) (o matrix.Options, err error) {
	o = matrix.Options{
		Targets: targets, Limits: f.limits, Seed: f.seed, AnySeed: f.anySeed, Parallel: f.parallel, Jobs: f.jobs,
		SkipMissing: f.skipMissing, State: f.state, Tool: tool(),
		Selection: run.Selection{Patterns: f.patterns, Destructive: f.destructive},
	}
	for _, text := range f.baselines {
		known, err := matrix.ReadBaseline(text)
		if err != nil {
			return o, err
		}
		o.Baselines = append(o.Baselines, known)
	}
	o.Selection.Tier, o.Selection.Profile = run.TierOf(f.tier), suite.Profile(f.profile)
	if f.shard != "" {
		o.Shard, err = matrix.ParseShard(f.shard)
	}
	return o, err
}

func (f matrixFlags) rows() matrix.Rows {
	if f.byCase {
		return matrix.Cases
	}
	return matrix.Chapters
}

func (a *app) matrix(ctx context.Context, f matrixFlags, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	outputs, err := formats[matrix.Matrix](matrix.Formats(f.rows())).parse(f.reports)
	if err != nil {
		return err
	}
	m, err := a.matrixOf(ctx, f, args)
	if err != nil {
		return err
	}
	if f.anyVerdict {
		m.Conclusion = m.Judged()
	}
	return publish(a, outputs, m, matrix.Text(f.rows()), m.Conclusion, f.noColor)
}

// matrixOf judges the targets, or merges the shards.
func (a *app) matrixOf(ctx context.Context, f matrixFlags, args []string) (matrix.Matrix, error) {
	if f.merge {
		return matrix.Merge(args)
	}
	o, err := f.options(args)
	if err != nil {
		return matrix.Matrix{}, err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	o.Say = progress.Say
	return matrix.Run(ctx, o)
}
