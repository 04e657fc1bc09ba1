package fuzzing

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// shards is the folder of the shards that were fuzzed already.
var shards string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "countersign-shards-*")
	if err != nil {
		panic(err)
	}
	shards = folder
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// shard is the folder of one shard of a mutant's campaign, with a changed record.
func shard(t *testing.T, n, of uint64, change func(*Record)) string {
	t.Helper()
	name := fmt.Sprintf("%d-of-%d", n, of)
	if !isFolder(filepath.Join(shards, name)) {
		m, known := zoo.Find("future-unbounded")
		if !known {
			t.Fatal("the mutant is not in the zoo")
		}
		lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: m.Break}
		o := Options{Options: live.Options{Seed: 3, Requests: 600, Shard: n, Shards: of}, Target: "mine", Folder: filepath.Join(shards, name)}
		if r, err := Run(t.Context(), lab, o); err != nil || r.Lost != nil {
			t.Fatal(err, r.Lost)
		}
	}
	folder := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(shards, name))); err != nil {
		t.Fatal(err)
	}
	if change == nil {
		return folder
	}
	r, err := ReadRecord(folder)
	if err != nil {
		t.Fatal(err)
	}
	change(&r)
	if err := r.Save(folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestMerge(t *testing.T) {
	merged, err := Merge([]string{shard(t, 2, 2, nil), shard(t, 1, 2, nil)})
	if r := merged.Record; err != nil || r.Indexes != 600 || r.Shard != 0 || r.ByTime() || r.Complete != 600 || !slices.Equal(r.Drawn, []uint64{300, 300}) {
		t.Fatalf("%v: %+v", err, merged.Record)
	}
	if len(merged.Findings) == 0 || len(merged.Findings) != len(merged.Record.Findings) || len(merged.Corpus.Inputs) < 50 {
		t.Errorf("%d findings, %d inputs", len(merged.Findings), len(merged.Corpus.Inputs))
	}
	into := t.TempDir()
	if err := merged.Save(into); err != nil {
		t.Fatal(err)
	}
	back, err := ReadRecord(into)
	if err != nil || back.Indexes != 600 {
		t.Errorf("%v: %+v", err, back)
	}
	for _, name := range back.Findings {
		for _, file := range []string{"finding.json", "request.http", "request.sh", "README.md"} {
			if _, err := os.Stat(filepath.Join(into, name, file)); err != nil {
				t.Error(err)
			}
		}
		if f, err := ReadFinding(filepath.Join(into, name)); err != nil || f.Name() != name {
			t.Errorf("%v: %s", err, f.Name())
		}
	}
}

// wantUnmergeable: shards cannot be merged, and the error says why and what to do.
func wantUnmergeable(t *testing.T, folders []string, says string) {
	t.Helper()
	_, err := Merge(folders)
	var described *page.Error
	if !errors.As(err, &described) || described.Code != page.ExitUsage || described.Hint == "" || !strings.Contains(described.Sentence, says) {
		t.Errorf("got %v; want %q and a hint", err, says)
	}
}

func TestShardsThatDoNotBelongTogether(t *testing.T) {
	first := shard(t, 1, 2, nil)
	for name, test := range map[string]struct {
		second func(*Record)
		says   string
	}{
		"another seed":               {func(r *Record) { r.Seed = 4 }, "seeds"},
		"another target":             {func(r *Record) { r.Target = "yours" }, "yours"},
		"another number of shards":   {func(r *Record) { r.Shards = 3 }, "3"},
		"another number of requests": {func(r *Record) { r.Requested = 700 }, "700"},
		"the same shard":             {func(r *Record) { r.Shard = 1 }, "twice"},
		"a shard that is none":       {func(r *Record) { r.Shard = 3 }, "no shard"},
		"a gap":                      {func(r *Record) { r.Indexes = 100 }, "it drew 100 of its 300 requests; missing are the indexes from 201 to 599 in steps of 2"},
		"a gap of one":               {func(r *Record) { r.Indexes = 299 }, "missing are the indexes 599"},
		"time was over": {func(r *Record) {
			r.Indexes, r.For, r.Incomplete = 100, "1s", "time was over after 100 of 300 requests"
		}, "(time was over after 100 of 300 requests)"},
		"an interruption":    {func(r *Record) { r.Indexes, r.Incomplete = 0, "interrupted after 9 requests" }, "from 1 to 599"},
		"more than there is": {func(r *Record) { r.Indexes = 301 }, "more than there are"},
		"another limit":      {func(r *Record) { r.Requested, r.For = 0, "1m0s" }, "one was to draw 600 requests in all, another until its time was over (1m0s)"},
		"a lost finding":     {func(r *Record) { r.Findings = append(r.Findings, "crash-00000000") }, "does not have the finding crash-00000000"},
		"a finding too many": {func(r *Record) { r.Findings = r.Findings[1:] }, "which its record does not name"},
	} {
		t.Run(name, func(t *testing.T) { wantUnmergeable(t, []string{first, shard(t, 2, 2, test.second)}, test.says) })
	}
	wantUnmergeable(t, []string{first}, "shard 2 of 2 is missing")
	wantUnmergeable(t, []string{t.TempDir()}, recordFile)
	wantUnmergeable(t, nil, "there are none")
}

// Merging needs all that a shard wrote.
func TestShardsThatLackAFile(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(folder string) error
		says  string
	}{
		"a lost corpus":            {func(folder string) error { return os.Remove(CorpusFile(folder, "corpus")) }, "does not have corpus.json"},
		"another target's corpus":  {func(folder string) error { return Corpus{Target: "yours"}.Save(CorpusFile(folder, "corpus")) }, "a corpus of yours"},
		"another target's finding": {changeFinding(func(f *live.Finding) { f.Target = "yours" }), "a finding of yours"},
		"a finding twice": {func(folder string) error {
			found, err := filepath.Glob(filepath.Join(folder, "*", FindingFile))
			if err != nil || len(found) == 0 {
				return fmt.Errorf("%d findings: %w", len(found), err)
			}
			return os.CopyFS(filepath.Join(folder, "copy"), os.DirFS(filepath.Dir(found[0])))
		}, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			folders := []string{shard(t, 1, 2, nil), shard(t, 2, 2, nil)}
			if err := test.spoil(folders[1]); err != nil {
				t.Fatal(err)
			}
			wantUnmergeable(t, folders, test.says)
		})
	}
}

