package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// key signs requests to endpoints that the tests serve.
const key = "signkey-test-00112233445566778899aabbccddeeff"

// result is the exit code and the output of a call of the program.
type result struct {
	code        int
	out, errors string
}

// call runs the program in this process.
func call(t *testing.T, env map[string]string, args ...string) result {
	t.Helper()
	return callIn(t, t.Context(), env, args...)
}

func callIn(t *testing.T, ctx context.Context, env map[string]string, args ...string) result {
	t.Helper()
	var out, errors bytes.Buffer
	code := execute(ctx, append([]string{"countersign"}, args...), strings.NewReader(""), &out, &errors, func(name string) string { return env[name] })
	return result{code, out.String(), errors.String()}
}

// want checks the exit code and what the output must contain.
func (got result) want(t *testing.T, code int, words ...string) {
	t.Helper()
	if got.code != code {
		t.Errorf("exit code %d, want %d", got.code, code)
	}
	for _, word := range words {
		if !strings.Contains(got.out+got.errors, word) {
			t.Errorf("%q is missing", word)
		}
	}
	if t.Failed() {
		t.Logf("standard output:\n%s\nstandard error:\n%s", got.out, got.errors)
	}
}

// serve serves the reference, or a mutant of it, over loopback.
func serve(t *testing.T, mutant string) string {
	t.Helper()
	env := map[string]string{reference.EnvSigningKey: key}
	endpoint := inprocess.Reference(func(name string) string { return env[name] })
	if mutant != "" {
		m, known := zoo.Find(mutant)
		if !known {
			t.Fatalf("there is no mutant %q", mutant)
		}
		m.Break(endpoint)
	}
	return serveHandler(t, endpoint)
}

func serveHandler(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/api/inngest"
}

