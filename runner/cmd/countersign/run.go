package main

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// runFlags are what `run` was asked for.
type runFlags struct {
	target, url, keyFile   string
	allowSync, allowRemote bool
	patterns, reports      []string
	tier, profile          string
	baseline               string
	destructive            bool
	seed                   uint64
	jobs                   int
	quiet, noColor         bool
	keepAlive              bool // use connections again, which is faster
}

func (a *app) runCommand() *cobra.Command {
	f := runFlags{}
	command := &cobra.Command{
		Use: "run [flags]", Short: "Judges a target and says what it came to",
		Long: "Without --target and --url it judges the embedded reference.\n\n" +
			"Exit codes: 0 conforms, 1 violates, 2 usage, 3 could not judge, 4 void, 5 stale baseline.",
		Example: `  countersign run                                                the embedded reference
  countersign run --target inngest-js@4.24.0 --report json=r.json
  countersign run --target inngest-js --case 'receiving.*'       some cases, and the core
  INNGEST_SIGNING_KEY=… countersign run --url http://127.0.0.1:3000/api/inngest`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return page.Usage("did you mean --target "+args[0]+"?", "run takes flags only, not %q", args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if !c.Flags().Changed("seed") {
				f.seed = uint64(rand.Uint32())
			}
			return a.judge(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *runFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.target, "target", "", "judge a published SDK: `NAME[@VERSION]`, see `countersign targets`")
	flags.StringVar(&f.url, "url", "", "judge an endpoint that runs already, with the keys in INNGEST_SIGNING_KEY and\nINNGEST_SIGNING_KEY_FALLBACK")
	flags.StringVar(&f.keyFile, "key-file", "", "with --url: read the keys from a `FILE`")
	flags.BoolVar(&f.allowSync, "allow-sync", false, "with --url: send syncs, which make the endpoint register itself")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "with --url: judge an address other than loopback")
	flags.StringArrayVar(&f.patterns, "case", nil, "only cases whose id matches a `PATTERN`, and the core; repeatable")
	flags.StringVar(&f.tier, "tier", suite.Default.String(), "how much to judge: smoke, default or deep")
	flags.StringVar(&f.profile, "profile", string(suite.ProfileDefault), "how ambiguities are scored: default, or spec for the specification's letter")
	flags.BoolVar(&f.destructive, "destructive", false, "also send what may end the target; it is started again each time")
	flags.Uint64Var(&f.seed, "seed", 0, "draw keys, nonces and mutants from this number (default: a new one)")
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "targets alive at once")
	flags.StringVar(&f.baseline, "baseline", "", "known violations: a YAML `FILE` of case, reason and link")
	flags.StringArrayVar(&f.reports, "report", nil, "write a report as `FORMAT=FILE`: json=FILE, - is standard output; repeatable")
	flags.BoolVar(&f.quiet, "quiet", false, "tell no progress")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

// order is a run that can begin: everything that was asked for makes sense.
type order struct {
	runFlags
	choice
	scope    scope
	outputs  []output
	baseline *report.Baseline
}

func (f runFlags) check() (o order, err error) {
	o.runFlags = f
	if err := f.checkTogether(); err != nil {
		return o, err
	}
	o.scope.destructive = f.destructive
	if o.scope.tier, err = parseTier(f.tier); err != nil {
		return o, err
	}
	if o.scope.profile, err = parseProfile(f.profile); err != nil {
		return o, err
	}
	if o.choice, err = choose(f.patterns, o.scope); err != nil {
		return o, err
	}
	if o.outputs, err = parseOutputs(f.reports); err != nil {
		return o, err
	}
	o.baseline, err = readBaseline(f.baseline)
	return o, err
}

func (f runFlags) checkTogether() error {
	switch {
	case f.target != "" && f.url != "":
		return page.Usage("--target installs and starts an SDK, --url finds one running: take one of them", "--target and --url exclude each other")
	case f.url == "" && (f.keyFile != "" || f.allowSync || f.allowRemote):
		return page.Usage("a target that the run starts itself gets keys of its own", "--key-file, --allow-sync and --allow-remote go with --url")
	case f.jobs < 1:
		return page.Usage("--jobs 1 judges one target after the other", "--jobs %d leaves nobody to judge", f.jobs)
	}
	return nil
}

// judge is the main job: check the suite, judge the target, tell the result.
func (a *app) judge(ctx context.Context, f runFlags) error {
	o, err := f.check()
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	started := time.Now()
	facts := report.Facts{
		Tool: tool(), Tier: o.scope.tier, Profile: o.scope.profile, Available: len(casesOf(o.scope)), Seed: f.seed, Started: started, Added: o.added, Baseline: o.baseline,
	}
	if facts.SelfCheck, err = selfCheck(ctx, o.cases, engine.Options{Jobs: f.jobs, Seed: f.seed}); err != nil {
		return blame(err)
	}
	bench, err := a.open(ctx, f, progress)
	if err != nil {
		return blame(err)
	}
	defer bench.close()
	judged, err := engine.Judge(ctx, bench.lab, o.cases, engine.Options{Jobs: f.jobs, Seed: f.seed, Watch: progress.Watch})
	if err != nil {
		return blame(err)
	}
	if facts.Measurements, err = o.measure(ctx, bench, judged, progress); err != nil {
		return blame(err)
	}
	progress.Done()
	facts.Target, facts.Command, facts.Took = bench.target, bench.command+o.scope.flags(), time.Since(started)
	return a.tell(report.New(judged, facts), o)
}

// tell writes the reports and the summary; the summary gives way where a
// report goes to standard output.
func (a *app) tell(r report.Report, o order) error {
	for _, out := range o.outputs {
		if err := out.save(r, a.stdout); err != nil {
			return page.CouldNotJudge("the run itself came to: "+r.Conclusion.Verdict, "%v", err)
		}
	}
	summary := a.stdout
	if toStdout(o.outputs) {
		summary = a.stderr
	}
	a.code = r.Conclusion.ExitCode
	if err := report.Text(summary, r, a.style(summary, o.noColor)); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	return nil
}
