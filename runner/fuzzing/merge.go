package fuzzing

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
)

// Merged is all shards of one campaign.
type Merged struct {
	Record   Record
	Findings []live.Finding
	Corpus   Corpus
}

// Hints on shards that cannot be merged.
const (
	giveFolders = "each folder is the --findings of one shard"
	giveAll     = "give the folders of all shards of one campaign, each once"
	fuzzAgain   = "fuzz that shard again, with the same --seed, --requests and --shard, until it has drawn all of its requests"
	fuzzAnew    = "fuzz that shard again, into a folder of its own"
)

func unmergeable(hint, format string, args ...any) error {
	return page.Usage(hint, "the shards cannot be merged: "+format, args...)
}

// Merge merges the folders of all shards of one campaign. The error, which is a
// [*page.Error], names shards of different campaigns, one that is missing, occurs
// twice or has not drawn all of its requests, and a folder whose findings are not
// those that its record names.
func Merge(folders []string) (Merged, error) {
	var m Merged
	var records []Record
	names := map[string]bool{}
	for _, folder := range folders {
		r, found, corpus, err := readShard(folder)
		if err != nil {
			return m, err
		}
		records = append(records, r)
		for _, f := range found {
			if !names[f.Name()] {
				names[f.Name()], m.Findings = true, append(m.Findings, f)
			}
		}
		m.Corpus.Target = r.Target
		m.Corpus.Inputs = append(m.Corpus.Inputs, corpus.Inputs...)
	}
	if err := belongTogether(records); err != nil {
		return m, err
	}
	m.Record = sum(records, m.Findings)
	return m, nil
}

// Save writes a merged campaign into a folder.
func (m Merged) Save(folder string) error {
	for _, f := range m.Findings {
		if _, err := SaveFinding(folder, f); err != nil {
			return err
		}
	}
	if err := m.Corpus.Save(CorpusFile(folder, "corpus")); err != nil {
		return err
	}
	return m.Record.Save(folder)
}

func readShard(folder string) (r Record, found []live.Finding, corpus Corpus, err error) {
	if r, err = ReadRecord(folder); err != nil {
		return r, nil, corpus, unmergeable(giveFolders, "%v", err)
	}
	if found, err = readFindings(folder); err != nil {
		return r, nil, corpus, unmergeable(giveFolders, "%v", err)
	}
	if err = checkFindings(r, found, folder); err != nil {
		return r, nil, corpus, err
	}
	corpus, err = readShardCorpus(r, folder)
	return r, found, corpus, err
}

// checkFindings: the findings that a record names are the ones that are there.
func checkFindings(r Record, found []live.Finding, folder string) error {
	var names []string
	for _, f := range found {
		switch {
		case f.Target != r.Target:
			return unmergeable(fuzzAnew, "%s has a finding of %s and the record of %s", folder, f.Target, r.Target)
		case !slices.Contains(r.Findings, f.Name()):
			return unmergeable(fuzzAnew, "%s has the finding %s, which its record does not name", folder, f.Name())
		case slices.Contains(names, f.Name()):
			return unmergeable(fuzzAnew, "%s has the finding %s twice", folder, f.Name())
		}
		names = append(names, f.Name())
	}
	for _, name := range r.Findings {
		if !slices.Contains(names, name) {
			return unmergeable(fuzzAnew, "%s does not have the finding %s, which its record names", folder, name)
		}
	}
	return nil
}

// readShardCorpus reads the corpus that every shard keeps beside its record. A
// campaign without shards keeps none there.
func readShardCorpus(r Record, folder string) (Corpus, error) {
	path := CorpusFile(folder, "corpus")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && r.Shards > 1 {
		return Corpus{}, unmergeable(fuzzAnew, "%s does not have corpus.json, which every shard writes", folder)
	}
	c, err := ReadCorpus(path)
	switch {
	case err != nil:
		return c, unmergeable(giveFolders, "%v", err)
	case c.Target != r.Target && r.Shards > 1:
		return c, unmergeable(fuzzAnew, "%s has a corpus of %s and the record of %s", folder, c.Target, r.Target)
	}
	return c, nil
}