// changeFinding changes the findings of a shard.
func changeFinding(change func(*live.Finding)) func(folder string) error {
	return func(folder string) error {
		found, err := readFindings(folder)
		for _, f := range found {
			change(&f)
			_, failed := SaveFinding(folder, f)
			err = errors.Join(err, failed)
		}
		return err
	}
}

// A campaign without shards keeps its corpus elsewhere.
func TestACampaignWithoutShardsIsMerged(t *testing.T) {
	folder := shard(t, 1, 1, nil)
	if _, err := os.Stat(CorpusFile(folder, "corpus")); err == nil {
		t.Error("its folder has a corpus")
	}
	if m, err := Merge([]string{folder}); err != nil || len(m.Findings) == 0 {
		t.Errorf("%v, %d findings", err, len(m.Findings))
	}
}

// Shards that are limited by time draw as many as each can: the record says how
// many, and where the first gap is.
func TestShardsThatAreLimitedByTime(t *testing.T) {
	limited := func(indexes uint64) func(*Record) {
		return func(r *Record) { r.Requested, r.For, r.Indexes = 0, "1m0s", indexes }
	}
	merged, err := Merge([]string{shard(t, 2, 2, limited(90)), shard(t, 1, 2, limited(120))})
	if r := merged.Record; err != nil || !r.ByTime() || r.For != "1m0s" || !slices.Equal(r.Drawn, []uint64{120, 90}) || r.Indexes != 210 || r.Complete != 181 {
		t.Errorf("%v: %+v", err, r)
	}
	other := func(r *Record) { r.Requested, r.For = 0, "2m0s" }
	wantUnmergeable(t, []string{shard(t, 1, 2, limited(120)), shard(t, 2, 2, other)}, "2m0s")
	wantUnmergeable(t, []string{shard(t, 2, 2, limited(90))}, "shard 1 of 2 is missing")
}

func TestAVoidShardMakesTheWholeVoid(t *testing.T) {
	merged, err := Merge([]string{shard(t, 1, 2, nil), shard(t, 2, 2, func(r *Record) { r.Indexes, r.Void = 0, "nothing was accepted" })})
	if err != nil || merged.Record.Void == "" || merged.Record.Complete != 1 {
		t.Errorf("%v: %+v", err, merged.Record)
	}
}

func TestShares(t *testing.T) {
	for requests := range uint64(40) {
		for of := uint64(1); of <= 7; of++ {
			for n := uint64(1); n <= of; n++ {
				own := uint64(0)
				for index := range requests {
					if index%of == n-1 {
						own++
					}
				}
				if got := Share(requests, n, of); got != own {
					t.Errorf("of %d requests shard %d of %d has %d, not %d", requests, n, of, got, own)
				}
			}
		}
	}
	if got := Share(math.MaxUint64, 1, 2); got != 1<<63 {
		t.Errorf("%d", got)
	}
}
