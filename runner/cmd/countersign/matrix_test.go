package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/matrix"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/longtest"
)

func readMatrix(t *testing.T, path string) (m matrix.Matrix) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMatrixOverAFakeTarget(t *testing.T) {
	folder, _, temporary := fakeTarget(t)
	files := t.TempDir()
	path, table := filepath.Join(files, "m.json"), filepath.Join(files, "m.md")
	args := []string{"matrix", "reference", folder + "@1.2.0,1.3.0,1.4.0,1.6.0", "--case", "receiving.unsigned", "--parallel", "2", "--report", "json=" + path, "--report", "markdown=" + table}
	got := call(t, nil, args...)
	got.want(t, 1, "5 targets", "VIOLATES", "conforms: 2", "1.4.0 was withdrawn", "no such module", "Could not judge: fake 1.6.0")
	m := readMatrix(t, path)
	for i, code := range []int{0, 0, 1, 3, 3} {
		if c := m.Columns[i]; c.Conclusion.ExitCode != code || len(m.Columns) != 5 {
			t.Errorf("%s: %+v", c.Target, c.Conclusion)
		}
	}
	if text, err := os.ReadFile(table); err != nil || !strings.Contains(string(text), "| fake | 1.3.0 |") {
		t.Errorf("%s %v", text, err)
	}
	if files := left(t, filepath.Join(temporary, "countersign-*")); len(files) > 0 {
		t.Errorf("left among temporary files: %v", files)
	}
}

func TestMatrixChoosesVersionsAndRows(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	got := call(t, nil, "matrix", folder+"@1.2.0,newest", "--case", "receiving.signed", "--cases")
	got.want(t, 4, "fake    1.5.0", "void", "receiving.signed", "no valid request", "VOID")
	call(t, nil, "matrix", folder+"@1.2.0,1.4.0", "--case", "receiving.signed", "--skip-missing").want(t, 0, "skipped: 1", "Skipped: fake 1.4.0", "CONFORMS")
	call(t, nil, "matrix", folder+"@1.2.0,1.3.0", "--case", "receiving.signed", "--any-verdict").want(t, 0, "JUDGED", "violates: 1")
	call(t, nil, "matrix", folder+"@1.4.0", "--case", "receiving.signed", "--skip-missing").want(t, 3, "No target was judged")
}

