package main

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/diagnosis"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

func TestDoctorOfAnEndpoint(t *testing.T) {
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
	if err := json.Unmarshal([]byte(got.out), &r); err != nil || r.Requests == 0 || r.Mistakes() != 1 {
		t.Errorf("%v: %s", err, got.out)
	}
}

func TestDoctorRefusesWhatMakesNoSense(t *testing.T) {
	call(t, nil, "doctor", "--url", "http://127.0.0.1:1/").want(t, 2, "INNGEST_SIGNING_KEY")
	call(t, ring, "doctor", "--url", "http://192.0.2.1/").want(t, 2, "--allow-remote")
	call(t, ring, "doctor", "--url", "http://127.0.0.1:1/", "--target", "inngest-js").want(t, 2, "mutually exclusive")
	call(t, ring, "doctor", "--json").want(t, 2, "require --url")
}