func always(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readReport(t *testing.T, path string) report.Report {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func withKey() map[string]string { return map[string]string{reference.EnvSigningKey: key} }

func TestEmbeddedReferenceConforms(t *testing.T) {
	longtest.Skip(t)
	path := filepath.Join(t.TempDir(), "report.json")
	call(t, nil, "run", "--seed", "1", "--report", "json="+path).want(t, 0, "CONFORMS", "self-check: 3 endpoints with a known verdict judged rightly")
	r := readReport(t, path) // all but the case of the process's own output are judged
	if r.Void || r.Summary[engine.Pass] < 80 || r.Judged != r.Total-1 || len(r.SelfCheck.Endpoints) != 3 {
		t.Errorf("void %v, judged %d of %d, passed %d, mutants %v", r.Void, r.Judged, r.Total, r.Summary[engine.Pass], r.SelfCheck.Endpoints)
	}
	for _, m := range r.SelfCheck.Endpoints {
		if !m.Correct && m.Verdict != "fail" && m.Verdict != "warn" {
			t.Errorf("the mutant %s got the verdict %s", m.Name, m.Verdict)
		}
	}
}

func TestEveryTierConforms(t *testing.T) {
	longtest.Skip(t)
	for _, tier := range []string{"smoke", "deep"} {
		call(t, nil, "run", "--quiet", "--tier", tier).want(t, 0, tier+" tier", "CONFORMS")
	}
}

func TestAttachedReferenceConforms(t *testing.T) {
	longtest.Skip(t)
	got := call(t, withKey(), "run", "--rate", "0", "--url", serve(t, ""), "--function", "countersign-echo")
	got.want(t, 0, "CONFORMS", "judged", "countersign-reference", "by the responses to calls of countersign-echo")
	if !strings.Contains(got.errors, "requests will be sent") || !strings.Contains(got.errors, "no PUT. The function countersign-echo will run about") {
		t.Errorf("what will be sent is not said: %s", got.errors)
	}
	if strings.Contains(got.out+got.errors, strings.TrimPrefix(key, "signkey-test-")) {
		t.Error("the key is in the output")
	}
}

// Without a function that may run, calls are not judged, and the report says so.
func TestAttachedByProbeAlone(t *testing.T) {
	longtest.Skip(t)
	path := filepath.Join(t.TempDir(), "report.json")
	byProbe := []string{"run", "--rate", "0", "--url", serve(t, ""), "--report", "json=" + path}
	got := call(t, withKey(), byProbe...)
	got.want(t, 3, "COULD NOT JUDGE CALLS", "by a trust probe", "--function", "--accept-probe")
	if !strings.Contains(got.errors, "no PUT. No request names a function that exists") {
		t.Errorf("what will be sent is not said: %s", got.errors)
	}
	if r := readReport(t, path); r.InPlace < 50 || r.InPlace >= r.Judged || r.Target.AcceptProbe || r.Target.Requests < 300 {
		t.Errorf("%d of %d by probe, %+v", r.InPlace, r.Judged, r.Target)
	}
	call(t, withKey(), append(byProbe, "--accept-probe")...).want(t, 0, "CONFORMS", "as --accept-probe allows")
	if r := readReport(t, path); !r.Target.AcceptProbe {
		t.Error("the report does not say that --accept-probe was given")
	}
}

func TestKeysAreInNoReport(t *testing.T) {
	longtest.Skip(t)
	var out bytes.Buffer
	for _, where := range []string{"", "absence-is-enough"} {
		got := call(t, withKey(), "run", "--rate", "0", "--url", serve(t, where), "--report", "json=-")
		out.WriteString(got.out + got.errors)
	}
	parsed, err := reference.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	_, hash, _ := strings.Cut(parsed.Bearer(), "test-")
	for name, secret := range map[string]string{"the key": parsed.Secret(), "its hash": hash} {
		if strings.Contains(strings.ToLower(out.String()), secret) {
			t.Errorf("%s is in a report", name)
		}
	}
	if !strings.Contains(out.String(), "{{mac:primary}}") {
		t.Error("no token stands in the place of a signature: the test looks at nothing")
	}
}

func TestAcceptingUnsignedViolates(t *testing.T) {
	longtest.Skip(t)
	path := filepath.Join(t.TempDir(), "report.json")
	url := serve(t, "absence-is-enough")
	call(t, withKey(), "run", "--rate", "0", "--url", url, "--seed", "5", "--report", "json="+path).want(t, 1,
		"VIOLATES", "FAIL  receiving.unsigned", "SPEC 4.1.3(3)", "KEYS 1", "expected", "observed", "Anyone who can reach the endpoint",
		"countersign run --url "+url+" --case receiving.unsigned --seed 5")
	if r := readReport(t, path); r.Void || r.Summary[engine.Fail] == 0 || r.Conclusion.ExitCode != 1 {
		t.Errorf("void %v, failed %d, exit code %d", r.Void, r.Summary[engine.Fail], r.Conclusion.ExitCode)
	}
}

func TestServersThatAreNoEndpointNeverConform(t *testing.T) {
	longtest.Skip(t)
	for status, code := range map[int]int{http.StatusUnauthorized: 4, http.StatusInternalServerError: 4, http.StatusNotFound: 4, http.StatusOK: 4} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			call(t, withKey(), "run", "--rate", "0", "--url", serveHandler(t, always(status))).want(t, code)
		})
	}
}

func TestTheWrongKeyIsVoid(t *testing.T) {
	longtest.Skip(t)
	env := map[string]string{reference.EnvSigningKey: "signkey-test-ffffffff"}
	got := call(t, env, "run", "--rate", "0", "--url", serve(t, ""))
	got.want(t, 4, "VOID", "observed     status 500", "[key.unknown]", "fix          compare `countersign keys hash`")
	if strings.Contains(got.out, "FAIL") {
		t.Error("a void run shows verdicts")
	}
}

