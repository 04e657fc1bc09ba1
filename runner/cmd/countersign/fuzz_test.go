package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFuzzMisuse(t *testing.T) {
	folder := t.TempDir()
	for name, test := range map[string]struct {
		args  []string
		words []string
	}{
		"an argument":           {[]string{"fuzz", "inngest-js"}, []string{"--target inngest-js"}},
		"a shard of nothing":    {[]string{"fuzz", "--shard", "5/4"}, []string{"--shard 2/4"}},
		"a shard gone wrong":    {[]string{"fuzz", "--shard", "1/2/3"}, []string{"--shard 2/4"}},
		"nobody to send":        {[]string{"fuzz", "--workers", "0"}, []string{"--workers"}},
		"attach flags alone":    {[]string{"fuzz", "--allow-sync"}, []string{"--url"}},
		"no finding":            {[]string{"replay"}, []string{"one finding"}},
		"a finding of nothing":  {[]string{"replay", folder}, []string{"finding.json"}},
		"a candidate of none":   {[]string{"promote", folder}, []string{"finding.json"}},
		"shards without a goal": {[]string{"merge", folder}, []string{"--into"}},
		"a shard of none":       {[]string{"merge", folder, "--into", folder}, []string{"campaign.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			call(t, nil, test.args...).want(t, 2, append(test.words, "countersign: ", "hint: ")...)
		})
	}
}

func TestFuzzTheReference(t *testing.T) {
	folder := t.TempDir()
	got := call(t, nil, "fuzz", "--requests", "300", "--seed", "1", "--findings", filepath.Join(folder, "f"), "--corpus", folder, "--quiet")
	got.want(t, 0, "0 findings", "seed 1")
	if _, err := os.Stat(filepath.Join(folder, "reference.json")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "f")); err == nil {
		t.Error("a folder without findings was made")
	}
}

// An endpoint that is broken is found to be, over HTTP; the finding is replayed,
// promoted, and joined.
func TestFuzzFromEndToEnd(t *testing.T) {
	folder := t.TempDir()
	url := serve(t, "future-unbounded")
	got := call(t, withKey(), "fuzz", "--url", url, "--requests", "500", "--seed", "1", "--findings", folder, "--no-corpus", "--quiet")
	got.want(t, 1, "false accept (MUST)", "time future (5m6s), signed", "R5")
	found, err := filepath.Glob(filepath.Join(folder, "*", "finding.json"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v, %d findings", err, len(found))
	}
	finding := filepath.Dir(found[0])
	call(t, withKey(), "replay", finding, "--quiet").want(t, 1, "holds on")
	call(t, withKey(), "replay", finding, "--url", serve(t, ""), "--quiet").want(t, 0, "gone on")
	call(t, nil, "promote", finding).want(t, 0, "candidate.json", "candidate.go.txt")
	call(t, nil, "promote", "--check", filepath.Join(finding, "candidate.json")).want(t, 1, "clause", "level", "risk")
	call(t, nil, "merge", folder, "--into", filepath.Join(folder, "all")).want(t, 1, "in ")
	call(t, nil, "merge", folder, folder, "--into", filepath.Join(folder, "all")).want(t, 2, "twice")
}

func TestFuzzVoid(t *testing.T) {
	url := serveHandler(t, always(500))
	call(t, withKey(), "fuzz", "--url", url, "--requests", "10", "--no-corpus", "--quiet").want(t, 4, "void")
}

func TestFindingsShowNoKey(t *testing.T) {
	folder := t.TempDir()
	call(t, withKey(), "fuzz", "--url", serve(t, "absence-is-enough"), "--requests", "300", "--seed", "1", "--findings", folder, "--no-corpus", "--quiet").want(t, 1)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), key[len("signkey-test-"):]) {
			t.Errorf("the key stands in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// An interrupted campaign judged nothing to the end, and keeps what it has.
func TestInterruptedFuzzing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	callIn(t, ctx, nil, "fuzz", "--for", "10m", "--no-corpus", "--quiet", "--findings", t.TempDir()).want(t, 3, "interrupted")

	folder := t.TempDir()
	again, stop := context.WithCancel(t.Context())
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			if found, _ := filepath.Glob(filepath.Join(folder, "*", "finding.json")); len(found) > 0 || again.Err() != nil {
				stop()
				return
			}
		}
	}()
	defer stop()
	got := callIn(t, again, withKey(), "fuzz", "--url", serve(t, "future-unbounded"), "--for", "5m", "--seed", "1", "--no-corpus", "--quiet", "--findings", folder)
	got.want(t, 1, "time future (5m6s), signed")
	if found, err := filepath.Glob(filepath.Join(folder, "*", "finding.json")); err != nil || len(found) == 0 {
		t.Errorf("%v, nothing is kept", err)
	}
}
