package fuzzing_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// shard fuzzes one shard of a mutant and keeps what came of it.
func shard(t *testing.T, n, of uint64, change func(*fuzzing.Record)) string {
	t.Helper()
	m, _ := zoo.Find("future-unbounded")
	lab := suite.Memory{Ring: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: m.Break}
	o := fuzz.Options{Seed: 3, Requests: 600, Shard: n, Shards: of}
	corpus := fuzzing.Corpus{Target: "mine"}
	o.Keep = func(e fuzz.Exchange) { corpus.Exchanges = append(corpus.Exchanges, e) }
	campaign, err := fuzz.Fuzz(t.Context(), lab, o)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), fmt.Sprint("shard", n))
	for i := range campaign.Findings {
		campaign.Findings[i].Target = "mine"
		if _, err := fuzzing.SaveFinding(folder, campaign.Findings[i]); err != nil {
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

func TestShardsAreJoined(t *testing.T) {
	merged, err := fuzzing.Merge([]string{shard(t, 2, 2, nil), shard(t, 1, 2, nil)})
	if err != nil || merged.Record.Indexes != 600 || merged.Record.Shard != 0 {
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
		"a gap":            {func(r *fuzzing.Record) { r.Indexes = 100 }, "gap"},
		"a lost finding":   {func(r *fuzzing.Record) { r.Findings = append(r.Findings, "crash-00000000") }, "lacks"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fuzzing.Merge([]string{first, shard(t, 2, 2, test.second)})
			var unfit *fuzzing.MergeError
			if !errors.As(err, &unfit) || !strings.Contains(err.Error(), test.says) {
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

func TestCorpora(t *testing.T) {
	path := fuzzing.CorpusFile(t.TempDir(), "http://127.0.0.1:1/api")
	if c, err := fuzzing.ReadCorpus(path); err != nil || len(c.Exchanges) != 0 {
		t.Errorf("%v: %+v", err, c)
	}
	e := fuzz.Exchange{Kind: fuzz.Probe, Steps: []fuzz.Step{{Op: "t", Form: "NaN", Signed: true}}}
	if err := (fuzzing.Corpus{Target: "mine", Exchanges: []fuzz.Exchange{e, e}}).Save(path); err != nil {
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