func TestInterruptedMatricesGoOn(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := matrix.Run(ctx, matrix.Options{
		Targets: []string{folder + "@1.2.0,1.3.0"}, Selection: run.Selection{Patterns: []string{"receiving.signed"}}, Seed: 7, Parallel: 1, Tool: tool(),
		Say: func(format string, _ ...any) {
			if strings.Contains(format, "installing") {
				return
			}
			cancel()
		},
	})
	var described *page.Error
	if !errors.As(err, &described) || described.Code != 3 || !strings.Contains(described.Sentence, "1 of 2 targets finished") {
		t.Fatal(err)
	}
	_, state, found := strings.Cut(described.Hint, "--state ")
	state, _, _ = strings.Cut(state, " to go on")
	if !found {
		t.Fatalf("the hint names no folder: %s", described.Hint)
	}
	again := []string{"matrix", folder + "@1.2.0,1.3.0", "--case", "receiving.signed", "--state", state}
	call(t, nil, again...).want(t, 1, "[1/2] "+folder+"@1.2.0: conforms, as judged before", "@1.3.0: violates, 4 violations", "seed 7")
	call(t, nil, again...).want(t, 1, "@1.3.0: violates, as judged before")
	call(t, nil, append(again, "--tier", "smoke")...).want(t, 2, "judged with other options", "default tier, seed 7")
	if err := os.WriteFile(filepath.Join(folder, "changed"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := call(t, nil, again...)
	got.want(t, 1, "VIOLATES")
	if strings.Contains(got.errors, "as judged before") {
		t.Errorf("a target that has changed is not judged again:\n%s", got.errors)
	}
}

func TestAMatrixThatIsInterruptedAtOnceLeavesNothing(t *testing.T) {
	folder, _, temporary := fakeTarget(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := callIn(t, ctx, nil, "matrix", folder)
	got.want(t, 3, "interrupted: 0 of 1 target")
	if files := left(t, filepath.Join(temporary, "countersign-*")); len(files) > 0 || got.out != "" {
		t.Errorf("left: %v, printed: %s", files, got.out)
	}
}

func TestShardsOfAMatrixAreMerged(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	files := t.TempDir()
	one, two := filepath.Join(files, "one.json"), filepath.Join(files, "two.json")
	for shard, file := range map[string]string{"1/2": one, "2/2": two} {
		call(t, nil, "matrix", "reference", folder+"@1.3.0", "--case", "receiving.unsigned", "--seed", "7", "--shard", shard, "--report", "json="+file)
	}
	call(t, nil, "matrix", "--merge", two, one).want(t, 1, "reference", "fake", "2 targets; violates: 1, conforms: 1")
	call(t, nil, "matrix", "--merge", two).want(t, 2, "shard 1/2 is missing")
}

func TestUsageErrorsOfMatrix(t *testing.T) {
	folder, _, _ := fakeTarget(t)
	for name, test := range map[string]struct {
		args  []string
		words []string
	}{
		"no target":               {nil, []string{"at least one target", "countersign targets"}},
		"an unknown target":       {[]string{"inngest-j"}, []string{"did you mean inngest-js?"}},
		"an unsupported version":  {[]string{folder + "@3.0.0"}, []string{"supported are"}},
		"no version":              {[]string{folder + "@"}, []string{"no version after its @"}},
		"a target twice":          {[]string{folder, folder + "@1.2.0"}, []string{"named twice"}},
		"the reference's version": {[]string{"reference@1.0.0"}, []string{"there is no target"}},
		"a shard gone wrong":      {[]string{"reference", "--seed", "1", "--shard", "3/2"}, []string{"is not a shard"}},
		"a shard without a seed":  {[]string{"reference", "--shard", "1/2"}, []string{"--shard requires --seed"}},
		"merging nothing":         {[]string{"--merge"}, []string{"requires the JSON reports"}},
		"merging and judging":     {[]string{"--merge", "one.json", "--state", "x"}, []string{"excludes"}},
		"no jobs":                 {[]string{"reference", "--jobs", "-1"}, []string{"greater than zero"}},
		"an unknown tier":         {[]string{"reference", "--tier", "all"}, []string{"smoke, default, deep"}},
		"a format":                {[]string{"reference", "--report", "csv=x"}, []string{"html, json, markdown"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, nil, append([]string{"matrix"}, test.args...)...)
			got.want(t, 2, append(test.words, "countersign: ", "hint: ")...)
			if got.out != "" {
				t.Errorf("something is on standard output: %s", got.out)
			}
		})
	}
}

func TestExplainShowsTargetsBesideEachOther(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	got := call(t, nil, "explain", "receiving.unsigned", "--targets", "reference,"+folder+"@1.3.0")
	got.want(t, 1, "embedded reference", "fake 1.3.0", "PASS", "FAIL", "control before", "< status 200", "function runs: 0", "function runs: 1")
	call(t, nil, "explain", "receiving.unsigned", "--targets", "reference").want(t, 0, "PASS")
	call(t, nil, "explain", "receiving.unsigned", "--targets", "inngest-j").want(t, 2, "did you mean inngest-js?")
	call(t, nil, "explain", "receiving.unsigned", "--targets", folder+"@1.4.0").want(t, 3, "1.4.0 was withdrawn")
}

// Each target has known violations of its own; those of others excuse nothing in it.
func TestBaselinesOfAMatrix(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	known := file(t, "known.yaml", "- {case: keys.fallback-accepted, reason: not yet, link: https://example.com/1}\n")
	state := filepath.Join(t.TempDir(), "state")
	args := []string{"matrix", folder + "@1.1.0,1.2.0", "--case", "keys.fallback-accepted", "--cases", "--state", state, "--seed", "7"}
	call(t, nil, args...).want(t, 1, "violates: 1", "conforms: 1")
	call(t, nil, append(args, "--baseline", folder+"@1.1.0="+known)...).want(t, 0, "excused", "conforms: 2", "1.2.0: conforms, as judged before")
	call(t, nil, append(args, "--baseline", "fake="+known)...).want(t, 5, "excused", "surprising", "1.1.0: conforms, as judged before")
	for text, says := range map[string]string{"other=" + known: "there is no such target", known: "takes TARGET=FILE", "fake=nowhere": "cannot be read"} {
		call(t, nil, append(args, "--baseline", text)...).want(t, 2, says)
	}
}
