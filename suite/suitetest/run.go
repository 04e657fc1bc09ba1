package suitetest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// Run judges a handler: one subtest per case, named by the case's id.
//
// The handler function is called once for every setup that the cases need, with
// the environment of that setup; see the package documentation for what the
// handler has to serve. A panic, or nil, means that the SDK does not start in
// that setup.
//
// Run fails at once if the results cannot be trusted: the handler does not start in
// any set-up, or no valid call was observed to run. Otherwise a subtest fails if a MUST
// is violated, if its case is inconclusive and if the baseline excuses a case
// that passes. It is skipped if the case needs an optional capability that is
// not claimed, or is excused. A violated SHOULD is only logged.
func Run(t *testing.T, handler func(env map[string]string) http.Handler, options ...Option) {
	t.Helper()
	c, err := configure(handler, options)
	if err != nil {
		t.Fatalf("suitetest.Run: %v", err)
	}
	if c.processEnv {
		c.lab.Handler = withProcessEnv(t, handler)
	}
	lab := inprocess.New(c.lab)
	defer lab.Close()
	judged, err := engine.Judge(t.Context(), lab, c.cases(), engine.Options{Jobs: c.jobs, OneTarget: c.processEnv, Seed: c.seed})
	if err != nil {
		t.Fatalf("could not judge the handler: %v", err)
	}
	if why := untrusted(judged); why != "" {
		t.Fatal(why)
	}
	run := subtests{config: c, results: judged.Results, causes: map[string]string{}}
	run.run(t)
}

// untrusted returns why the results cannot be trusted, or "" if they can.
func untrusted(judged engine.Judgement) string {
	if judged.Void == "" {
		return ""
	}
	why := "void: " + judged.Void + "\n"
	if d := judged.Diagnosis; d != nil {
		why += fmt.Sprintf("    observed: %s\n    likely cause: %s\n    remedy: %s\n", d.Observed, d.Cause, d.Remedy)
	}
	why += "    hint: check that the handler verifies with the keys in env, serves at the path of suitetest.Path, and has the function\n" +
		"    " + suite.EchoID + " for the event " + suite.EchoEvent + ", which calls suitetest.CallBeacon with its event's data.nonce"
	for _, r := range judged.Results {
		for _, step := range r.Steps {
			text := strings.ReplaceAll(strings.TrimSpace(step.Exchange.Text()), "\n", "\n        ")
			return why + "\n    the first exchange:\n        " + text
		}
	}
	return why
}

// subtests are the subtests of one call of Run.
type subtests struct {
	config
	results []engine.Result
	causes  map[string]string // of inconclusive cases and errors, with the first case that had it
}

// run runs a subtest for every case, grouped by the first word of the ids.
func (s subtests) run(t *testing.T) {
	t.Helper()
	count := map[engine.Verdict]int{}
	var groups []string
	byGroup := map[string][]engine.Result{}
	for _, r := range s.results {
		group, _, _ := strings.Cut(r.Case.ID, ".")
		if byGroup[group] == nil {
			groups = append(groups, group)
		}
		byGroup[group] = append(byGroup[group], r)
		count[s.verdict(r)]++
	}
	for _, group := range groups {
		t.Run(group, func(t *testing.T) {
			for _, r := range byGroup[group] {
				t.Run(strings.TrimPrefix(r.Case.ID, group+"."), func(t *testing.T) { s.check(t, r) })
			}
		})
	}
	s.checkBaseline(t)
	t.Log(s.summary(count))
}

// verdict is a result's verdict, with the baseline applied.
func (s subtests) verdict(r engine.Result) engine.Verdict {
	if excuse, excused := s.excuse(r.Case.ID); excused && !excuse.Expired(time.Now()) {
		return excuse.Apply(r.Verdict)
	}
	return r.Verdict
}

// check makes a verdict the outcome of a subtest.
func (s subtests) check(t *testing.T, r engine.Result) {
	t.Helper()
	switch excuse, _ := s.excuse(r.Case.ID); s.verdict(r) {
	case engine.Fail:
		t.Error(r.Text(s.reproduce(t)))
	case engine.Inconclusive, engine.Error:
		t.Error(s.unjudged(r, s.reproduce(t)))
	case engine.Surprising:
		t.Errorf("STALE: %s passes, but the baseline excuses it: %s (%s)\n    fix: remove it from the baseline", r.Case.ID, excuse.Reason, excuse.Link)
	case engine.Warn:
		t.Log(r.Text(s.reproduce(t)))
	case engine.Observed:
		t.Log(r.Behaviour)
	case engine.Excused:
		t.Skipf("known violation: %s (%s)", excuse.Reason, excuse.Link)
	case engine.Blocked:
		if r.Open() {
			t.Error(s.unjudged(r, s.reproduce(t)))
		}
		t.Skip("blocked: " + r.Note)
	case engine.NotApplicable:
		t.Skip(r.Note)
	}
}

// unjudged describes a cause only once, because many cases often share it.
func (s subtests) unjudged(r engine.Result, reproduce string) string {
	cause := anyPort.ReplaceAllString(r.Note, "$1")
	if first, known := s.causes[cause]; known {
		return fmt.Sprintf("%s: %s  %s\n    note         the same cause as in %s", strings.ToUpper(string(r.Verdict)), r.Case.ID, r.Case.Level, first)
	}
	s.causes[cause] = r.Case.ID
	return r.Text(reproduce)
}

// anyPort matches a loopback address: causes that differ only in the port are equal.
var anyPort = regexp.MustCompile(`(127\.0\.0\.1):\d+`)

// reproduce is the command that runs one subtest again.
func (s subtests) reproduce(t *testing.T) string {
	var elements []string
	for element := range strings.SplitSeq(t.Name(), "/") {
		elements = append(elements, "^"+regexp.QuoteMeta(element)+"$")
	}
	return fmt.Sprintf("go test -run '%s', with suitetest.Seed(%d)", strings.Join(elements, "/"), s.seed)
}

// checkBaseline fails for excuses of cases that do not exist.
func (s subtests) checkBaseline(t *testing.T) {
	t.Helper()
	for _, excuse := range s.baseline {
		if _, err := suite.Find(excuse.Case); err != nil {
			t.Errorf("STALE: the baseline excuses %s, and there is no such case\n    fix: remove it from the baseline", excuse.Case)
		}
		if excuse.Expired(time.Now()) {
			t.Errorf("STALE: the excuse of %s expired on %s\n    fix: remove it from the baseline, or renew it", excuse.Case, excuse.Expires)
		}
	}
}

func (s subtests) summary(count map[engine.Verdict]int) string {
	var words []string
	for _, v := range slices.Concat(engine.AllVerdicts, []engine.Verdict{engine.Excused, engine.Surprising}) {
		if count[v] > 0 {
			words = append(words, fmt.Sprintf("%d %s", count[v], v))
		}
	}
	return fmt.Sprintf("%d cases: %s; seed %d", len(s.results), strings.Join(words, ", "), s.seed)
}
