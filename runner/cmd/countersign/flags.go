package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/runner/sweep"
	"github.com/countersign-dev/countersign/suite/limits"
)

// targetFlags are the flags that choose a target.
type targetFlags struct {
	limitFlags
	target, url, keyFile   string
	allowSync, allowRemote bool
	rate                   uint16
	given                  func(flag string) bool // whether a flag was given
}

// Rates of requests to an endpoint at a URL, per second.
const (
	careful = 20  // one that serves others meanwhile is not slowed down
	brisk   = 100 // a campaign of a minute is still worth its time
)

// targetHelp describes --target.
const targetHelp = "install and start a published SDK: `NAME[/VARIANT][@VERSION]`, see `countersign targets`;\nor the path of a folder with a target.yaml"

// limitFlags are the flags that limit how long a target may take.
type limitFlags struct{ limits launch.Limits }

func (f *limitFlags) registerLimits(c *cobra.Command) {
	c.Flags().DurationVar(&f.limits.Setup, "setup-limit", 0, fmt.Sprintf("`DURATION` of the target's set-up (default: its own limit, or %s)", limits.SetUp))
	c.Flags().DurationVar(&f.limits.Start, "start-limit", 0, fmt.Sprintf("`DURATION` from the target's start to its first response (default: its own limit, or %s)", limits.Start))
	c.PreRunE = func(c *cobra.Command, _ []string) error { return f.checkLimits(c) }
}

func (f *limitFlags) checkLimits(c *cobra.Command) error {
	for name, limit := range map[string]time.Duration{"setup-limit": f.limits.Setup, "start-limit": f.limits.Start} {
		if err := launch.CheckLimit(limit); err != nil && c.Flags().Changed(name) {
			return page.Usage("leave it out for the default", "--%s: %v", name, err)
		}
	}
	return nil
}

// registerTarget registers the flags that choose a target.
func (f *targetFlags) registerTarget(c *cobra.Command) {
	flags := c.Flags()
	f.given = flags.Changed
	flags.StringVar(&f.target, "target", "", targetHelp)
	f.registerLimits(c)
	flags.StringVar(&f.url, "url", "", "the `URL` of an endpoint that is already running, with the keys in INNGEST_SIGNING_KEY and\nINNGEST_SIGNING_KEY_FALLBACK")
	flags.StringVar(&f.keyFile, "key-file", "", "with --url: read the keys from a `FILE`")
	flags.BoolVar(&f.allowSync, "allow-sync", false, "with --url: send syncs, which may make the endpoint register itself")
	flags.BoolVar(&f.allowRemote, "allow-remote", false, "with --url: allow an address other than loopback")
}

// registerRate registers the flag that limits how fast an endpoint is sent requests.
func (f *targetFlags) registerRate(c *cobra.Command, perSecond uint16) {
	c.Flags().Uint16Var(&f.rate, "rate", perSecond, "with --url: send at most `N` requests per second; 0: no limit")
}

func (f targetFlags) check() error {
	switch {
	case f.target != "" && f.url != "":
		return page.Usage("--target installs and starts an SDK, --url uses a running endpoint", "--target and --url are mutually exclusive")
	case f.target == "" && f.limits != launch.Limits{}:
		return page.Usage("an endpoint at a URL is neither installed nor started here", "--setup-limit and --start-limit require --target")
	case f.url == "" && (f.keyFile != "" || f.allowSync || f.allowRemote || f.given("rate")):
		return page.Usage("a target that is started here gets keys of its own, and all requests at once", "--key-file, --allow-sync, --allow-remote and --rate require --url")
	}
	return nil
}

// chosen is the target that the flags choose; the keys come from the environment
// or a file.
func (f targetFlags) chosen(getenv func(string) string) (run.TargetSpec, error) {
	t := run.TargetSpec{Name: f.target, Limits: f.limits, URL: f.url, AllowSync: f.allowSync, AllowRemote: f.allowRemote, Rate: int(f.rate)}
	if f.url == "" {
		return t, nil
	}
	var err error
	t.Keys, err = launch.ReadKeys(getenv, f.keyFile)
	return t, err
}

// open opens the target that the flags choose.
func (a *app) open(ctx context.Context, f targetFlags, o run.OpenOptions, p *report.ProgressPrinter) (*run.Lab, error) {
	o.Say = p.Say
	target, err := f.chosen(a.getenv)
	if err != nil {
		return nil, err
	}
	lab, err := run.Open(ctx, target, o)
	return lab, unpublished(ctx, f.target, run.Describe(err))
}

// unpublished is the error for a target that could not be installed because its version
// was never published; any other error is as it was.
func unpublished(ctx context.Context, target string, err error) error {
	var described *page.Error
	name, version := run.SplitVersion(target)
	if version == "" || ctx.Err() != nil || !errors.As(err, &described) || described.Code != page.ExitCouldNotJudge || described.Output == "" {
		return err
	}
	d, notFound := launch.Find(name)
	if notFound != nil {
		return err
	}
	if wrong := sweep.Unpublished(ctx, d, version); wrong != nil {
		return wrong
	}
	return err
}

// seedFlag is the number that everything random is drawn from.
type seedFlag struct{ seed uint64 }

func (f *seedFlag) registerSeed(c *cobra.Command, what string) {
	c.Flags().Uint64Var(&f.seed, "seed", 0, "draw "+what+" from this number (default: a random one)")
}

// draw chooses a seed where none was given.
func (f *seedFlag) draw(c *cobra.Command) {
	if !c.Flags().Changed("seed") {
		f.seed = uint64(rand.Uint32())
	}
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return page.Usage("did you mean --target "+args[0]+"?", "%s takes only flags, not %q", c.Name(), args[0])
	}
	return nil
}
