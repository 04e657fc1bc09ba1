package run_test

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/gallery"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// peculiar are the endpoints of the gallery that GALLERY names, or all of them.
func peculiar(t *testing.T) []gallery.Endpoint {
	all, only := gallery.Endpoints(), os.Getenv("GALLERY")
	switch only {
	case "":
		t.Skip("SKIPPED: it takes minutes; `make gallery` runs it, and GALLERY=NAME,NAME judges some endpoints only")
	case "all":
	default:
		return slices.DeleteFunc(all, func(e gallery.Endpoint) bool { return !slices.Contains(strings.Split(only, ","), e.Name) })
	}
	return all
}

// atOnce is how many endpoints are judged at the same time: most of them wait.
const atOnce = 8

// judgeEach judges endpoints, a few at the same time, and fails for each that does
// not conform.
func judgeEach(t *testing.T, judge func(gallery.Endpoint) (report.Report, error)) {
	all := peculiar(t)
	accusations := make([]string, len(all))
	slots := make(chan struct{}, atOnce)
	var judging sync.WaitGroup
	for i, e := range all {
		judging.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			began := time.Now()
			r, err := judge(e)
			accusations[i] = accusation(r, err)
			t.Logf("%s: %s, %s", e.Name, r.Conclusion.Verdict, time.Since(began).Round(time.Millisecond))
		})
	}
	judging.Wait()
	for i, e := range all {
		if accusations[i] != "" {
			t.Errorf("%s: %s", e.Name, accusations[i])
		}
	}
}

// accusation is what keeps a run from exit code 0; empty if nothing does.
func accusation(r report.Report, err error) string {
	if err != nil {
		return err.Error()
	}
	if r.Conclusion.ExitCode == page.ExitConforms {
		return ""
	}
	text := r.Conclusion.Verdict + ": " + r.Conclusion.Why
	for _, c := range r.Cases {
		if c.Verdict == engine.Fail || c.Verdict == engine.Error || c.Verdict == engine.Inconclusive && c.Level == suite.Must {
			text += fmt.Sprintf("\n    %s %s: %s (%s)", c.Verdict, c.ID, c.Observed, c.Note)
		}
	}
	return text
}

// serve serves an endpoint of the gallery in cloud mode.
func serve(t *testing.T, e gallery.Endpoint) run.Target {
	env := map[string]string{reference.EnvSigningKey: key, suite.EnvBeacon: "http://127.0.0.1:1/", reference.EnvAPIBaseURL: "http://127.0.0.1:1"}
	handler := e.Handler(inprocess.Reference(func(name string) string { return env[name] }), "/api/inngest")
	server := httptest.NewUnstartedServer(handler)
	if e.Listen != nil {
		server.Listener = e.Listen(server.Listener)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	primary, err := reference.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return run.Target{URL: server.URL + "/api/inngest", Keys: launch.AttachKeys{Primary: primary}, AcceptProbe: true}
}

// Every peculiar endpoint conforms when it is attached to, with a function that may
// run and with probes alone.
func TestGalleryAttached(t *testing.T) {
	for _, function := range []string{"", suite.EchoID} {
		t.Run("function "+function, func(t *testing.T) {
			judgeEach(t, func(e gallery.Endpoint) (report.Report, error) {
				target := serve(t, e)
				target.Function, target.AllowSync = function, function != ""
				return run.Run(t.Context(), run.Options{Target: target, Seed: 5, Jobs: 2})
			})
		})
	}
}
