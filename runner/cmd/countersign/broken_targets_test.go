package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// asTarget is the first argument with which this test binary is a target; the
// second says what is wrong with it.
const asTarget = "broken-test-target"

func init() {
	if len(os.Args) == 3 && os.Args[1] == asTarget {
		fmt.Fprintln(os.Stderr, serveBroken(os.Args[2]))
		os.Exit(1)
	}
}

// serveBroken serves the reference with a mistake that a target app may have.
func serveBroken(mistake string) error {
	port, endpoint := os.Getenv("PORT"), inprocess.Reference(os.Getenv)
	var handler http.Handler = endpoint
	switch mistake {
	case "none":
	case "no-beacon":
		endpoint.Functions["echo"] = func(_ context.Context, call reference.Call) (any, error) { return call.Event.Data, nil }
	case "wrong-app-id":
		endpoint.AppID = "my-app"
	case "wrong-port":
		port = "0"
	case "body-not-parsed":
		handler = withoutBody(endpoint)
	case "dies":
		return errors.New("\x1b[31mError: cannot find module 'inngest'\x1b[39m")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	return http.Serve(listener, handler)
}

// withoutBody is a framework that has read the body before the SDK's handler, as
// some do if they are set up for it, or need to be and are not.
func withoutBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set(reference.HeaderSDK, reference.SDK)
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"message":"Missing body when executing"}`)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(nil))
		next.ServeHTTP(w, r)
	})
}

// brokenTarget is the folder of a target with a mistake.
func brokenTarget(t *testing.T, mistake, more string) (folder string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("COUNTERSIGN_CACHE", t.TempDir())
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	folder = t.TempDir()
	text := fmt.Sprintf("name: mine\ntitle: A test\nstart: [%q, %s, %s]\npath: /api/inngest\n%s", self, asTarget, mistake, more)
	if err := os.WriteFile(folder+"/target.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// The results of `doctor` and `run` for six targets that violate the contract.
func TestBrokenTargets(t *testing.T) {
	longtest.Skip(t)
	for mistake, test := range map[string]struct {
		more   string // of target.yaml
		passed string // the last step that passes
		doctor []string
		code   int // of run
		run    []string
	}{
		"no-beacon": {
			passed: "function",
			doctor: []string{"FAILED beacon", "the function ran, but the beacon was never called", "remedy", "POST to", "$COUNTERSIGN_BEACON/<percent-encoded nonce>", "not checked", "sync, clean stop"},
			code:   4, run: []string{"VOID", "observed", "status 200; nothing ran", "likely cause The function ran, but the beacon was never called.", "COUNTERSIGN_BEACON"},
		},
		"wrong-app-id": {
			passed: "who listens", // the mode is not read from a response that names another app
			doctor: []string{"FAILED app id", `it registers the app "my-app"`, "remedy", "the app id must be countersign"},
			code:   4, run: []string{"VOID", "status 500; nothing ran", "no such function", "likely cause Unknown function id.", "The app id must be countersign"},
		},
		"wrong-port": {
			more: "limits: {start: 2s}\n", passed: "start",
			doctor: []string{"FAILED port", "nothing responded at http://127.0.0.1:", "within 2s", "remedy", "at the port that the variable PORT names"},
			code:   3, run: []string{"countersign: mine did not start: nothing responded at http://127.0.0.1:", "within 2s", "countersign doctor --target"},
		},
		"body-not-parsed": {
			passed: "app id",
			doctor: []string{"FAILED function", "status 500; nothing ran", "Missing body", "Likely cause: body not parsed", "remedy", "body parser"},
			code:   4, run: []string{"VOID", "status 500; nothing ran", "Missing body when executing", "likely cause Body not parsed", "body parser"},
		},
		"dies": {
			passed: "set-up",
			doctor: []string{"FAILED start", "it exited with status 1 before it responded", "| Error: cannot find module 'inngest'", "remedy", "keep running"},
			code:   3, run: []string{"countersign: mine did not start: it exited with status 1", "| Error: cannot find module 'inngest'"},
		},
		"missing-tool": {
			more:   "requires: [{command: countersign-no-such-tool, args: [--version], minimum: \"1.2\"}]\n",
			doctor: []string{"FAILED tools", "mine needs countersign-no-such-tool 1.2 or newer", "does not run here", "remedy", "install it"},
			code:   2, run: []string{"countersign: mine needs countersign-no-such-tool 1.2 or newer", "hint: install it"},
		},
	} {
		t.Run(mistake, func(t *testing.T) {
			folder := brokenTarget(t, mistake, test.more)
			got := call(t, nil, "doctor", "--quiet", "--target", folder).unwrapped()
			got.want(t, 3, test.doctor...)
			if test.passed != "" && !strings.Contains(got.out, "ok "+test.passed) || strings.Count(got.out, "FAILED") != 1 {
				t.Errorf("%s must pass, and one step fail:\n%s", test.passed, got.out)
			}
			call(t, nil, "run", "--quiet", "--tier", "smoke", "--target", folder).unwrapped().want(t, test.code, test.run...)
		})
	}
}

// unwrapped has single spaces in the place of spaces and line ends.
func (got result) unwrapped() result {
	return result{got.code, strings.Join(strings.Fields(got.out), " "), strings.Join(strings.Fields(got.errors), " ")}
}

func TestASoundTarget(t *testing.T) {
	got := call(t, nil, "doctor", "--target", brokenTarget(t, "none", "")).unwrapped()
	got.want(t, 0, "ok tools", "ok set-up", "ok start", "ok port", "ok mode cloud", "ok app id countersign",
		"ok function", "ok beacon", "ok sync it registers countersign-echo, ", "ok clean stop it ended on SIGTERM")
	if strings.Contains(got.out, "not checked") {
		t.Errorf("something is not checked:\n%s", got.out)
	}
	call(t, nil, "doctor", "--target", "./nowhere").want(t, 2, "there is no nowhere/target.yaml", "countersign init")
}
