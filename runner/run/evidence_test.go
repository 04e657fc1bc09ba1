package run_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// sameReport compares a report of evidence with that of the run.
func sameReport(t *testing.T, folder string, live report.Report) {
	t.Helper()
	later, err := run.FromEvidence(t.Context(), run.FromOptions{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	if later.Evidence == nil {
		t.Fatal("it does not say that it is one of evidence")
	}
	later.Evidence, later.Tool = nil, live.Tool
	for i := range live.Cases {
		if !reflect.DeepEqual(live.Cases[i], later.Cases[i]) {
			t.Errorf("%+v\n%+v", live.Cases[i], later.Cases[i])
		}
	}
	if live.Cases, later.Cases = nil, nil; !reflect.DeepEqual(live, later) {
		t.Errorf("%+v\n%+v", live, later)
	}
}

// TestAnInterruptedRunIsJudgedAsFarAsItCame: with what was seen until then.
func TestAnInterruptedRunIsJudgedAsFarAsItCame(t *testing.T) {
	longtest.Skip(t)
	ctx, stop := context.WithCancel(t.Context())
	folder := filepath.Join(t.TempDir(), "evidence")
	live, err := run.Run(ctx, run.Options{
		Seed: 3, Jobs: 2, Evidence: folder,
		Watch: func(p engine.Progress) {
			if p.Done == 60 {
				stop()
			}
		},
	})
	if err != nil || live.Incomplete != "interrupted" || live.Judged < 10 || live.Conclusion.ExitCode != page.ExitCouldNotJudge {
		t.Fatalf("%v: %+v, %d judged", err, live.Conclusion, live.Judged)
	}
	sameReport(t, folder, live)
}

// A run without a result leaves a folder that says so.
func TestARunWithoutAResultIsIncomplete(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	folder := filepath.Join(t.TempDir(), "evidence")
	stop()
	if _, err := run.Run(ctx, run.Options{Evidence: folder}); err == nil {
		t.Fatal("a run that was never begun has a result")
	}
	_, err := run.FromEvidence(t.Context(), run.FromOptions{Folder: folder})
	var described *page.Error
	if !errors.As(err, &described) || described.Code != page.ExitCouldNotJudge || !strings.Contains(described.Sentence, "incomplete") {
		t.Errorf("%v", err)
	}
}

// Evidence of a selection is judged for it, and prerequisites are not selected.
func TestASelectionIsTheSameLater(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "evidence")
	live, err := run.Run(t.Context(), run.Options{Seed: 3, Evidence: folder, Selection: run.Selection{Patterns: []string{"headers.s-*"}, Profile: suite.ProfileSpec}})
	if err != nil {
		t.Fatal(err)
	}
	sameReport(t, folder, live)
}

// The keys of an endpoint that is attached are somebody's: no file has them.
func TestNoFileHasTheKey(t *testing.T) {
	longtest.Skip(t)
	folder := filepath.Join(t.TempDir(), "evidence")
	target := callable(attached(t, "introspection-tells-the-key"))
	live, err := run.Run(t.Context(), run.Options{Target: target, Seed: 3, Evidence: folder, Selection: run.Selection{Patterns: []string{"introspection.*"}}})
	if err != nil {
		t.Fatal(err)
	}
	sameReport(t, folder, live)
	parsed, err := reference.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	tokens := 0
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 6 {
		t.Fatal(err, entries)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		tokens += strings.Count(string(text), suite.SecretToken(suite.Primary))
		for _, secret := range []string{parsed.Secret(), suite.BearerHash(parsed), suite.TextHash(parsed.Text())} {
			for at := 0; at+12 <= len(secret); at++ {
				if strings.Contains(strings.ToLower(string(text)), secret[at:at+12]) {
					t.Fatalf("%s has %s", entry.Name(), secret[at:at+12])
				}
			}
		}
	}
	if tokens == 0 {
		t.Error("the endpoint tells its key, and there is no token in its place")
	}
}
