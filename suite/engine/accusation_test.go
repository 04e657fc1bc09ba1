package engine_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// One defect fails one case; the cases that rest on that one are blocked by it.
func TestOneDefectFailsOneCase(t *testing.T) {
	longtest.Skip(t)
	refuse := reference.Response{Status: http.StatusUnauthorized, Header: http.Header{}}
	for name, test := range map[string]struct {
		breaks func(*reference.Endpoint)
		failed []string
	}{
		"use_api is ignored": {zooBreak(t, "use-api-ignored"), []string{"sending.use-api"}},
		"a signed PUT syncs in-band, an unsigned one is refused": {func(e *reference.Endpoint) {
			e.SyncOut = func(c *reference.Context) reference.Response {
				if c.Signed {
					return e.SyncIn(c)
				}
				return refuse
			}
		}, nil},
		"a signed PUT syncs in-band, an unsigned one out-of-band": {func(e *reference.Endpoint) {
			out := e.SyncOut
			e.SyncOut = func(c *reference.Context) reference.Response {
				if c.Signed {
					return e.SyncIn(c)
				}
				return out(c)
			}
		}, nil},
		"nothing is ever synced": {func(e *reference.Endpoint) {
			e.SyncOut = func(*reference.Context) reference.Response {
				return reference.Response{Status: http.StatusOK, Header: http.Header{}, Body: []byte(`{"message":"ok","modified":true}`)}
			}
		}, []string{"sync.registers"}},
		"there is no fallback key": {func(e *reference.Endpoint) {
			getenv := e.Getenv
			e.Getenv = func(name string) string {
				if name == reference.EnvFallback {
					return ""
				}
				return getenv(name)
			}
		}, []string{"keys.fallback-accepted"}},
		"INNGEST_SERVE_ORIGIN is ignored": {func(e *reference.Endpoint) {
			getenv := e.Getenv
			e.Getenv = func(name string) string {
				if name == reference.EnvServeOrigin {
					return ""
				}
				return getenv(name)
			}
		}, []string{"sync.serve-origin"}},
		"no window": {zooBreak(t, "no-window"), []string{"receiving.expired", "receiving.future"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), Break: test.breaks}
			judged, err := engine.Judge(context.Background(), lab, suite.Catalogue(), engine.Options{Jobs: 1, Seed: 3})
			if err != nil || judged.Void != "" {
				t.Fatal(err, judged.Void)
			}
			var failed []string
			for _, r := range judged.Results {
				switch r.Verdict {
				case engine.Fail, engine.Warn:
					failed = append(failed, r.Case.ID)
				case engine.Inconclusive, engine.Error:
					t.Errorf("%s is %s: %s", r.Case.ID, r.Verdict, r.Note)
				case engine.Blocked:
					if !slices.Contains(test.failed, r.Cause) || r.Open() {
						t.Errorf("%s is blocked by %s", r.Case.ID, r.Cause)
					}
				}
			}
			slices.Sort(failed)
			if !slices.Equal(failed, test.failed) {
				t.Errorf("%v failed, want %v", failed, test.failed)
			}
		})
	}
}

func zooBreak(t *testing.T, mutant string) func(*reference.Endpoint) {
	t.Helper()
	m, known := zoo.Find(mutant)
	if !known {
		t.Fatalf("there is no mutant %q", mutant)
	}
	return m.Break
}
