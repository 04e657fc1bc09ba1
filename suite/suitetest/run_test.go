package suitetest_test

import (
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/suitetest"
)

func TestReference(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	suitetest.Run(t, whole, suitetest.Claims(inprocess.ReferenceClaims...), suitetest.Jobs(4), suitetest.Tier(suite.Deep), suitetest.Destructive())
}

func whole(env map[string]string) http.Handler {
	endpoint := suitetest.Reference(env)
	return inprocess.WithWorker(endpoint, endpoint)
}

// changed makes the handler function of the reference with one part replaced.
func changed(change func(*reference.Endpoint)) func(map[string]string) http.Handler {
	return func(env map[string]string) http.Handler {
		endpoint := suitetest.Reference(env)
		change(endpoint)
		return endpoint
	}
}

var acceptsUnsigned = changed(func(e *reference.Endpoint) {
	policy := e.Policy
	e.Policy = func(r *http.Request, body []byte, mode reference.Mode) reference.VerificationPolicy {
		if r.Method == http.MethodPost && r.Header.Get(reference.HeaderSignature) == "" {
			return reference.Ignored
		}
		return policy(r, body, mode)
	}
})

func excuse(id string) suitetest.Option {
	return suitetest.Baseline(engine.Excuse{Case: id, Reason: "tracked", Link: "https://example.com/1"})
}

// scenario is a call of Run in a process of its own, whose output is checked, because
// a test cannot check its own failures.
type scenario struct {
	handler func(map[string]string) http.Handler
	options []suitetest.Option
	passes  bool
	run     string   // subtests to run; empty: all
	want    []string // in the output
	never   []string
}

