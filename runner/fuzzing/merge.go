package fuzzing

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"

	"github.com/countersign-dev/countersign/fuzz/live"
)

// MergeError says why shards do not make one campaign, and what to do.
type MergeError struct{ Reason, Hint string }

func (e *MergeError) Error() string { return "joining shards: " + e.Reason }

func unfit(hint, format string, args ...any) error {
	return &MergeError{fmt.Sprintf(format, args...), hint}
}

// Hints.
const (
	giveAll  = "give the folders of all shards of one campaign, each once"
	drawAll  = "fuzz that shard again, with the same --seed, --requests and --shard, until it has drawn all that is its own"
	givenNew = "fuzz that shard again, into a folder of its own"
)

// Merged is all shards of one campaign.
type Merged struct {
	Record   Record
	Findings []live.Finding
	Corpus   Corpus
}

// Merge joins the folders of all shards of one campaign. A [*MergeError] are
// shards of different campaigns, one that is missing, is there twice or has not
// drawn all of its requests, and a folder that does not hold what its record
// names, or holds more.
func Merge(folders []string) (Merged, error) {
	var m Merged
	var records []Record
	names := map[string]bool{}
	for _, folder := range folders {
		r, err := ReadRecord(folder)
		if err != nil {
			return m, err
		}
		records = append(records, r)
		found, err := Findings(folder)
		if err != nil {
			return m, err
		}
		if err := complete(r, found, folder); err != nil {
			return m, err
		}
		for _, f := range found {
			if !names[f.Name()] {
				names[f.Name()], m.Findings = true, append(m.Findings, f)
			}
		}
		corpus, err := corpusBeside(r, folder)
		if err != nil {
			return m, err
		}
		m.Corpus.Target = r.Target
		m.Corpus.Exchanges = append(m.Corpus.Exchanges, corpus.Exchanges...)
	}
	if err := fitTogether(records); err != nil {
		return m, err
	}
	m.Record = sum(records, m.Findings)
	return m, nil
}

// complete: the findings that a record names are the ones that are there.
func complete(r Record, found []live.Finding, folder string) error {
	var names []string
	for _, f := range found {
		if f.Target != r.Target {
			return unfit(givenNew, "%s holds a finding of %s beside the record of %s", folder, f.Target, r.Target)
		}
		if !slices.Contains(r.Findings, f.Name()) {
			return unfit(givenNew, "%s holds the finding %s, which its record does not name", folder, f.Name())
		}
		if slices.Contains(names, f.Name()) {
			return unfit(givenNew, "%s holds the finding %s twice", folder, f.Name())
		}
		names = append(names, f.Name())
	}
	for _, name := range r.Findings {
		if !slices.Contains(names, name) {
			return unfit(givenNew, "%s lacks the finding %s that its record names", folder, name)
		}
	}
	return nil
}

// corpusBeside reads the corpus that every shard keeps beside its record. A
// campaign that is not cut into shards keeps none there.
func corpusBeside(r Record, folder string) (Corpus, error) {
	path := CorpusFile(folder, "corpus")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && r.Shards > 1 {
		return Corpus{}, unfit(givenNew, "%s lacks corpus.json, which every shard writes", folder)
	}
	c, err := ReadCorpus(path)
	if err == nil && c.Target != r.Target && r.Shards > 1 {
		err = unfit(givenNew, "%s holds a corpus of %s beside the record of %s", folder, c.Target, r.Target)
	}
	return c, err
}

// fitTogether: every shard of one campaign is there, once and to its end.
func fitTogether(records []Record) error {
	if len(records) == 0 {
		return unfit(giveAll, "there are none")
	}
	first, seen := records[0], map[uint64]bool{}
	for _, r := range records {
		switch {
		case r.Target != first.Target:
			return unfit(giveAll, "%s and %s are two targets", first.Target, r.Target)
		case r.Seed != first.Seed:
			return unfit(giveAll, "the seeds %d and %d make two campaigns", first.Seed, r.Seed)
		case r.Shards != first.Shards:
			return unfit(giveAll, "one is cut into %d shards, another one into %d", first.Shards, r.Shards)
		case r.bound() != first.bound():
			return unfit(giveAll, "one was to draw %s, another one %s", first.bound(), r.bound())
		case r.Shard < 1 || r.Shard > r.Shards:
			return unfit(giveAll, "there is no shard %d of %d", r.Shard, r.Shards)
		case seen[r.Shard]:
			return unfit(giveAll, "shard %d of %d is there twice", r.Shard, r.Shards)
		}
		if err := drewAll(r); err != nil {
			return err
		}
		seen[r.Shard] = true
	}
	for shard := uint64(1); shard <= first.Shards; shard++ {
		if !seen[shard] {
			return unfit(giveAll, "shard %d of %d is missing", shard, first.Shards)
		}
	}
	return nil
}

// drewAll: a shard drew all that is its own. One that is bounded by time has no
// such goal; a void one proves nothing, and neither does what it is joined to.
func drewAll(r Record) error {
	own := Share(r.Asked, r.Shard, r.Shards)
	switch {
	case r.Asked == 0 || r.Void != "" || r.Indexes == own:
		return nil
	case r.Indexes > own:
		return unfit(givenNew, "shard %d of %d drew %d of its %d requests, which is more than there are", r.Shard, r.Shards, r.Indexes, own)
	}
	index := func(nth uint64) uint64 { return nth*r.Shards + r.Shard - 1 }
	missing := fmt.Sprintf("from %d to %d in steps of %d", index(r.Indexes), index(own-1), r.Shards)
	switch {
	case r.Indexes+1 == own:
		missing = fmt.Sprint(index(r.Indexes))
	case r.Shards == 1:
		missing = fmt.Sprintf("from %d to %d", index(r.Indexes), index(own-1))
	}
	why := ""
	if r.Incomplete != "" {
		why = " (" + r.Incomplete + ")"
	}
	return unfit(drawAll, "shard %d of %d has a gap: it drew %d of its %d requests%s; missing are the indexes %s", r.Shard, r.Shards, r.Indexes, own, why, missing)
}

func sum(records []Record, found []live.Finding) Record {
	all := records[0]
	all.Shard, all.Indexes, all.Requests, all.Interesting, all.Unconfirmed, all.Findings = 0, 0, 0, 0, 0, []string{}
	all.Drawn, all.Complete = make([]uint64, all.Shards), math.MaxUint64
	for _, r := range records {
		all.Drawn[r.Shard-1] = r.Indexes
		all.Complete = min(all.Complete, r.Indexes*r.Shards+r.Shard-1) // the first index that the shard did not draw
		all.Indexes += r.Indexes
		all.Requests += r.Requests
		all.Interesting += r.Interesting
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
	if all.Asked > 0 {
		all.Complete = min(all.Complete, all.Asked)
	}
	slices.Sort(all.Findings)
	return all
}
