package fuzzing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Result is a campaign with its record.
type Result struct {
	live.Campaign
	Record Record
	Took   time.Duration
	Lost   error // what could not be kept
}

// Run runs a campaign. Each finding is kept as soon as it is confirmed, since a
// campaign may be killed, and once more at the end, with what was learned since.
// The error says why no target could be tried, or why the corpus can't be read.
func Run(ctx context.Context, lab engine.Lab, o Options) (Result, error) {
	corpus, err := o.readCorpus()
	if err != nil {
		return Result{}, err
	}
	k := &keeper{options: o, corpus: corpus}
	o.Corpus, o.Keep, o.Found = corpus.Inputs, k.keepInput, k.keepFinding
	started := time.Now()
	campaign, err := live.Fuzz(ctx, lab, o.Options)
	if err != nil {
		return Result{}, err
	}
	if campaign.Incomplete == "" {
		campaign.Incomplete = o.incomplete(ctx, campaign)
	}
	for i := range campaign.Findings {
		campaign.Findings[i].Target = o.Target
	}
	record := newRecord(o, campaign)
	k.finish(record, campaign)
	return Result{campaign, record, time.Since(started), k.err}, nil
}

// incomplete says why not everything was drawn; empty where it was.
func (o Options) incomplete(ctx context.Context, c live.Campaign) string {
	own := Share(o.Requests, max(o.Shard, 1), max(o.Shards, 1))
	switch {
	case ctx.Err() != nil:
		return fmt.Sprintf("interrupted after %d requests", c.Requests)
	case o.For > 0 && c.Indexes < own && c.Void == "":
		return fmt.Sprintf("time was over after %d of %d requests", c.Indexes, own)
	}
	return ""
}

func (o Options) readCorpus() (Corpus, error) {
	if o.CorpusPath == "" {
		return Corpus{Target: o.Target}, nil
	}
	c, err := ReadCorpus(o.CorpusPath)
	c.Target = o.Target
	return c, err
}

// keeper keeps the results of a campaign. Its workers share it.
type keeper struct {
	options Options

	mu     sync.Mutex
	corpus Corpus
	err    error
}

func (k *keeper) keepInput(in live.Input) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.corpus.Inputs = append(k.corpus.Inputs, in)
}

func (k *keeper) keepFinding(f live.Finding) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f.Target = k.options.Target
	_, err := SaveFinding(k.options.Folder, f)
	k.err = errors.Join(k.err, err)
}

// finish writes the findings, the record and the corpus. A folder of findings
// that is there already gets the new record, since an old one would name findings
// that are gone. A shard also gets a copy of the corpus, which merging needs.
func (k *keeper) finish(r Record, c live.Campaign) {
	for _, f := range c.Findings {
		k.keepFinding(f)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	o := k.options
	if len(c.Findings) > 0 || o.sharded() || isFolder(o.Folder) {
		k.err = errors.Join(k.err, r.Save(o.Folder))
	}
	if o.sharded() {
		k.err = errors.Join(k.err, k.corpus.Save(CorpusFile(o.Folder, "corpus")))
	}
	if o.CorpusPath != "" && c.Void == "" {
		k.err = errors.Join(k.err, k.corpus.Save(o.CorpusPath))
	}
}

// Writable says why nothing can be written into a folder, which need not exist
// yet; an empty name is no folder. It leaves nothing behind.
func Writable(folder string) error {
	if folder == "" {
		return nil
	}
	existing := folder
	for {
		if _, err := os.Stat(existing); err == nil || filepath.Dir(existing) == existing {
			break
		}
		existing = filepath.Dir(existing)
	}
	probe, err := os.CreateTemp(existing, ".countersign-*")
	if err != nil {
		return fmt.Errorf("nothing can be written to %s: %w", folder, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
