package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// hostile is what a target may respond, with markup for every format.
const hostile = "status 200 <script>alert(1)</script> ]]> & \" ' | `x` @all # \\ \x1b[2J \x00 {{.}} [a](https://example.com)\n--- \n...\nok 1"

// examples are reports of every conclusion, by the names of their golden files.
func examples(t *testing.T) map[string]report.Report {
	known := facts()
	known.Baseline = &report.Baseline{File: "known.yaml", Entries: []engine.Excuse{
		{Case: "receiving.expired", Reason: "fixed in 1.3", Link: "https://example.com/1"},
	}}
	stale := facts()
	stale.Baseline = &report.Baseline{File: "known.yaml", Entries: []engine.Excuse{
		{Case: "receiving.signed", Reason: "<b>", Link: "https://example.com/1"}, {Case: "gone", Reason: "old", Link: "https://example.com/2"},
	}}
	core := append([]string{"receiving.signed", "headers.s-before-t", "headers.t-fraction"}, suite.Core...)
	spoiled := made(t, lenient, known, core...)
	for i, c := range spoiled.Cases {
		if c.Verdict == engine.Fail {
			spoiled.Cases[i].Observed, spoiled.Cases[i].Note = hostile, hostile
		}
	}
	spoiled.Target.SDK = hostile
	return map[string]report.Report{
		"conforms": made(t, nil, facts(), core...), "violates": spoiled, "stale": made(t, nil, stale, core...),
		"no-run": made(t, func(e *reference.Endpoint) { e.AppID = "mine" }, facts(), core...), "by-probe": byProbe(t),
		"not-started": notStarted(made(t, nil, facts(), core...)), "set-up": withMistakes(t),
	}
}

// withMistakes is the report of an endpoint at a URL, of whose set-up two mistakes fit
// what was seen.
func withMistakes(t *testing.T) report.Report {
	f := facts()
	f.Target = report.Target{Name: "your endpoint", Kind: report.Attached, URL: "http://127.0.0.1:3000/api/inngest", Requests: 21}
	r := made(t, func(e *reference.Endpoint) { e.AppID = "mine" }, f, suite.Core...)
	if r.Diagnosis == nil {
		t.Fatal("it has no cause of its own")
	}
	return r.WithSetup([]report.SetupMistake{
		{ID: "key.unknown", Cause: "the app has <another> key", Evidence: []string{"an unsigned GET: 401", hostile}, Fix: "compare the hashes", Possible: true},
		{ID: "header-lost", Cause: "the signature header does not reach the app", Evidence: []string{"a signed GET: 401"}, Fix: "let the proxy pass it on", Possible: true},
	})
}

// A report with mistakes in the set-up says their causes, and no other.
func TestTheSetUpIsTheCause(t *testing.T) {
	r := withMistakes(t)
	if d := r.Diagnosis; d.Cause != "the app has <another> key; or the signature header does not reach the app" || d.Remedy != "compare the hashes; or let the proxy pass it on" {
		t.Errorf("%+v", d)
	}
	for _, format := range []string{"html", "markdown"} {
		text := written(t, report.Formats[format], r)
		for _, words := range []string{"another", "does not reach the app", "ompare the hashes", "an unsigned GET: 401"} {
			if !strings.Contains(text, words) {
				t.Errorf("%s does not say %q", format, words)
			}
		}
		if strings.Contains(text, "ikely cause") {
			t.Errorf("%s has another cause, too", format)
		}
	}
	if text := written(t, report.HTML, r); strings.Contains(text, "a signed call is accepted") {
		t.Error("a void page has a verdict")
	}
	void := made(t, func(e *reference.Endpoint) { e.AppID = "mine" }, facts(), suite.Core...)
	if same := void.WithSetup(nil); same.Diagnosis.Cause != void.Diagnosis.Cause || same.Setup != nil {
		t.Error("without a mistake the cause changes")
	}
}

// moments are what differs between two runs with one seed.
var moments = regexp.MustCompile(`\b1[0-9]{9}([0-9]{3})?\b`)

func TestFormats(t *testing.T) {
	suffixes := map[string]string{"badge": ".badge.json", "html": ".html", "junit": ".xml", "markdown": ".md", "sarif": ".sarif", "tap": ".tap", "v1alpha1": ".v1alpha1.json"}
	for name, r := range examples(t) {
		for i := range r.Cases {
			for j := range r.Cases[i].Exchanges {
				r.Cases[i].Exchanges[j].TookMS = 0
			}
		}
		for format, write := range report.Formats {
			if suffixes[format] == "" || name != "violates" && (format == "html" || name == "by-probe" || name == "not-started") || name == "set-up" && format != "markdown" {
				continue // JSON has a schema, and not every page is worth a file
			}
			t.Run(name+" "+format, func(t *testing.T) {
				got := written(t, write, r)
				golden(t, name+suffixes[format], moments.ReplaceAllString(got, "MOMENT"))
			})
		}
	}
}

