package diagnosis_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	terminal "github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// noRun are mistakes that keep a run from a report.
var noRun = []string{"it never responds", "quotes here"}

// A run says one cause for one mistake: that of the diagnosis, with its fix.
func TestARunSaysTheCauseOfTheDiagnosis(t *testing.T) {
	longtest.Skip(t)
	var voids, others atomic.Int32
	t.Run("mistakes", func(t *testing.T) {
		for _, m := range append(mistakes, unlisted...) {
			if slices.Contains(noRun, m.name) {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				void, other := runSays(t, m)
				voids.Add(void)
				others.Add(other)
			})
		}
	})
	if voids.Load() < 30 || others.Load() < 10 {
		t.Errorf("%d mistakes lead to VOID, and of %d of them the run alone has another cause: too few to test anything", voids.Load(), others.Load())
	}
}

// runSays runs the suite against a mistake. It returns 1 for a void run, and 1 where the
// cause that the run itself finds is another one.
func runSays(t *testing.T, m mistake) (void, other int32) {
	var handler http.Handler = m.app
	if m.front != nil {
		handler = m.front(handler)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	url, primary := server.URL+m.path, m.primary
	if m.path == "" {
		url = server.URL + "/api/inngest"
	}
	if primary == "" {
		primary = key
	}
	texts := map[string]string{reference.EnvSigningKey: primary, reference.EnvFallback: m.fallback}
	keys, err := launch.ReadKeys(func(name string) string { return texts[name] }, "")
	if err != nil {
		t.Fatal(err)
	}
	var found []report.SetupMistake
	options := run.Options{Target: run.TargetSpec{URL: url, Keys: keys}, Selection: run.Selection{Patterns: []string{"receiving.signed"}}, Seed: 1}
	options.Diagnose = func(context.Context) []report.SetupMistake {
		found = diagnose(t, handler, strings.TrimPrefix(url, server.URL), primary, m.fallback).Mistakes()
		return found
	}
	r, err := run.Run(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	for _, verbose := range []bool{false, true} {
		var out strings.Builder
		if err := report.Summary(verbose)(&out, r, terminal.Style{}); err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(out.String()), " ")
		if r.Void && len(found) > 0 && strings.Contains(words, "likely cause") {
			t.Errorf("two causes:\n%s", out.String())
		}
		for _, f := range found {
			if strings.Count(words, "["+f.ID+"]") != 1 || !strings.Contains(words, strings.Join(strings.Fields(f.Fix), " ")) {
				t.Errorf("%s and its fix are not there once:\n%s", f.ID, out.String())
			}
		}
	}
	if !r.Void || len(found) == 0 {
		return 0, 0
	}
	alone := options
	alone.Diagnose = nil
	plain, err := run.Run(t.Context(), alone)
	if err != nil {
		t.Fatal(err)
	}
	if r.Diagnosis == nil || plain.Diagnosis == nil {
		t.Fatal("a void run has no cause")
	}
	for _, f := range found {
		if !strings.Contains(r.Diagnosis.Cause, f.Cause) || !strings.Contains(r.Diagnosis.Remedy, f.Fix) {
			t.Errorf("the report's cause is %q; %q", r.Diagnosis.Cause, r.Diagnosis.Remedy)
		}
	}
	if plain.Diagnosis.Cause != found[0].Cause {
		other = 1
	}
	return 1, other
}