// belongTogether: every shard of one campaign is there, once and complete.
func belongTogether(records []Record) error {
	if len(records) == 0 {
		return unmergeable(giveAll, "there are none")
	}
	first, seen := records[0], map[uint64]bool{}
	for _, r := range records {
		switch {
		case r.Target != first.Target:
			return unmergeable(giveAll, "their targets %s and %s differ", first.Target, r.Target)
		case r.Seed != first.Seed:
			return unmergeable(giveAll, "their seeds %d and %d differ", first.Seed, r.Seed)
		case r.Shards != first.Shards:
			return unmergeable(giveAll, "one is of %d shards, another of %d", first.Shards, r.Shards)
		case r.limit() != first.limit():
			return unmergeable(giveAll, "one was to draw %s, another %s", first.limit(), r.limit())
		case r.Shard < 1 || r.Shard > r.Shards:
			return unmergeable(giveAll, "there is no shard %d of %d", r.Shard, r.Shards)
		case seen[r.Shard]:
			return unmergeable(giveAll, "shard %d of %d occurs twice", r.Shard, r.Shards)
		}
		if err := checkDrawn(r); err != nil {
			return err
		}
		seen[r.Shard] = true
	}
	for shard := uint64(1); shard <= first.Shards; shard++ {
		if !seen[shard] {
			return unmergeable(giveAll, "shard %d of %d is missing", shard, first.Shards)
		}
	}
	return nil
}

// checkDrawn: a shard drew all of its requests. One that is limited by time has no
// such goal. A void one proves nothing, and neither does what it is merged with.
func checkDrawn(r Record) error {
	own := Share(r.Requested, r.Shard, r.Shards)
	switch {
	case r.ByTime() || r.Void != "" || r.Indexes == own:
		return nil
	case r.Indexes > own:
		return unmergeable(fuzzAnew, "shard %d of %d drew %d of its %d requests, which is more than there are", r.Shard, r.Shards, r.Indexes, own)
	}
	reason := ""
	if r.Incomplete != "" {
		reason = " (" + r.Incomplete + ")"
	}
	return unmergeable(fuzzAgain, "shard %d of %d has a gap: it drew %d of its %d requests%s; missing are the indexes %s",
		r.Shard, r.Shards, r.Indexes, own, reason, r.missing(own))
}

// missing names the indexes that a shard did not draw.
func (r Record) missing(own uint64) string {
	index := func(nth uint64) uint64 { return nth*r.Shards + r.Shard - 1 }
	switch {
	case r.Indexes+1 == own:
		return fmt.Sprint(index(r.Indexes))
	case r.Shards == 1:
		return fmt.Sprintf("from %d to %d", index(r.Indexes), index(own-1))
	}
	return fmt.Sprintf("from %d to %d in steps of %d", index(r.Indexes), index(own-1), r.Shards)
}

func sum(records []Record, found []live.Finding) Record {
	all := records[0]
	all.Shard, all.Indexes, all.Requests, all.Behaviours, all.Unconfirmed, all.Findings = 0, 0, 0, 0, 0, []string{}
	all.Drawn, all.Complete = make([]uint64, all.Shards), math.MaxUint64
	for _, r := range records {
		all.Drawn[r.Shard-1] = r.Indexes
		all.Complete = min(all.Complete, r.Indexes*r.Shards+r.Shard-1) // the first index that the shard did not draw
		all.Indexes += r.Indexes
		all.Requests += r.Requests
		all.Behaviours += r.Behaviours
		all.Unconfirmed += r.Unconfirmed
		if all.Void == "" {
			all.Void = r.Void
		}
		if all.Incomplete == "" {
			all.Incomplete = r.Incomplete
		}
	}
	for _, f := range found {
		all.Findings = append(all.Findings, f.Name())
	}
	if all.Requested > 0 {
		all.Complete = min(all.Complete, all.Requested)
	}
	slices.Sort(all.Findings)
	return all
}
