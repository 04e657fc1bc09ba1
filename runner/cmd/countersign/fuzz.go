package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/limits"
)

// fuzzFlags are the flags of `fuzz`.
type fuzzFlags struct {
	targetFlags
	destructiveFlag
	seedFlag
	quiet            bool
	duration         time.Duration
	shrinkFor        time.Duration
	requests         uint64
	workers          int
	shard            string
	findings, corpus string
	noCorpus         bool
}

func (a *app) fuzzCommand() *cobra.Command {
	f := fuzzFlags{}
	command := &cobra.Command{
		Use: "fuzz [flags]", Short: "Fuzzes a target's signature handling and reports violations", Args: noArguments,
		Long: "Draws requests that deviate from valid ones and compares the responses with what the\n" +
			"specification requires. Each violation is reduced to the smallest deviation that shows it,\n" +
			"or to the shortest sequence of requests, and saved as a folder for `countersign replay` and\n" +
			"`countersign promote`. Without --target and --url it fuzzes the embedded reference.\n\n" +
			listens + "\n" +
			"Exit codes: 0 no findings, 1 findings, 2 usage, 3 could not judge, 4 void.",
		Example: `  countersign fuzz --target inngest-js@4.24.0 --for 60s
  countersign fuzz --target inngest-js --requests 100000 --seed 7 --shard 1/4 --findings one
  INNGEST_SIGNING_KEY=… countersign fuzz --url http://127.0.0.1:3000/api/inngest`,
		RunE: func(c *cobra.Command, _ []string) error {
			f.draw(c)
			switch given := c.Flags().Changed; {
			case given("for") && f.duration == 0, given("requests") && f.requests == 0:
				return page.Usage("leave them out for one minute", "--for and --requests must be greater than zero")
			case f.duration == 0 && f.requests == 0:
				f.duration = time.Minute
			}
			return a.fuzz(c.Context(), f)
		},
	}
	f.register(command)
	return command
}

func (f *fuzzFlags) register(c *cobra.Command) {
	flags := c.Flags()
	flags.SortFlags = false
	f.registerTarget(c)
	f.registerRate(c, brisk)
	flags.DurationVar(&f.duration, "for", 0, "fuzz for this long (default: 1m0s, unless --requests is given)")
	flags.Uint64Var(&f.requests, "requests", 0, "total number of requests across all shards (shrinking sends extra)")
	f.registerSeed(c, "requests and keys")
	flags.IntVar(&f.workers, "workers", runtime.NumCPU(), "number of concurrent senders; each has targets of its own")
	flags.StringVar(&f.shard, "shard", "1/1", "send only the `I/N`th part of the requests; see `countersign merge`")
	flags.StringVar(&f.findings, "findings", "fuzz-findings", "save findings in this `DIR`")
	flags.StringVar(&f.corpus, "corpus", "", "start from, and save, inputs that show distinct behaviours in this `DIR` (default: in the cache)")
	f.registerDestructive(c)
	flags.BoolVar(&f.noCorpus, "no-corpus", false, "neither start from a corpus nor save one")
	flags.DurationVar(&f.shrinkFor, "shrink-for", limits.Shrink, "maximum time to shrink one finding")
	flags.BoolVar(&f.quiet, "quiet", false, "hide progress output")
}

// destructiveFlag lets an endpoint that is already running be harmed.
type destructiveFlag struct{ destructive bool }

func (f *destructiveFlag) registerDestructive(c *cobra.Command) {
	c.Flags().BoolVar(&f.destructive, "destructive", false, "with --url: also send requests that may end the endpoint")
}

// allowed is what may be sent to the target.
func (f destructiveFlag) allowed(t targetFlags) (o live.Options, err error) {
	if f.destructive && t.url == "" {
		return o, page.Usage("leave it out: a target that is started here is sent everything", "--destructive requires --url")
	}
	return live.Options{NoPut: t.url != "" && !t.allowSync, Destructive: f.destructive}, nil
}

// options checks the flags.
func (f fuzzFlags) options() (o live.Options, err error) {
	if err := f.check(); err != nil {
		return o, err
	}
	if f.workers < 1 || f.duration < 0 || f.shrinkFor <= 0 {
		return o, page.Usage("leave them out for their defaults", "--workers, --for and --shrink-for must be greater than zero")
	}
	if o, err = f.allowed(f.targetFlags); err != nil {
		return o, err
	}
	o.Seed, o.Requests, o.For, o.Workers, o.ShrinkFor = f.seed, f.requests, f.duration, f.workers, f.shrinkFor
	if o.Shard, o.Shards, err = parseShard(f.shard); err == nil && f.requests > 0 && f.requests < o.Shards {
		err = page.Usage("use fewer shards or more requests", "--requests %d leaves some of %d shards with nothing to send", f.requests, o.Shards)
	}
	return o, err
}

