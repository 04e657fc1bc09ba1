package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/diagnosis"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestDoctorOfAnEndpoint(t *testing.T) {
	longtest.Skip(t)
	call(t, ring, "doctor", "--url", serve(t, "")).want(t, 1, "1 MISTAKE FOUND", "[fallback-missing]", "evidence", "fix", "checked", "rotation")
	call(t, map[string]string{reference.EnvSigningKey: key}, "doctor", "--url", serve(t, "")).want(t, 0, "NO MISTAKE FOUND", "countersign-reference")
	dev := serveHandler(t, inprocess.Reference(func(name string) string { return map[string]string{reference.EnvDev: "1"}[name] }))
	call(t, ring, "doctor", "--quiet", "--url", dev).want(t, 1, "[dev-mode]")
	elsewhere := serveHandler(t, http.NotFoundHandler())
	call(t, ring, "doctor", "--url", elsewhere).want(t, 1, "[wrong-path]")
	call(t, ring, "doctor", "--url", "http://127.0.0.1:1/").want(t, 1, "[no-listener]")
}

func TestDoctorWritesJSON(t *testing.T) {
	got := call(t, ring, "doctor", "--json", "--url", serve(t, ""))
	var r diagnosis.Result
	if err := json.Unmarshal([]byte(got.out), &r); err != nil || r.Requests == 0 || len(r.Mistakes()) != 1 {
		t.Errorf("%v: %s", err, got.out)
	}
}

func TestDoctorRefusesWhatMakesNoSense(t *testing.T) {
	call(t, nil, "doctor", "--url", "http://127.0.0.1:1/").want(t, 2, "INNGEST_SIGNING_KEY")
	call(t, ring, "doctor", "--url", "http://192.0.2.1/").want(t, 2, "--allow-remote")
	call(t, ring, "doctor", "--url", "http://127.0.0.1:1/", "--target", "inngest-js").want(t, 2, "mutually exclusive")
	call(t, ring, "doctor", "--json").want(t, 2, "require --url")
}

// A run against an endpoint that is not clean begins with what is wrong with its set-up.
func TestRunsSayWhatIsWrongWithTheSetUp(t *testing.T) {
	longtest.Skip(t)
	dev := serveHandler(t, inprocess.Reference(func(name string) string {
		return map[string]string{reference.EnvDev: "1", reference.EnvSigningKey: key}[name]
	}))
	args := []string{"run", "--tier", "smoke", "--rate", "0", "--seed", "1", "--url"}
	env := map[string]string{reference.EnvSigningKey: key}
	got := call(t, env, append(args, dev)...)
	got.want(t, got.code, "Look at the set-up first", "[dev-mode]", "at most 20 more")
	if first := strings.Join(strings.Split(got.out, "\n")[:24], "\n"); got.code == 0 || !strings.Contains(first, "[dev-mode]") || !strings.Contains(first, "fix") {
		t.Errorf("exit code %d; on the first screen:\n%s", got.code, first)
	}
	clean := call(t, env, append(args, serve(t, ""), "--accept-probe")...)
	clean.want(t, 0)
	if strings.Contains(clean.out, "Look at the set-up") {
		t.Error("a clean run is diagnosed")
	}
	wrong := call(t, map[string]string{reference.EnvSigningKey: fallback}, append(args, serve(t, ""))...)
	wrong.want(t, wrong.code, "Look at the set-up first", "[key.unknown]")
	broken := call(t, env, append(args, serve(t, "no-window"))...)
	broken.want(t, broken.code, "the set-up is not the reason: no mistake was found")
	if strings.Contains(broken.out, "Look at the set-up") {
		t.Error("the set-up is accused")
	}
}

// Where there is no report, either, the cause is the diagnosis's alone.
func TestARunWithoutAReportHasOneCause(t *testing.T) {
	longtest.Skip(t)
	app := inprocess.Reference(func(name string) string { return map[string]string{reference.EnvSigningKey: key}[name] })
	args := []string{"run", "--quiet", "--tier", "smoke", "--rate", "0", "--function", "countersign-echo", "--url"}
	got := call(t, map[string]string{reference.EnvSigningKey: key}, append(args, serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		r.Body, r.ContentLength = http.NoBody, 0
		app.ServeHTTP(w, r)
	})))...)
	got.want(t, 3, "Look at the set-up first", "[body-changed]", "but not a valid call", "hint: give the SDK the bytes")
	if strings.Contains(got.errors, "likely cause") {
		t.Errorf("two causes:\n%s", got.errors)
	}
	healthy := call(t, map[string]string{reference.EnvSigningKey: key}, append(args, serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Query().Get("fnId") == "countersign-echo" {
			http.Error(w, `{"name":"Error","message":"the database is away"}`, http.StatusInternalServerError)
			return
		}
		app.ServeHTTP(w, r)
	})))...)
	healthy.want(t, 3, "but not a valid call", "likely cause: ")
	if strings.Contains(healthy.errors, "Look at the set-up") {
		t.Errorf("the set-up is accused:\n%s", healthy.errors)
	}
}
