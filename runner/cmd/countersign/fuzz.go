package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
)

// fuzzFlags are what `fuzz` was asked for.
type fuzzFlags struct {
	targetFlags
	harmFlag
	seedFlag
	quiet            bool
	lasting          time.Duration
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
		Use: "fuzz [flags]", Short: "Sends a target what nobody wrote down, and looks for what it should not do", Args: noArguments,
		Long: "Draws requests that deviate from honest ones, and compares the answers with what the reference\n" +
			"owes them. What it finds it shrinks to the smallest deviation, and keeps as a folder for\n" +
			"`countersign replay` and `countersign promote`. Without --target and --url it fuzzes the\n" +
			"embedded reference.\n\n" +
			"Exit codes: 0 nothing found, 1 something found, 2 usage, 3 could not judge, 4 void.",
		Example: `  countersign fuzz --target inngest-js@4.24.0 --for 60s
  countersign fuzz --target inngest-js --requests 100000 --seed 7 --shard 1/4 --findings one
  INNGEST_SIGNING_KEY=… countersign fuzz --url http://127.0.0.1:3000/api/inngest`,
		RunE: func(c *cobra.Command, _ []string) error {
			f.draw(c)
			switch given := c.Flags().Changed; {
			case given("for") && f.lasting == 0, given("requests") && f.requests == 0:
				return page.Usage("leave them out for a minute", "--for and --requests must be more than nothing")
			case f.lasting == 0 && f.requests == 0:
				f.lasting = time.Minute
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
	flags.DurationVar(&f.lasting, "for", 0, "fuzz for this long (default: 1m0s, unless --requests is given)")
	flags.Uint64Var(&f.requests, "requests", 0, "draw this many requests, in all shards together; what is found takes more")
	f.registerSeed(c, "requests and keys")
	flags.IntVar(&f.workers, "workers", runtime.NumCPU(), "how many send at once; each has targets of its own")
	flags.StringVar(&f.shard, "shard", "1/1", "take the `I/N`th part of the requests; see `countersign merge`")
	flags.StringVar(&f.findings, "findings", "fuzz-findings", "keep what is found in this `DIR`")
	flags.StringVar(&f.corpus, "corpus", "", "resume from, and keep, what was interesting in this `DIR` (default: in the cache)")
	f.registerHarm(c)
	flags.BoolVar(&f.noCorpus, "no-corpus", false, "neither resume nor keep what was interesting")
	flags.DurationVar(&f.shrinkFor, "shrink-for", 10*time.Second, "shrink one finding for this long at most")
	flags.BoolVar(&f.quiet, "quiet", false, "tell no progress")
}

// harmFlag lets an attached target be harmed.
type harmFlag struct{ destructive bool }

func (f *harmFlag) registerHarm(c *cobra.Command) {
	c.Flags().BoolVar(&f.destructive, "destructive", false, "with --url: also send what may end the endpoint")
}

// harm is what the flags allow to do to a target.
func (f harmFlag) harm(t targetFlags) (o live.Options, err error) {
	if f.destructive && t.url == "" {
		return o, page.Usage("leave it out: a target that is started here is sent everything", "--destructive requires --url")
	}
	return live.Options{NoPut: t.url != "" && !t.allowSync, Harsh: f.destructive}, nil
}

// options checks the flags.
func (f fuzzFlags) options() (o live.Options, err error) {
	if err := f.check(); err != nil {
		return o, err
	}
	if f.workers < 1 || f.lasting < 0 || f.shrinkFor <= 0 {
		return o, page.Usage("leave them out for their defaults", "--workers, --for and --shrink-for must be more than nothing")
	}
	if o, err = f.harm(f.targetFlags); err != nil {
		return o, err
	}
	o.Seed, o.Requests, o.For, o.Workers, o.ShrinkFor = f.seed, f.requests, f.lasting, f.workers, f.shrinkFor
	if o.Shard, o.Shards, err = parseShard(f.shard); err == nil && f.requests > 0 && f.requests < o.Shards {
		err = page.Usage("cut it into fewer shards, or ask for more requests", "--requests %d in %d shards leaves some of them nothing to draw", f.requests, o.Shards)
	}
	return o, err
}

func parseShard(text string) (shard, shards uint64, err error) {
	rest := ""
	n, scanned := fmt.Sscanf(text+" .", "%d/%d %s", &shard, &shards, &rest)
	if scanned != nil || n != 3 || rest != "." || shard < 1 || shard > shards {
		return 0, 0, page.Usage("write the second of four as --shard 2/4", "--shard %q is no part of anything", text)
	}
	return shard, shards, nil
}

// fuzz fuzzes and tells what was found.
func (a *app) fuzz(ctx context.Context, f fuzzFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	for _, folder := range []string{f.findings, f.corpus} {
		if err := writable(folder); err != nil {
			return page.Usage("choose another folder", "%v", err)
		}
	}
	progress := a.progress(f.quiet)
	defer progress.Done()
	lab, err := a.open(ctx, f.targetFlags, run.OpenOptions{Seed: f.seed, KeepAlive: true}, progress)
	if err != nil {
		return err
	}
	defer lab.Close()
	store, err := a.corpusOf(f, nameOf(lab.Target))
	if err != nil {
		return page.CouldNotJudge("move the file away to begin anew", "%v", err)
	}
	o.Corpus, o.Keep, o.Watch = store.Exchanges, store.keep, sparse(progress)
	name := nameOf(lab.Target)
	saved := savedFindings{folder: f.findings, target: name}
	o.Found = saved.save
	started := time.Now()
	campaign, err := live.Fuzz(ctx, lab, o)
	if err != nil {
		return run.Describe(err)
	}
	progress.Done()
	if ctx.Err() != nil && campaign.Incomplete == "" {
		campaign.Incomplete = fmt.Sprintf("interrupted after %d requests", campaign.Requests)
	}
	if own := fuzzing.Share(o.Requests, o.Shard, o.Shards); o.For > 0 && campaign.Indexes < own && campaign.Incomplete == "" && campaign.Void == "" {
		campaign.Incomplete = fmt.Sprintf("time was over after %d of %d requests", campaign.Indexes, own)
	}
	for i := range campaign.Findings {
		campaign.Findings[i].Target = name
	}
	return a.tellFuzz(f, fuzzing.NewRecord(name, o, campaign), campaign, time.Since(started), errors.Join(saved.err, store.save(f, campaign)))
}

// savedFindings keeps each finding as soon as there is one: a campaign may be
// killed. At its end they are written once more, with what was learned since.
type savedFindings struct {
	folder, target string
	mu             sync.Mutex
	err            error
}

func (s *savedFindings) save(f live.Finding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Target = s.target
	_, err := fuzzing.SaveFinding(s.folder, f)
	s.err = errors.Join(s.err, err)
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

// sparse tells progress now and then.
func sparse(p *report.Progress) func(live.Progress) {
	var mu sync.Mutex
	var last time.Time
	return func(now live.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) >= time.Second {
			last = time.Now()
			p.Say("%d requests, %d ways to behave, %d findings", now.Requests, now.Interesting, now.Findings)
		}
	}
}

// corpusStore is a corpus and where it is kept; an empty path keeps none.
type corpusStore struct {
	fuzzing.Corpus
	path string
	mu   sync.Mutex
	new  []live.Exchange
}

func (a *app) corpusOf(f fuzzFlags, target string) (*corpusStore, error) {
	none := &corpusStore{Corpus: fuzzing.Corpus{Target: target}}
	if f.noCorpus {
		return none, nil
	}
	folder := f.corpus
	if folder == "" {
		cache := a.getenv("COUNTERSIGN_CACHE")
		if user, err := os.UserCacheDir(); cache == "" && err == nil {
			cache = filepath.Join(user, "countersign")
		}
		folder = filepath.Join(cache, "fuzz")
		if cache == "" || writable(folder) != nil {
			return none, nil // there is no place to keep anything
		}
	}
	path := fuzzing.CorpusFile(folder, target)
	corpus, err := fuzzing.ReadCorpus(path)
	corpus.Target = target
	return &corpusStore{Corpus: corpus, path: path}, err
}

func (s *corpusStore) keep(e live.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.new = append(s.new, e)
}

// save keeps the corpus, and always a copy with the findings of a shard: `merge`
// asks for it.
func (s *corpusStore) save(f fuzzFlags, c live.Campaign) error {
	s.Exchanges = append(s.Exchanges, s.new...)
	if f.shard != "1/1" {
		if err := s.Save(fuzzing.CorpusFile(f.findings, "corpus")); err != nil {
			return err
		}
	}
	if s.path == "" || c.Void != "" {
		return nil
	}
	return s.Save(s.path)
}

// tellFuzz writes the findings and the record, and says what there is, also where
// not all could be kept.
func (a *app) tellFuzz(f fuzzFlags, r fuzzing.Record, c live.Campaign, took time.Duration, lost error) error {
	var text strings.Builder
	for _, found := range c.Findings {
		place, err := fuzzing.SaveFinding(f.findings, found)
		lost = errors.Join(lost, err)
		fmt.Fprintf(&text, "%s (%s): %s\n  owed: %s\n  seen: %s\n  again: %s replay %s\n\n", found.Class, found.Level, found.Exchange, found.Why, found.What, a.self, page.Quote(place))
	}
	if len(c.Findings) > 0 || f.shard != "1/1" || isThere(f.findings) { // an older record would speak of what is gone
		lost = errors.Join(lost, r.Save(f.findings))
	}
	word := "findings"
	if len(c.Findings) == 1 {
		word = "finding"
	}
	fmt.Fprintf(&text, "%d %s in %d requests to %s (%.0f/s), seed %d, %d ways to behave\n",
		len(c.Findings), word, c.Requests, r.Target, float64(c.Requests)/max(took.Seconds(), 0.001), r.Seed, c.Interesting)
	if c.Incomplete != "" && len(c.Findings) > 0 { // otherwise it is what the command ends with
		fmt.Fprintf(&text, "incomplete: %s\n", c.Incomplete)
	}
	for i, s := range c.Unconfirmed {
		if i == mostSuspicions {
			fmt.Fprintf(&text, "and %d suspicions more\n", len(c.Unconfirmed)-i)
			break
		}
		fmt.Fprintf(&text, "not confirmed, %s: %s\n  seen: %s\n  but:  it %s\n", s.Class, s.Exchange, s.What, s.Because)
	}
	_, err := a.stdout.Write([]byte(text.String()))
	if lost = errors.Join(lost, err); lost != nil && len(c.Findings) == 0 {
		return page.CouldNotJudge("", "not all could be kept: %v", lost)
	}
	if lost != nil {
		return &page.Error{Code: page.ExitViolates, Sentence: fmt.Sprintf("not all could be kept: %v", lost)}
	}
	return a.concludeFuzz(c)
}

// writable says why nothing can be written into a folder, which need not be there
// yet; an empty name is no folder. It leaves nothing behind.
func writable(folder string) error {
	if folder == "" {
		return nil
	}
	there := folder
	for {
		if _, err := os.Stat(there); err == nil || filepath.Dir(there) == there {
			break
		}
		there = filepath.Dir(there)
	}
	probe, err := os.CreateTemp(there, ".countersign-*")
	if err != nil {
		return fmt.Errorf("nothing can be kept in %s: %w", folder, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func isThere(folder string) bool {
	there, err := os.Stat(folder)
	return err == nil && there.IsDir()
}

// mostSuspicions is how many of what was not confirmed are told.
const mostSuspicions = 10

// concludeFuzz chooses the exit code.
func (a *app) concludeFuzz(c live.Campaign) error {
	switch {
	case c.Void != "":
		return &page.Error{Code: page.ExitVoid, Sentence: "void: " + c.Void, Hint: "`countersign run` shows which requests are refused"}
	case len(c.Findings) > 0:
		a.code = page.ExitViolates
	case c.Incomplete != "":
		return page.CouldNotJudge("", "%s", c.Incomplete)
	case slices.ContainsFunc(c.Unconfirmed, live.Suspicion.Grave):
		return page.CouldNotJudge("look at what was not confirmed, or fuzz again for longer", "something was seen that must never be seen, and could not be confirmed")
	}
	return nil
}