func parseShard(text string) (shard, shards uint64, err error) {
	rest := ""
	n, scanned := fmt.Sscanf(text+" .", "%d/%d %s", &shard, &shards, &rest)
	if scanned != nil || n != 3 || rest != "." || shard < 1 || shard > shards {
		return 0, 0, page.Usage("for example --shard 2/4", "--shard must be I/N with 1 <= I <= N, not %q", text)
	}
	return shard, shards, nil
}

// fuzz runs a campaign and prints its result.
func (a *app) fuzz(ctx context.Context, f fuzzFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	for _, folder := range []string{f.findings, f.corpus} {
		if err := fuzzing.Writable(folder); err != nil {
			return page.Usage("choose another folder", "%v", err)
		}
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	lab, err := a.open(ctx, f.targetFlags, run.OpenOptions{Seed: f.seed, KeepAlive: true, Before: func() error {
		progress.Announce("%s", plan(o, f.url, f.rate))
		return nil
	}}, progress)
	if err != nil {
		return err
	}
	defer lab.Close()
	name := nameOf(lab.Target)
	o.Watch = oncePerSecond(progress)
	result, err := fuzzing.Run(ctx, lab, fuzzing.Options{Options: o, Target: name, Folder: f.findings, CorpusPath: a.corpusPath(f, name)})
	progress.Done()
	if err != nil {
		return run.Describe(err)
	}
	return a.printFuzz(f, result, replayFlag(lab))
}

// plan describes what will be sent to an endpoint that is already running.
func plan(o live.Options, url string, rate uint16) string {
	often, kinds := fmt.Sprintf("requests will be sent to %s", url), "calls, trust probes, introspections, syncs and other methods"
	most, paced := fuzzing.Share(o.Requests, o.Shard, o.Shards), uint64(o.For.Seconds()*float64(rate))
	switch {
	case o.Requests > 0 && (paced == 0 || most <= paced):
		often = fmt.Sprintf("%d %s", most, often)
	case paced > 0:
		often = fmt.Sprintf("at most %d %s", paced, often)
	}
	if o.For > 0 {
		often = fmt.Sprintf("for at most %s, %s", o.For, often)
	}
	pace := ", as fast as it responds"
	if rate > 0 {
		pace = fmt.Sprintf(", at most %d per second", rate)
	}
	if o.NoPut {
		kinds = "calls, trust probes, introspections and methods other than PUT"
	}
	harm := "what may end the endpoint is left out"
	if o.Destructive {
		harm = "some may end the endpoint"
	}
	return fmt.Sprintf("%s%s: %s, valid and invalid; %s. No request names a function that exists. Shrinking a finding sends more.", often, pace, kinds, harm)
}

// replayFlag names the target to `replay`, where a finding alone must not: it is in
// a folder.
func replayFlag(lab *run.Lab) string {
	if lab.Target.Kind != report.Launched || launch.IsBuiltin(lab.Target.Name) {
		return ""
	}
	return lab.Flags
}

// nameOf names a target in findings, corpora and records.
func nameOf(t report.Target) string {
	switch {
	case t.URL != "":
		return t.URL
	case t.Version == "" || t.Kind == report.Embedded:
		return t.Name
	}
	return t.Name + "@" + t.Version
}

// oncePerSecond prints progress at most once per second.
func oncePerSecond(p *report.ProgressPrinter) func(live.Progress) {
	var mu sync.Mutex
	var last time.Time
	return func(now live.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) >= time.Second {
			last = time.Now()
			p.Say("%d requests, %d distinct behaviours, %d findings", now.Requests, now.Behaviours, now.Findings)
		}
	}
}

// corpusPath is where the corpus of a target is kept; empty where none is.
func (a *app) corpusPath(f fuzzFlags, target string) string {
	folder := f.corpus
	if f.noCorpus {
		return ""
	}
	if folder == "" {
		cache := a.getenv("COUNTERSIGN_CACHE")
		if user, err := os.UserCacheDir(); cache == "" && err == nil {
			cache = filepath.Join(user, "countersign")
		}
		folder = filepath.Join(cache, "fuzz")
		if cache == "" || fuzzing.Writable(folder) != nil {
			return ""
		}
	}
	return fuzzing.CorpusFile(folder, target)
}
