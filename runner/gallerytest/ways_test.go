package gallerytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"

	"github.com/countersign-dev/countersign/fuzz/live"
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

// inProcess judges an endpoint by the default tier, in every set-up.
func inProcess(ctx context.Context, e *subject) []string {
	lab := e.Lab()
	defer lab.Close()
	cases := slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool { return !suite.Default.Includes(c.Tier) || c.Destructive })
	judged, err := engine.Judge(ctx, lab, cases, engine.Options{Jobs: 6, Seed: 1})
	if err != nil {
		return []string{err.Error()}
	}
	return gallery.Accusations(judged)
}

// attachedByProbe judges an endpoint that runs already, with no function that may run.
func attachedByProbe(ctx context.Context, e *subject) []string {
	r, err := run.Run(ctx, run.Options{Target: served(e), Seed: 5, Jobs: 2})
	if slices.Contains(e.Without, string(suite.TrustProbe)) { // a signed GET has no body that could be tampered with
		return unable(r, err)
	}
	return judged(r, err)
}

// attachedByCall judges an endpoint that runs already, with a function that may run.
func attachedByCall(ctx context.Context, e *subject) []string {
	target := served(e)
	target.Function, target.AllowSync = suite.EchoID, true
	return judged(run.Run(ctx, run.Options{Target: target, Seed: 5, Jobs: 2}))
}

const key = "signkey-test-00112233445566778899aabbccddeeff"

// served serves an endpoint in cloud mode.
func served(e *subject) run.TargetSpec {
	env := map[string]string{reference.EnvSigningKey: key, suite.EnvBeacon: "http://127.0.0.1:1/", reference.EnvAPIBaseURL: "http://127.0.0.1:1"}
	handler := e.Handler(inprocess.Reference(func(name string) string { return env[name] }), servePath)
	server := httptest.NewUnstartedServer(handler)
	if e.Listen != nil {
		server.Listener = e.Listen(server.Listener)
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	e.t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	primary, err := reference.ParseKey(key)
	if err != nil {
		e.t.Fatal(err)
	}
	return run.TargetSpec{URL: server.URL + servePath, Keys: launch.AttachKeys{Primary: primary}, AcceptProbe: true}
}

// judged is what keeps a run from exit code 0.
func judged(r report.Report, err error) (found []string) {
	if err != nil {
		return []string{err.Error()}
	}
	if r.Conclusion.ExitCode == page.ExitConforms {
		return nil
	}
	for _, c := range r.Cases {
		if c.Verdict == engine.Fail || c.Verdict == engine.Error || c.Verdict == engine.Inconclusive && c.Level == suite.Must {
			found = append(found, fmt.Sprintf("%s %s: %s (%s)", c.Verdict, c.ID, c.Observed, c.Note))
		}
	}
	if len(found) == 0 {
		found = append(found, r.Conclusion.Verdict+": "+r.Conclusion.Why)
	}
	return found
}

// unable is what a run says of an endpoint besides that it could not judge all of the
// core.
func unable(r report.Report, err error) []string {
	if err == nil && r.Conclusion.ExitCode == page.ExitCouldNotJudge && r.Summary[engine.Fail] == 0 {
		return nil
	}
	return append(judged(r, err), "exit code 3 was expected")
}

// fuzzRequests is how many inputs are drawn for one endpoint.
const fuzzRequests = 2000

// fuzzed sends requests that deviate from valid ones.
func fuzzed(ctx context.Context, e *subject) (found []string) {
	lab := e.Lab()
	defer lab.Close()
	c, err := live.Fuzz(ctx, lab, live.Options{Seed: 1, Requests: fuzzRequests})
	for _, wrong := range []string{errorText(err), c.Void, c.Incomplete} {
		if wrong != "" {
			found = append(found, wrong)
		}
	}
	if c.Indexes < fuzzRequests {
		found = append(found, fmt.Sprintf("only %d of %d inputs were drawn", c.Indexes, fuzzRequests))
	}
	for _, f := range c.Findings {
		found = append(found, fmt.Sprintf("%s, %s: %s", f.Class, f.Input, f.Observed))
	}
	for _, u := range c.Unconfirmed {
		if u.Serious() {
			found = append(found, fmt.Sprintf("unconfirmed %s, %s: %s (%s)", u.Class, u.Input, u.Observed, u.Reason))
		}
	}
	return found
}

func errorText(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

// before is the path of another version's command.
func before() string { return os.Getenv("COUNTERSIGN_BEFORE") }

// judgedBefore is what another version's command calls a violated MUST.
func judgedBefore(ctx context.Context, e *subject) (found []string) {
	command := exec.CommandContext(ctx, before(), "run", "--url", served(e).URL, "--seed", "5", "--quiet", "--report", "json=-")
	command.Env = append(os.Environ(), reference.EnvSigningKey+"="+key)
	var output bytes.Buffer
	command.Stdout = &output
	var exited *exec.ExitError
	if err := command.Run(); err != nil && !errors.As(err, &exited) {
		return []string{err.Error()}
	}
	var r struct {
		Conclusion struct{ Verdict, Why string }
		Cases      []struct{ ID, Level, Verdict, Observed string }
	}
	if err := json.Unmarshal(output.Bytes(), &r); err != nil {
		return []string{fmt.Sprintf("no report: %v, %v", command.ProcessState, err)}
	}
	for _, c := range r.Cases {
		if c.Verdict == string(engine.Fail) && c.Level == string(suite.Must) {
			found = append(found, c.ID+": "+c.Observed)
		}
	}
	if len(found) == 0 && !command.ProcessState.Success() {
		found = append(found, r.Conclusion.Verdict+": "+r.Conclusion.Why)
	}
	return found
}
