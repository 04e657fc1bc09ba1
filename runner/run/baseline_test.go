package run_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/engine"
)

const known = `# Known violations of 1.2.
- case: keys.fallback-accepted # no rotation
  reason: this release cannot rotate keys
  link: https://example.com/1

# The proxy responds itself.
- case: receiving.signed
  reason: "the edge: times out"
  link: https://example.com/2
  excuses: inconclusive
- {case: headers.t-fraction, reason: old, link: "https://example.com/3", expires: "2026-01-31"}
`

func read(t *testing.T, text string) []engine.Excuse {
	t.Helper()
	path := filepath.Join(t.TempDir(), "known.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	baseline, err := run.ReadBaseline(path)
	if err != nil {
		t.Fatal(err)
	}
	return baseline.Entries
}

func TestBaselinesAreEditedInPlace(t *testing.T) {
	r := report.Report{Started: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Cases: []report.Case{
		{ID: "keys.fallback-accepted", Verdict: engine.Surprising}, {ID: "receiving.signed", Verdict: engine.Pass},
		{ID: "receiving.expired", Verdict: engine.Fail}, {ID: "receiving.body-empty", Verdict: engine.Warn, Level: "SHOULD"},
		{ID: "calls.spaced", Verdict: engine.Inconclusive, Level: "MUST"},
		{ID: "headers.s-one-off", Verdict: engine.Fail, Level: "MUST"},
	}}
	entries := read(t, known)
	needless := run.Needless(r, entries)
	if got := strings.Join(needless, " "); got != "keys.fallback-accepted headers.t-fraction" {
		t.Fatalf("not needed: %s", got)
	}
	pruned, err := run.PruneBaseline([]byte(known), needless)
	if err != nil {
		t.Fatal(err)
	}
	const want = "# The proxy responds itself.\n- case: receiving.signed\n  reason: \"the edge: times out\"\n  link: https://example.com/2\n  excuses: inconclusive\n"
	if string(pruned) != want {
		t.Errorf("pruned:\n%s", pruned)
	}
	all, err := run.PruneBaseline([]byte(known), []string{"keys.fallback-accepted", "receiving.signed", "headers.t-fraction"})
	if err != nil || len(read(t, string(all))) != 0 {
		t.Errorf("all pruned:\n%s%v", all, err)
	}

	found, core := run.Excusable(r, entries, false, true)
	if len(core) != 1 || core[0] != "receiving.expired" {
		t.Errorf("core: %v", core)
	}
	for i := range found {
		found[i].Reason, found[i].Link = "a: reason # with marks", "https://example.com/4"
	}
	for _, before := range []string{known, strings.TrimSuffix(known, "\n"), "", "[]\n"} {
		text, err := run.AppendBaseline([]byte(before), found)
		if err != nil {
			t.Fatal(err)
		}
		after := read(t, string(text))
		if len(after) != len(read(t, before+"\n"))+2 || !strings.HasPrefix(string(text), strings.TrimSuffix(before, "[]\n")) {
			t.Errorf("added to %q:\n%s", before, text)
		}
		last := after[len(after)-2]
		if last.Case != "calls.spaced" || last.Excuses != engine.Inconclusive || last.Reason != found[0].Reason {
			t.Errorf("%+v", last)
		}
	}
	if _, err := run.AppendBaseline([]byte("[{case: a, reason: b, link: c}]"), found); err == nil {
		t.Error("entries are added to a baseline in brackets")
	}
}