func written(t *testing.T, write func(io.Writer, report.Report) error, r report.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFormatsAreAsRedAsTheRun: whatever reads them, a run that does not end with
// exit code 0 is not reported as a success.
func TestFormatsAreAsRedAsTheRun(t *testing.T) {
	for name, r := range examples(t) {
		red := r.Conclusion.ExitCode != 0
		var suites struct {
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Suites   []struct {
				Cases []struct {
					Failure []string `xml:"failure"`
					Error   []string `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(written(t, report.JUnit, r)), &suites); err != nil {
			t.Fatal(err)
		}
		counted := 0
		for _, s := range suites.Suites {
			for _, c := range s.Cases {
				counted += len(c.Failure) + len(c.Error)
			}
		}
		if counted != suites.Failures+suites.Errors || counted > 0 != red {
			t.Errorf("%s: JUnit has %d results that are not a success and counts %d, exit code %d", name, counted, suites.Failures+suites.Errors, r.Conclusion.ExitCode)
		}
		tap := written(t, report.TAP, r)
		failed := regexp.MustCompile(`(?m)^(Bail out!|not ok [^#\n]*(\\#[^#\n]*)*$)`).MatchString(tap)
		if failed != red {
			t.Errorf("%s: TAP fails: %v, exit code %d", name, failed, r.Conclusion.ExitCode)
		}
		var badge struct{ Color string }
		if err := json.Unmarshal([]byte(written(t, report.Badge, r)), &badge); err != nil || badge.Color == "brightgreen" == red {
			t.Errorf("%s: the badge is %s, exit code %d: %v", name, badge.Color, r.Conclusion.ExitCode, err)
		}
		var upstream struct {
			Compatibility string
			Cases         []struct{ Status string }
		}
		if err := json.Unmarshal([]byte(written(t, report.Upstream, r)), &upstream); err != nil || (upstream.Compatibility == "full" || upstream.Compatibility == "partial") == red || len(upstream.Cases) != len(r.Cases) {
			t.Errorf("%s: v1alpha1 says %s of %d cases, exit code %d: %v", name, upstream.Compatibility, len(upstream.Cases), r.Conclusion.ExitCode, err)
		}
		if md := written(t, report.Markdown, r); strings.Contains(md, "✅") == red {
			t.Errorf("%s: Markdown is green: %v, exit code %d", name, !red, r.Conclusion.ExitCode)
		}
	}
}

// TestSARIFFollowsItsSchema: that of the standard, with another validator.
func TestSARIFFollowsItsSchema(t *testing.T) {
	for name, r := range examples(t) {
		text := written(t, report.SARIF, r)
		log, err := sarif.FromBytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		findings := 0
		for _, c := range r.Cases {
			if c.Verdict == engine.Fail || c.Verdict == engine.Warn || c.Verdict == engine.Excused {
				findings++
			}
		}
		if r.Void {
			findings = 0
		}
		if got := len(log.Runs[0].Results); got != findings {
			t.Errorf("%s: %d results for %d findings", name, got, findings)
		}
	}
}

// TestATargetCannotWriteMarkup: what it responds stays text in every format.
func TestATargetCannotWriteMarkup(t *testing.T) {
	r := examples(t)["violates"]
	for format, write := range report.Formats {
		got := written(t, write, r)
		if format == "html" && strings.Contains(got, "<script>alert") || format == "markdown" && regexp.MustCompile("(?m)^[^`\n]*<script>").MatchString(got) {
			t.Errorf("%s holds an element of the target", format)
		}
		if format != "json" && strings.ContainsAny(got, "\x1b\x00") {
			t.Errorf("%s holds control characters", format)
		}
		if format == "tap" && strings.Contains(got, "\nok 1\n") {
			t.Error("TAP holds a test point of the target")
		}
	}
}

// TestSummariesStaySmall: a comment with more is refused.
func TestSummariesStaySmall(t *testing.T) {
	longtest.Skip(t)
	r := made(t, lenient, facts(), "*")
	for i := range r.Cases {
		r.Cases[i].Verdict, r.Cases[i].Observed = engine.Fail, strings.Repeat("x", 2000)
	}
	r.Causes = nil
	text := written(t, report.Markdown, r)
	if len(text) > 65_000 || !strings.Contains(text, "more in the JSON and HTML reports") {
		t.Errorf("%d bytes", len(text))
	}
}

func TestJSONIsReadAgain(t *testing.T) {
	for name, r := range examples(t) {
		first := written(t, report.JSON, r)
		read, err := report.ReadJSON(strings.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		if second := written(t, report.JSON, read); second != first {
			t.Errorf("%s differs after it was read", name)
		}
	}
	if _, err := report.ReadJSON(strings.NewReader(`{"schema": "urn:countersign:report:1"}`)); err == nil {
		t.Error("a report of another version is read")
	}
}

// TestDifferencesAreMarked: what a request has besides its control, and nothing that
// is new in every request.
func TestDifferencesAreMarked(t *testing.T) {
	html := written(t, report.HTML, made(t, lenient, facts(), suite.Core...))
	for id, want := range map[string]string{"receiving.wrong-key": `^{{mac:unknown}}$`, "receiving.expired": `^1[0-9]{9}$`, "receiving.tampered": `^b$`} {
		_, part, found := strings.Cut(html, `id="`+id+`"`)
		part, _, _ = strings.Cut(part, "</article>")
		_, part, _ = strings.Cut(part, "<mark>marked</mark>")
		var texts []string
		for _, m := range regexp.MustCompile(`(?s)<mark>(.*?)</mark>`).FindAllStringSubmatch(part, -1) {
			texts = append(texts, m[1])
		}
		if got := strings.Join(texts, " "); !found || !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %q is marked, not %s", id, got, want)
		}
	}
}
