package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
)

// sameReports judges the evidence of a run, and compares the two reports in everything
// but the evidence itself.
func sameReports(t *testing.T, env map[string]string, code int, args ...string) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "evidence")
	live, later := filepath.Join(t.TempDir(), "live.json"), filepath.Join(t.TempDir(), "later.json")
	call(t, env, append([]string{"run", "--quiet", "--evidence", folder, "--report", "json=" + live}, args...)...).want(t, code)
	call(t, nil, "judge", "--from", folder, "--report", "json="+later).want(t, code, "Judged from evidence", "same catalogue")
	one, other := readReport(t, live), readReport(t, later)
	if other.Evidence == nil || len(other.Evidence.SHA256) != 64 || len(one.Cases) < 5 {
		t.Fatalf("%+v, %d cases", other.Evidence, len(one.Cases))
	}
	other.Evidence = nil
	for i := range one.Cases {
		if !reflect.DeepEqual(one.Cases[i], other.Cases[i]) {
			t.Errorf("%s:\n%+v\n%+v", one.Cases[i].ID, one.Cases[i], other.Cases[i])
		}
	}
	if one.Cases, other.Cases = nil, nil; !reflect.DeepEqual(one, other) {
		t.Errorf("%+v\n%+v", one, other)
	}
	return folder
}

// TestEvidenceGivesTheSameReport: of the reference, of endpoints that are attached in
// each of the ways, and of a launched target.
func TestEvidenceGivesTheSameReport(t *testing.T) {
	t.Run("the reference", func(t *testing.T) { sameReports(t, nil, 0, "--tier", "smoke") })
	t.Run("all of it", func(t *testing.T) {
		longtest.Skip(t)
		sameReports(t, nil, 0)
	})
	t.Run("by trust probes", func(t *testing.T) {
		longtest.Skip(t)
		sameReports(t, withKey(), 1, "--url", serve(t, "absence-is-enough"), "--rate", "0", "--accept-probe", "--case", "receiving.*")
	})
	t.Run("by calls", func(t *testing.T) {
		longtest.Skip(t)
		sameReports(t, withKey(), 1, "--url", serve(t, "half-compared"), "--rate", "0", "--function", "countersign-echo", "--allow-sync")
	})
	t.Run("void", func(t *testing.T) {
		sameReports(t, withKey(), 4, "--url", serveHandler(t, always(200)), "--rate", "0", "--tier", "smoke")
	})
	t.Run("a launched target", func(t *testing.T) {
		longtest.Skip(t)
		sameReports(t, nil, 0, "--target", brokenTarget(t, "none", ""), "--tier", "smoke")
	})
	t.Run("a launched target that fails", func(t *testing.T) {
		longtest.Skip(t)
		sameReports(t, nil, 4, "--target", brokenTarget(t, "no-beacon", ""), "--tier", "smoke")
	})
}

// TestJudgingHasTheGateOfARun: baseline, levels, numbers and catalogues.
func TestJudgingHasTheGateOfARun(t *testing.T) {
	folder := sameReports(t, withKey(), 1, "--url", serve(t, "half-compared"), "--rate", "0", "--accept-probe", "--case", "headers.s-one-off")
	known := file(t, "known.yaml", "- case: headers.s-one-off\n  reason: known\n  link: https://example.com/1\n")
	junit := filepath.Join(t.TempDir(), "r.xml")
	call(t, nil, "judge", "--from", folder, "--baseline", known, "--report", "junit="+junit).want(t, 0, "1 known violation excused")
	if text, err := os.ReadFile(junit); err != nil || !strings.Contains(string(text), "headers.s-one-off") {
		t.Errorf("%v: %s", err, text)
	}
	call(t, nil, "judge", "--from", folder, "--baseline", known, "--min-judged", "900").want(t, 3, "--min-judged requires 900")
	call(t, nil, "judge", "--from", folder, "--catalogue", "2026.1", "--require", "should").want(t, 1)
	call(t, nil, "judge", "--from", folder, "--catalogue", "1999.1").want(t, 2, "1999.1")
	call(t, nil, "judge", "--from", folder, "--require", "may").want(t, 2, `"may"`)
	call(t, nil, "judge", folder).want(t, 2, "hint: ")
	call(t, nil, "judge").want(t, 2, "--from DIR")
	call(t, nil, "judge", "--from", filepath.Join(folder, "none")).want(t, 2, "no evidence", "hint: ")

	if err := os.Truncate(filepath.Join(folder, "exchanges.jsonl"), 1000); err != nil {
		t.Fatal(err)
	}
	call(t, nil, "judge", "--from", folder).want(t, 2, "exchanges.jsonl is not what SHA256SUMS says", "hint: ")
	mine := t.TempDir()
	if err := os.WriteFile(filepath.Join(mine, "thesis.tex"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	call(t, nil, "run", "--evidence", mine).want(t, 2, "not empty", "hint: ")
	call(t, nil, "run", "--evidence", "").want(t, 2, "--evidence is empty")
}
