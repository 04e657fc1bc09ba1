package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/rotate"
	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestRotatingTheReference(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	data, picture := filepath.Join(folder, "r.json"), filepath.Join(folder, "r.svg")
	got := call(t, nil, "rotate", "--seed", "5", "--report", "json="+data, "--report", "svg="+picture)
	got.want(t, 0, "HOLDS", "seed 5", "1 both deployed", "reference passed", "fallback-never-tried", "stage 2, rotated")
	text, err := os.ReadFile(data)
	if err != nil {
		t.Fatal(err)
	}
	var r rotate.Rotation
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Conclusion.ExitCode != 0 || r.RandomSeed != 5 || r.Reproduce != "countersign rotate --seed 5" || len(r.SelfCheck.Endpoints) != 2 || r.SelfCheck.Misjudged != "" {
		t.Errorf("%+v, seed %d, %s, %v", r.Conclusion, r.RandomSeed, r.Reproduce, r.SelfCheck)
	}
	if drawn, err := os.ReadFile(picture); err != nil || !strings.HasPrefix(string(drawn), "<svg ") {
		t.Errorf("the picture: %v", err)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 2 {
		t.Errorf("drafts are left: %v %v", files, err)
	}
}

func TestQuietDrillsGiveWayToReports(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	got := call(t, nil, "rotate", "--quiet", "--report", "json=-")
	if !json.Valid([]byte(got.out)) || !strings.Contains(got.errors, "HOLDS") || strings.Contains(got.errors, "stage 0, before: ") {
		t.Errorf("standard output: %.200s\nstandard error: %s", got.out, got.errors)
	}
}

func TestUsageErrorsOfRotate(t *testing.T) {
	for name, test := range map[string]struct {
		args  []string
		words []string
	}{
		"an argument":             {[]string{"inngest-js"}, []string{"--target inngest-js"}},
		"an unknown flag":         {[]string{"--sede", "1"}, []string{"did you mean --seed?"}},
		"an unknown target":       {[]string{"--target", "inngest-j"}, []string{"did you mean inngest-js?"}},
		"an unknown format":       {[]string{"--report", "png=r.png"}, []string{"html, json, svg"}},
		"a report without a file": {[]string{"--report", "svg"}, []string{"svg=FILE"}},
		"a report into nowhere":   {[]string{"--report", "svg=" + filepath.Join(t.TempDir(), "no", "r.svg")}, []string{"no folder"}},
		"two reports in one file": {[]string{"--report", "json=-", "--report", "svg=-"}, []string{"two reports"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, nil, append([]string{"rotate"}, test.args...)...)
			got.want(t, 2, append(test.words, "countersign: ", "hint: ")...)
			if got.out != "" {
				t.Errorf("something is on standard output: %s", got.out)
			}
		})
	}
}

func TestInterruptedDrillsLeaveNothing(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := callIn(t, ctx, nil, "rotate", "--report", "svg="+filepath.Join(folder, "r.svg"))
	got.want(t, 3, "interrupted")
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 || got.out != "" {
		t.Errorf("something is left: %v %v %s", files, err, got.out)
	}
}