// TestNarrowedRunsJudgeTheCore: and the cases that the selected one rests on.
func TestNarrowedRunsJudgeTheCore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	call(t, nil, "run", "--case", "modes.introspection", "--report", "json="+path).want(t, 0, "judged 8 of 8", "only 8 of the tier's")
	for _, c := range readReport(t, path).Cases {
		if selected := c.ID == "modes.introspection"; selected == c.Core {
			t.Errorf("%s: core is %v", c.ID, c.Core)
		}
	}
}

func TestAnIDIsFoundInEveryTier(t *testing.T) {
	longtest.Skip(t)
	call(t, nil, "run", "--case", "keys.bare", "--case", "keys.bare-*", "--tier", "deep").want(t, 0)
	call(t, nil, "run", "--case", "keys.bare").want(t, 0, "judged 6 of 6")
	call(t, nil, "run", "--case", "keys.bare*").want(t, 2, "--tier deep")
}

func TestBaselines(t *testing.T) {
	longtest.Skip(t)
	entry := func(id string) string {
		return file(t, "known.yaml", "- case: "+id+"\n  reason: known\n  link: https://example.com/1\n")
	}
	t.Run("an excuse that nothing needs is stale", func(t *testing.T) {
		call(t, nil, "run", "--case", "receiving.signed", "--baseline", entry("receiving.signed")).want(t, 5, "STALE BASELINE", "SURPRISING  receiving.signed")
	})
	t.Run("an excuse for no case is stale", func(t *testing.T) {
		call(t, nil, "run", "--case", "receiving.signed", "--baseline", entry("receiving.gone")).want(t, 5, "STALE  receiving.gone")
		call(t, nil, "run", "--case", "receiving.signed", "--baseline", entry("receiving.singed")).want(t, 5, "STALE  receiving.singed", "did you mean receiving.signed?")
	})
	t.Run("a known violation is excused", func(t *testing.T) {
		call(t, withKey(), "run", "--rate", "0", "--accept-probe", "--url", serve(t, "half-compared"), "--case", "headers.s-one-off", "--baseline", entry("headers.s-one-off")).
			want(t, 0, "1 known violation excused", "1 excused")
	})
	t.Run("the error for an unknown key has a line", func(t *testing.T) {
		call(t, nil, "run", "--baseline", file(t, "known.yaml", "- case: receiving.signed\n  because: known\n")).want(t, 2, "[2:", "because", "hint:")
	})
	t.Run("a reason is needed", func(t *testing.T) {
		call(t, nil, "run", "--baseline", file(t, "known.yaml", "- case: receiving.signed\n")).want(t, 2, "entry 1")
	})
	t.Run("one excuse is enough", func(t *testing.T) {
		twice := strings.Repeat("- {case: receiving.signed, reason: known, link: 'https://example.com'}\n", 2)
		call(t, nil, "run", "--baseline", file(t, "known.yaml", twice)).want(t, 2, "excused twice")
	})
}

// Nothing is known about a target that does not start. One message says why, with
// its last lines.
func TestTargetsThatDoNotStart(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("SKIPPED LOUDLY: there is no shell here to write a target in")
	}
	t.Setenv("COUNTERSIGN_CACHE", t.TempDir())
	const fails = `[sh, -c, "echo the module is not there; exit 1"]`
	for name, test := range map[string]struct{ text, want string }{
		"it dies at start":       {"start: " + fails, "countersign: broken did not start: it exited with status 1"},
		"it cannot be installed": {"setup: " + fails + "\nstart: [sh]", "countersign: installing broken: sh exited with status 1"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Dir(file(t, "target.yaml", "name: broken\ntitle: Broken\npath: /api/inngest\n"+test.text+"\n"))
			got := call(t, nil, "run", "--quiet", "--target", folder)
			got.want(t, 3, test.want, "  | the module is not there\n", "countersign doctor")
			if got.out != "" || strings.Count(got.errors, "\n") != 3 {
				t.Errorf("more than one message:\n%s%s", got.out, got.errors)
			}
		})
	}
}
