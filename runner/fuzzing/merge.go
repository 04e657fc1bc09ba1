package fuzzing

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/fuzz"
)

// MergeError says why shards do not make one campaign.
type MergeError struct{ Reason string }

func (e *MergeError) Error() string { return "joining shards: " + e.Reason }

func unfit(format string, args ...any) error { return &MergeError{fmt.Sprintf(format, args...)} }

// Merged is all shards of one campaign.
type Merged struct {
	Record   Record
	Findings []fuzz.Finding
	Corpus   Corpus
}

// Merge joins the folders of all shards of one campaign. Shards of different
// campaigns, a shard that is missing and one that is there twice are a
// [*MergeError].
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
		corpus, err := ReadCorpus(CorpusFile(folder, "corpus"))
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
func complete(r Record, found []fuzz.Finding, folder string) error {
	var names []string
	for _, f := range found {
		if f.Target != r.Target {
			return unfit("%s holds a finding of %s beside the record of %s", folder, f.Target, r.Target)
		}
		names = append(names, f.Name())
	}
	for _, name := range r.Findings {
		if !slices.Contains(names, name) {
			return unfit("%s lacks the finding %s that its record names", folder, name)
		}
	}
	return nil
}

// fitTogether: every shard of one campaign is there, once.
func fitTogether(records []Record) error {
	if len(records) == 0 {
		return unfit("there are none")
	}
	first, seen := records[0], map[uint64]bool{}
	for _, r := range records {
		switch {
		case r.Target != first.Target:
			return unfit("%s and %s are two targets", first.Target, r.Target)
		case r.Seed != first.Seed:
			return unfit("the seeds %d and %d make two campaigns", first.Seed, r.Seed)
		case r.Shards != first.Shards:
			return unfit("one is cut into %d shards, another one into %d", first.Shards, r.Shards)
		case r.Asked != first.Asked:
			return unfit("one was asked for %d requests, another one for %d", first.Asked, r.Asked)
		case r.Shard < 1 || r.Shard > r.Shards:
			return unfit("there is no shard %d of %d", r.Shard, r.Shards)
		case seen[r.Shard]:
			return unfit("shard %d of %d is there twice", r.Shard, r.Shards)
		case r.Asked > 0 && r.Incomplete == "" && r.Void == "" && r.Indexes < share(r):
			return unfit("shard %d of %d has a gap: it drew %d of its %d", r.Shard, r.Shards, r.Indexes, share(r))
		}
		seen[r.Shard] = true
	}
	for shard := uint64(1); shard <= first.Shards; shard++ {
		if !seen[shard] {
			return unfit("shard %d of %d is missing", shard, first.Shards)
		}
	}
	return nil
}

// share is how many of the requests asked for are the shard's.
func share(r Record) uint64 { return (r.Asked + r.Shards - r.Shard) / r.Shards }

func sum(records []Record, found []fuzz.Finding) Record {
	all := records[0]
	all.Shard, all.Indexes, all.Requests, all.Interesting, all.Unconfirmed, all.Findings = 0, 0, 0, 0, 0, []string{}
	for _, r := range records {
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
	slices.Sort(all.Findings)
	return all
}
