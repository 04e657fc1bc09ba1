package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/diagnosis"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// runFlags are the flags of `run`.
type runFlags struct {
	targetFlags
	seedFlag
	patterns, reports []string
	tier, profile     string
	gateFlags
	evidence       string
	function       string
	acceptProbe    bool
	destructive    bool
	jobs           int
	quiet, noColor bool
	verbose        bool
	timeout        time.Duration
	offline        bool
}

// listens says where the commands listen that start targets.
const listens = "It listens on loopback only, on free ports: for each target that it starts, a stand-in for Inngest's\n" +
	"API on 127.0.0.1, and one on [::1] to which that redirects.\n"

func (a *app) runCommand() *cobra.Command {
	f := runFlags{}
	command := &cobra.Command{
		Use: "run [flags]", Short: "Runs the conformance suite against a target", Args: noArguments,
		Long: "Without --target and --url the target is the embedded reference.\n\n" +
			listens + "Nothing leaves the machine, unless --url has an address elsewhere and --allow-remote allows that.\n\n" +
			"Exit codes: 0 conforms, 1 violates, 2 usage error, 3 could not judge, 4 void, 5 stale baseline.",
		Example: `  countersign run                                                the embedded reference
  countersign run --target inngest-js@4.24.0 --report json=r.json
  countersign run --target inngest-js --case 'receiving.*'       some cases, plus the core
  countersign run --target inngest-js --evidence evidence        and keep what was observed, for a reviewer
  INNGEST_SIGNING_KEY=… countersign run --url http://127.0.0.1:3000/api/inngest --function my-app-hello`,
		RunE: func(c *cobra.Command, _ []string) error {
			f.draw(c)
			return a.run(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *runFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	f.registerTarget(c)
	f.registerRate(c, careful)
	flags.StringVar(&f.function, "function", "", "with --url: the `ID` of a harmless function that may run, so that calls are judged as calls")
	flags.BoolVar(&f.acceptProbe, "accept-probe", false, "with --url: conform although calls are judged by trust probes; the report says so")
	flags.StringArrayVar(&f.patterns, "case", nil, "run only cases matching `PATTERN`, plus the four core cases and what they rest on;\nrepeatable")
	flags.StringVar(&f.tier, "tier", suite.Default.String(), "which cases: the `TIER` smoke, default or deep")
	flags.StringVar(&f.profile, "profile", string(suite.ProfileDefault), "how ambiguities are scored: the `PROFILE` default, or spec for the letter of the specification")
	flags.BoolVar(&f.destructive, "destructive", false, "also send what may end the target; it is restarted each time")
	f.registerSeed(c, "keys, nonces and mutants")
	flags.IntVar(&f.jobs, "jobs", runtime.NumCPU(), "targets running at the same time")
	f.registerGate(c)
	flags.DurationVar(&f.timeout, "timeout", limits.Run, "end the run after this `DURATION`, with what was judged until then, and exit code 3; 0: never")
	flags.BoolVar(&f.offline, "offline", false, "install nothing: the target must be installed already")
	registerReports(c, &f.reports, report.Formats)
	flags.StringVar(&f.evidence, "evidence", "", "keep what was observed in the folder `DIR`, for others to judge with `countersign judge --from DIR`")
	flags.BoolVar(&f.verbose, "verbose", false, verboseHelp)
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
	flags.BoolVar(&f.noColor, "no-color", false, "no colours, as with NO_COLOR")
}

func (f runFlags) check() error {
	if f.jobs < 1 {
		return page.Usage("--jobs 1 runs one target after the other", "--jobs must be at least 1, not %d", f.jobs)
	}
	if f.url == "" && (f.function != "" || f.acceptProbe) {
		return page.Usage("a target that is started here has functions of its own", "--function and --accept-probe require --url")
	}
	switch {
	case f.timeout < 0:
		return page.Usage("for example --timeout 10m", "--timeout must not be negative")
	case f.offline && f.url != "":
		return page.Usage("nothing is installed for an endpoint at a URL", "--offline requires --target")
	}
	if err := f.gateFlags.check(); err != nil {
		return err
	}
	return f.targetFlags.check()
}

// options are the options that the flags select.
func (f runFlags) options(a *app) (o run.Options, err error) {
	if err := f.check(); err != nil {
		return o, err
	}
	o = run.Options{Seed: f.seed, Jobs: f.jobs, Tool: tool(), Command: a.self + " run"}
	if f.keyFile != "" {
		o.Command += " --key-file " + page.Quote(f.keyFile)
	}
	o.Selection.Patterns, o.Selection.Destructive = f.patterns, f.destructive
	o.Selection.Tier, o.Selection.Profile = run.TierOf(f.tier), suite.Profile(f.profile)
	if o.Target, err = f.chosen(a.getenv); err != nil {
		return o, err
	}
	o.Target.Function, o.Target.AcceptProbe, o.Target.Offline = f.function, f.acceptProbe, f.offline
	o.Catalogue, o.Timeout, o.Evidence = f.catalogue, f.timeout, f.evidence
	o.Gate, o.Baseline, err = f.gate()
	return o, err
}

func (a *app) run(ctx context.Context, f runFlags) error {
	o, err := f.options(a)
	if err != nil {
		return err
	}
	outputs, err := formats[report.Report](report.Formats).parse(f.reports)
	if err != nil {
		return err
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	o.Say, o.Announce, o.Watch = progress.Say, progress.Announce, progress.Watch
	if f.url != "" {
		o.Announce = func(format string, args ...any) {
			progress.Announce(format+fmt.Sprintf(" Where something fails, at most %d more find out whether the set-up is the reason.", limits.DiagnosisRequests), args...)
		}
	}
	o.Diagnose = func(ctx context.Context) []report.SetupMistake { return a.mistakes(ctx, f, progress) }
	r, err := run.Run(ctx, o)
	if err != nil {
		return a.withDiagnosis(ctx, f, unpublished(ctx, f.target, err), progress)
	}
	progress.Done()
	return publish(a, outputs, r, report.Summary(f.verbose), r.Conclusion, f.noColor)
}

// mistakes are what is wrong with the set-up of the endpoint that is judged.
func (a *app) mistakes(ctx context.Context, f runFlags, progress *report.ProgressPrinter) []report.SetupMistake {
	progress.Say("finding out whether the set-up is the reason")
	d, ok := a.ofSetup(ctx, f)
	all := d.Mistakes()
	if ok && len(all) == 0 {
		progress.Say("the set-up is not the reason: no mistake was found in %s", page.Count(d.Requests, "request"))
	}
	return all
}

// ofSetup diagnoses the set-up of the endpoint that is judged. Where it cannot, the
// result of the run stands alone.
func (a *app) ofSetup(ctx context.Context, f runFlags) (r diagnosis.Result, ok bool) {
	primary, fallback, err := launch.ReadKeyTexts(a.getenv, f.keyFile)
	if err != nil {
		return r, false
	}
	r, err = diagnosis.Run(ctx, diagnosis.Options{
		URL: f.url, AllowRemote: f.allowRemote, Primary: primary, Fallback: fallback, Others: a.otherKeys(), Rate: int(f.rate),
	})
	return r, err == nil
}

// withDiagnosis adds what is wrong with the set-up to an error that kept the run from
// a result: the cause is then that one, and the hint is its fix.
func (a *app) withDiagnosis(ctx context.Context, f runFlags, err error, progress *report.ProgressPrinter) error {
	var described *page.Error
	if f.url == "" || !errors.As(err, &described) || described.Code != page.ExitCouldNotJudge || ctx.Err() != nil {
		return err
	}
	found := a.mistakes(ctx, f, progress)
	if len(found) == 0 {
		return err
	}
	progress.Done()
	explained := *described
	explained.Cause, explained.Hint = "", found[0].Fix
	if err := report.Mistakes(a.stderr, found, a.style(a.stderr, f.noColor)); err != nil {
		return err
	}
	return &explained
}