var scenarios = map[string]scenario{
	"a violation reads like the report": {
		handler: acceptsUnsigned, options: []suitetest.Option{suitetest.Seed(7)},
		want: []string{
			"--- FAIL: TestScenario/receiving/unsigned",
			"FAIL: receiving.unsigned  MUST, forgery",
			"requirement  ", "clause       SPEC 4.1.3", "set-up       cloud mode", "sent         an unsigned call",
			"expected     ", "observed     ", "the function ran", "impact       anyone who can reach the endpoint, without any secret, can run the app's functions",
			"reproduce    go test -run '^TestScenario$/^receiving$/^unsigned$', with suitetest.Seed(7)",
			"> POST /api/inngest?fnId=countersign-echo", "< 200 OK", "--- PASS: TestScenario/receiving/wrong-key",
		},
		never: []string{"signkey-prod-"},
	},
	"one subtest can be chosen": {
		handler: acceptsUnsigned, run: "^TestScenario$/^receiving$/^unsigned$",
		want: []string{"--- FAIL: TestScenario/receiving/unsigned"}, never: []string{"TestScenario/receiving/expired"},
	},
	"a known violation is skipped": {
		handler: changed(func(e *reference.Endpoint) {
			e.SyncOut = func(*reference.Context) reference.Response {
				return reference.Response{Status: http.StatusNotImplemented}
			}
		}),
		options: []suitetest.Option{excuse("sync.registers")}, run: "^TestScenario$/^sync$/^registers$",
		want:   []string{"--- SKIP: TestScenario/sync/registers", "known violation: tracked (https://example.com/1)"},
		passes: true,
	},
	"an excuse of what passes fails": {
		handler: whole, options: []suitetest.Option{excuse("receiving.signed")}, run: "^TestScenario$/^receiving$/^signed$",
		want: []string{"STALE: receiving.signed passes, but the baseline excuses it: tracked (https://example.com/1)", "remove it from the baseline"},
	},
	"an excuse of no case fails": {
		handler: whole, options: []suitetest.Option{excuse("no.such-case")},
		want: []string{"STALE: the baseline excuses no.such-case, and there is no such case"},
	},
	"capabilities that are not claimed are skipped": {
		handler: whole, options: []suitetest.Option{suitetest.Tier(suite.Default)}, run: "^TestScenario$/^inband$", passes: true,
		want: []string{"--- SKIP: TestScenario/inband/", "the target does not claim in-band-sync"},
	},
	"a handler that is not the app is void": {
		handler: func(map[string]string) http.Handler { return http.NotFoundHandler() },
		want:    []string{"void: ", "likely cause: wrong path", "hint: check that the handler verifies with the keys in env", "< 404 Not Found", "404 page not found"},
		never:   []string{"TestScenario/"},
	},
	"a handler that runs nothing visible is void": {
		handler: func(env map[string]string) http.Handler {
			delete(env, suite.EnvBeacon)
			return suitetest.Reference(env)
		},
		want: []string{"void: ", "likely cause: ", "which calls suitetest.CallBeacon", "< 200 OK"},
	},
	"cases that rest on a failure are skipped, and name it": {
		handler: changed(func(e *reference.Endpoint) {
			run := e.Run
			e.Run = func(c *reference.Context) reference.Response {
				if !c.Keys.Fallback.IsZero() {
					return reference.Response{Status: http.StatusTeapot, Header: http.Header{}}
				}
				return run(c)
			}
		}),
		options: []suitetest.Option{suitetest.Tier(suite.Default)},
		want: []string{
			"--- FAIL: TestScenario/keys/fallback-accepted", "--- SKIP: TestScenario/keys/fallback-expired", "blocked: keys.fallback-accepted did not hold",
		},
	},
	"a handler function that panics": {
		handler: func(env map[string]string) http.Handler { panic("no key " + env[reference.EnvSigningKey]) },
		want:    []string{"could not judge the handler: starting the target", "the handler function panicked: no key signkey-prod-{{primary.secret}}"},
	},
	"a handler function that returns nil": {
		handler: func(map[string]string) http.Handler { return nil },
		want:    []string{"could not judge the handler: starting the target", "the handler function returned nil"},
	},
	"a handler function that gives up": {
		handler: func(map[string]string) http.Handler {
			runtime.Goexit() // as t.FailNow does
			return nil
		},
		want: []string{"the handler function did not return: it called t.FailNow or runtime.Goexit"},
	},
	"a handler that panics": {
		handler: changed(func(e *reference.Endpoint) {
			e.Refuse = func(*reference.Context, error) reference.Response { panic("cannot refuse") }
		}),
		run:  "^TestScenario$/^receiving$/^unsigned$",
		want: []string{"FAIL: receiving.unsigned", "no response", "the handler panicked: cannot refuse"},
	},
	"no handler function": {handler: nil, want: []string{"suitetest.Run: the handler function is nil"}},
	"no endpoint at a time": {
		handler: whole, options: []suitetest.Option{suitetest.Jobs(0)}, want: []string{"suitetest.Run: Jobs(0): at least one endpoint"},
	},
	"several endpoints in one environment": {
		handler: whole, options: []suitetest.Option{suitetest.Jobs(2), suitetest.ProcessEnv()}, want: []string{"Jobs and ProcessEnv are mutually exclusive"},
	},
	"no such capability": {
		handler: whole, options: []suitetest.Option{suitetest.Claims("speed")}, want: []string{`Claims("speed"): there is no such capability`},
	},
	"no such tier": {handler: whole, options: []suitetest.Option{suitetest.Tier(9)}, want: []string{"Tier(9): the tiers are"}},
	"no such profile": {
		handler: whole, options: []suitetest.Option{suitetest.Profile("x")}, want: []string{`Profile("x"): the profiles are`},
	},
	"a path that is none": {handler: whole, options: []suitetest.Option{suitetest.Path("api")}, want: []string{`Path("api"): a path starts with a slash`}},
	"an excuse without a reason": {
		handler: whole, options: []suitetest.Option{suitetest.Baseline(engine.Excuse{Case: "receiving.signed"})},
		want: []string{"suitetest.Run: Baseline: entry 1 lacks a case, a reason or a link"},
	},
	"an excuse of the core": {
		handler: whole, options: []suitetest.Option{excuse("receiving.unsigned")}, want: []string{"receiving.unsigned cannot be excused"},
	},
	"an excuse twice": {
		handler: whole, options: []suitetest.Option{excuse("receiving.signed"), excuse("receiving.signed")},
		want: []string{"receiving.signed is excused twice"},
	},
}

// scenarioVariable names the scenario that a process runs.
const scenarioVariable = "SUITETEST_SCENARIO"

// TestScenario is what the processes of TestScenarios run.
func TestScenario(t *testing.T) {
	s, chosen := scenarios[os.Getenv(scenarioVariable)]
	if !chosen {
		t.Skip("TestScenarios runs this test in processes of its own")
	}
	suitetest.Run(t, s.handler, append([]suitetest.Option{suitetest.Tier(suite.Smoke)}, s.options...)...)
}

func TestScenarios(t *testing.T) {
	longtest.Skip(t)
	t.Parallel()
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			output, err := runScenario(t, name, s.run)
			if (err == nil) != s.passes {
				t.Errorf("the test ended with %v; should pass: %v", err, s.passes)
			}
			for _, want := range s.want {
				if !strings.Contains(output, want) {
					t.Errorf("the output lacks %q", want)
				}
			}
			for _, never := range s.never {
				if strings.Contains(output, never) {
					t.Errorf("the output contains %q", never)
				}
			}
			if t.Failed() {
				t.Log(output)
			}
		})
	}
}

func runScenario(t *testing.T, name, subtests string) (output string, err error) {
	t.Helper()
	if subtests == "" {
		subtests = "^TestScenario$"
	}
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run="+subtests)
	command.Env = append(os.Environ(), scenarioVariable+"="+name)
	raw, err := command.CombinedOutput()
	return string(raw), err
}
