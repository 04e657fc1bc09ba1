package fuzzing_test

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
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// shard is the folder of one shard of a mutant's campaign, and what is kept in it.
func shard(t *testing.T, n, of uint64, change func(*fuzzing.Record)) string {
	t.Helper()
	o := live.Options{Seed: 3, Requests: 600, Shard: n, Shards: of}
	campaign, corpus := fuzzed(t, o)
	folder := filepath.Join(t.TempDir(), fmt.Sprint("shard", n))
	for _, f := range campaign.Findings {
		if _, err := fuzzing.SaveFinding(folder, f); err != nil {
			t.Fatal(err)
		}
	}
	record := fuzzing.NewRecord("mine", o, campaign)
	if change != nil {
		change(&record)
	}
	if err := errors.Join(record.Save(folder), corpus.Save(fuzzing.CorpusFile(folder, "corpus"))); err != nil {
		t.Fatal(err)
	}
	return folder
}

type outcome struct {
	campaign live.Campaign
	corpus   fuzzing.Corpus
}

// outcomes are the shards that were fuzzed already, by number and how many.
var outcomes = map[[2]uint64]outcome{}

func fuzzed(t *testing.T, o live.Options) (live.Campaign, fuzzing.Corpus) {
	t.Helper()
	known, there := outcomes[[2]uint64{o.Shard, o.Shards}]
	if there {
		return known.campaign, known.corpus
	}
	m, _ := zoo.Find("future-unbounded")
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: m.Break}
	known.corpus.Target = "mine"
	o.Keep = func(e live.Exchange) { known.corpus.Exchanges = append(known.corpus.Exchanges, e) }
	campaign, err := live.Fuzz(t.Context(), lab, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range campaign.Findings {
		campaign.Findings[i].Target = "mine"
	}
	known.campaign = campaign
	outcomes[[2]uint64{o.Shard, o.Shards}] = known
	return known.campaign, known.corpus
}

func TestShardsAreJoined(t *testing.T) {
	merged, err := fuzzing.Merge([]string{shard(t, 2, 2, nil), shard(t, 1, 2, nil)})
	if r := merged.Record; err != nil || r.Indexes != 600 || r.Shard != 0 || r.ByTime() || r.Complete != 600 || !slices.Equal(r.Drawn, []uint64{300, 300}) {
		t.Fatalf("%v: %+v", err, merged.Record)
	}
	if len(merged.Findings) == 0 || len(merged.Findings) != len(merged.Record.Findings) || len(merged.Corpus.Exchanges) < 50 {
		t.Errorf("%d findings, %d exchanges", len(merged.Findings), len(merged.Corpus.Exchanges))
	}
	into := t.TempDir()
	if err := merged.Save(into); err != nil {
		t.Fatal(err)
	}
	back, err := fuzzing.ReadRecord(into)
	if err != nil || back.Indexes != 600 {
		t.Errorf("%v: %+v", err, back)
	}
	for _, name := range back.Findings {
		for _, file := range []string{"finding.json", "request.http", "request.sh", "README.md"} {
			if _, err := os.Stat(filepath.Join(into, name, file)); err != nil {
				t.Error(err)
			}
		}
		if f, err := fuzzing.ReadFinding(filepath.Join(into, name)); err != nil || f.Name() != name {
			t.Errorf("%v: %s", err, f.Name())
		}
	}
}

func TestShardsThatDoNotFit(t *testing.T) {
	first := shard(t, 1, 2, nil)
	for name, test := range map[string]struct {
		second func(*fuzzing.Record)
		says   string
	}{
		"another seed":     {func(r *fuzzing.Record) { r.Seed = 4 }, "seeds"},
		"another target":   {func(r *fuzzing.Record) { r.Target, r.Findings = "yours", nil }, "yours"},
		"another cut":      {func(r *fuzzing.Record) { r.Shards = 3 }, "3"},
		"other requests":   {func(r *fuzzing.Record) { r.Asked = 700 }, "700"},
		"the same":         {func(r *fuzzing.Record) { r.Shard = 1 }, "twice"},
		"none that exists": {func(r *fuzzing.Record) { r.Shard = 3 }, "no shard"},
		"a gap":            {func(r *fuzzing.Record) { r.Indexes = 100 }, "it drew 100 of its 300 requests; missing are the indexes from 201 to 599 in steps of 2"},
		"a gap of one":     {func(r *fuzzing.Record) { r.Indexes = 299 }, "missing are the indexes 599"},
		"time was over": {func(r *fuzzing.Record) {
			r.Indexes, r.For, r.Incomplete = 100, "1s", "time was over after 100 of 300 requests"
		}, "(time was over after 100 of 300 requests)"},
		"an interruption":    {func(r *fuzzing.Record) { r.Indexes, r.Incomplete = 0, "interrupted after 9 requests" }, "from 1 to 599"},
		"more than there is": {func(r *fuzzing.Record) { r.Indexes = 301 }, "more than there are"},
		"time for a limit":   {func(r *fuzzing.Record) { r.Asked, r.For = 0, "1m0s" }, "one was to draw 600 requests in all, another one until its time was over (1m0s)"},
		"a lost finding":     {func(r *fuzzing.Record) { r.Findings = append(r.Findings, "crash-00000000") }, "lacks the finding crash-00000000"},
		"a finding too many": {func(r *fuzzing.Record) { r.Findings = r.Findings[1:] }, "which its record does not name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fuzzing.Merge([]string{first, shard(t, 2, 2, test.second)})
			var unfit *fuzzing.MergeError
			if !errors.As(err, &unfit) || !strings.Contains(err.Error(), test.says) || unfit.Hint == "" {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := fuzzing.Merge([]string{first}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("%v", err)
	}
	if _, err := fuzzing.Merge([]string{t.TempDir()}); err == nil {
		t.Error("a folder without a record is joined")
	}
}

// What a shard wrote beside its record is asked for.
func TestShardsThatAreNotWhole(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(folder string) error
		says  string
	}{
		"a lost corpus": {func(folder string) error { return os.Remove(filepath.Join(folder, "corpus.json")) }, "lacks corpus.json"},
		"another's corpus": {func(folder string) error {
			return fuzzing.Corpus{Target: "yours"}.Save(fuzzing.CorpusFile(folder, "corpus"))
		}, "a corpus of yours"},
		"a finding twice": {func(folder string) error {
			found, err := fuzzing.Findings(folder)
			if err != nil {
				return err
			}
			return os.CopyFS(filepath.Join(folder, "copy"), os.DirFS(filepath.Join(folder, found[0].Name())))
		}, "twice"},
	} {
		folders := []string{shard(t, 1, 2, nil), shard(t, 2, 2, nil)}
		if err := test.spoil(folders[1]); err != nil {
			t.Fatal(err)
		}
		_, err := fuzzing.Merge(folders)
		var unfit *fuzzing.MergeError
		if !errors.As(err, &unfit) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	alone := shard(t, 1, 1, nil)
	if err := os.Remove(filepath.Join(alone, "corpus.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := fuzzing.Merge([]string{alone}); err != nil {
		t.Errorf("a campaign in one piece keeps its corpus elsewhere: %v", err)
	}
}

// Shards that are bounded by time draw as many as each can: the record says how
// many, and where the first gap is.
func TestShardsThatAreBoundedByTime(t *testing.T) {
	bounded := func(indexes uint64) func(*fuzzing.Record) {
		return func(r *fuzzing.Record) { r.Asked, r.For, r.Indexes = 0, "1m0s", indexes }
	}
	merged, err := fuzzing.Merge([]string{shard(t, 2, 2, bounded(90)), shard(t, 1, 2, bounded(120))})
	if r := merged.Record; err != nil || !r.ByTime() || r.For != "1m0s" || !slices.Equal(r.Drawn, []uint64{120, 90}) || r.Indexes != 210 || r.Complete != 181 {
		t.Errorf("%v: %+v", err, r)
	}
	other := func(r *fuzzing.Record) { r.Asked, r.For = 0, "2m0s" }
	if _, err := fuzzing.Merge([]string{shard(t, 1, 2, bounded(120)), shard(t, 2, 2, other)}); err == nil || !strings.Contains(err.Error(), "2m0s") {
		t.Errorf("two limits: %v", err)
	}
	if _, err := fuzzing.Merge([]string{shard(t, 2, 2, bounded(90))}); err == nil || !strings.Contains(err.Error(), "shard 1 of 2 is missing") {
		t.Errorf("a missing shard: %v", err)
	}
}

func TestAVoidShardMakesTheWholeVoid(t *testing.T) {
	merged, err := fuzzing.Merge([]string{shard(t, 1, 2, nil), shard(t, 2, 2, func(r *fuzzing.Record) { r.Indexes, r.Void = 0, "nothing was accepted" })})
	if err != nil || merged.Record.Void == "" || merged.Record.Complete != 1 {
		t.Errorf("%v: %+v", err, merged.Record)
	}
}

func TestShares(t *testing.T) {
	for asked := range uint64(40) {
		for shards := uint64(1); shards <= 7; shards++ {
			for shard := uint64(1); shard <= shards; shard++ {
				own := uint64(0)
				for index := range asked {
					if index%shards == shard-1 {
						own++
					}
				}
				if got := fuzzing.Share(asked, shard, shards); got != own {
					t.Errorf("of %d requests shard %d of %d has %d, not %d", asked, shard, shards, own, got)
				}
			}
		}
	}
	if got := fuzzing.Share(math.MaxUint64, 1, 2); got != 1<<63 {
		t.Errorf("%d", got)
	}
}

func TestCorpora(t *testing.T) {
	path := fuzzing.CorpusFile(t.TempDir(), "http://127.0.0.1:1/api")
	if c, err := fuzzing.ReadCorpus(path); err != nil || len(c.Exchanges) != 0 {
		t.Errorf("%v: %+v", err, c)
	}
	e := live.Exchange{Kind: live.Probe, Steps: []live.Step{{Op: "t", Form: "NaN", Signed: true}}}
	if err := (fuzzing.Corpus{Target: "mine", Exchanges: []live.Exchange{e, e}}).Save(path); err != nil {
		t.Fatal(err)
	}
	if c, err := fuzzing.ReadCorpus(path); err != nil || len(c.Exchanges) != 1 {
		t.Errorf("%v: %+v", err, c)
	}
	if err := os.WriteFile(path, []byte(`{"schema":"urn:countersign:fuzz-corpus:1","target":"","exchanges":[{"kind":"visit","steps":[]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := fuzzing.ReadCorpus(path); err == nil {
		t.Error("a kind that is not there is read")
	}
}
