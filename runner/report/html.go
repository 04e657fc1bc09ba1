package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

//go:embed html/head.html html/report.html html/page.html html/report.css html/report.js
var htmlFiles embed.FS

var htmlPage = template.Must(template.New("").Funcs(template.FuncMap{
	"sentence": page.Sentence, "capital": page.Capital, "count": page.Count,
}).ParseFS(htmlFiles, "html/*.html"))

// HTML writes a report as one page that needs nothing besides and no network. Its
// policy lets a browser run only the page's own script, whatever a target responded.
func HTML(w io.Writer, r Report) error {
	var out bytes.Buffer
	if err := htmlPage.ExecuteTemplate(&out, "report", htmlOf(r)); err != nil {
		return fmt.Errorf("writing the report as HTML: %w", err)
	}
	if _, err := io.WriteString(w, page.Clean(out.String())); err != nil {
		return fmt.Errorf("writing the report as HTML: %w", err)
	}
	return nil
}

// htmlReport is what the page shows.
type htmlReport struct {
	Report
	Policy        string
	Style, Script template.HTML
	Grounds       []string
	Heads         []htmlHead // what was found, by cause, as the page begins
	Counts        []htmlCount
	Levels        []suite.Level
	Attackers     []suite.Attacker
	Groups        []htmlGroup
	Coverage      []clauseCount
	Unspecified   []unspecified
	Measurements  *htmlMeasurements
	Others        []htmlCase
}

// htmlHead is findings with one likely cause, in a line.
type htmlHead struct {
	Verdict engine.Verdict
	ID      string // of the worst of them
	Text    string
	N       int
}

type htmlCount struct {
	Verdict engine.Verdict
	Word    string
	N       int
}

// htmlGroup is findings with a likely cause in common, or all others.
type htmlGroup struct {
	Heading string
	Causes  []string
	Cases   []htmlCase
}

type htmlCase struct {
	Case
	SourceText string
	Causes     []string // each fits equally well; those of a group are the group's
	Shown      []htmlExchange
}

func htmlOf(r Report) htmlReport {
	style, stylePolicy := inline("style", "html/report.css")
	script, scriptPolicy := inline("script", "html/report.js")
	h := htmlReport{
		Report: r, Style: style, Script: script,
		Policy:  "default-src 'none'; style-src " + stylePolicy + "; script-src " + scriptPolicy + "; base-uri 'none'; form-action 'none'",
		Grounds: r.grounds(), Groups: r.htmlGroups(), Coverage: r.coverage(), Unspecified: r.unspecified(),
		Measurements: htmlMeasured(r.Measurements),
	}
	for _, v := range r.violationsOf() {
		if r.Void { // its verdicts can't be trusted
			break
		}
		first := v.block[0].Case
		h.Heads = append(h.Heads, htmlHead{first.Verdict, first.ID, v.what(), len(v.block)})
	}
	for _, verdict := range verdicts() {
		if n := r.Summary[verdict]; n > 0 {
			h.Counts = append(h.Counts, htmlCount{verdict, strings.ReplaceAll(string(verdict), "-", " "), n})
		}
	}
	for _, c := range r.Cases {
		if !slices.Contains(h.Levels, c.Level) {
			h.Levels = append(h.Levels, c.Level)
		}
		if c.By != "" && !slices.Contains(h.Attackers, c.By) {
			h.Attackers = append(h.Attackers, c.By)
		}
		if c.Verdict != engine.Fail && c.Verdict != engine.Warn {
			h.Others = append(h.Others, htmlCaseOf(c))
		}
	}
	return h
}

// inline is a file as an element, and the source in a policy that allows it.
func inline(element, file string) (template.HTML, string) {
	text, err := htmlFiles.ReadFile(file)
	if err != nil {
		panic(err) // it is embedded
	}
	sum := sha256.Sum256(text)
	return template.HTML("<" + element + ">" + string(text) + "</" + element + ">"), "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'" //nolint:gosec // our own file
}

func (r Report) htmlGroups() (groups []htmlGroup) {
	shared, others := r.blocks()
	for _, b := range shared {
		g := htmlGroup{Heading: page.Count(len(b), "finding") + ", one likely cause"}
		for _, d := range b[0].causes {
			g.Causes = append(g.Causes, d.Text)
		}
		for _, f := range b {
			g.Cases = append(g.Cases, htmlCaseOf(f.Case))
		}
		groups = append(groups, g)
	}
	if len(others) == 0 {
		return groups
	}
	rest := htmlGroup{Heading: page.Count(len(others), "other finding")}
	if len(shared) == 0 {
		rest.Heading = page.Count(len(others), "finding")
	}
	for _, f := range others {
		c := htmlCaseOf(f.Case)
		for _, d := range f.causes {
			c.Causes = append(c.Causes, d.Text)
		}
		rest.Cases = append(rest.Cases, c)
	}
	return append(groups, rest)
}

// htmlCaseOf leaves out the exchanges of a case that passed: there is nothing to
// look into, and they are most of a report.
func htmlCaseOf(c Case) htmlCase {
	h := htmlCase{Case: c, SourceText: suite.Sources[c.Source]}
	if c.Verdict != engine.Pass {
		h.Shown = htmlExchanges(c.Exchanges)
	}
	return h
}

// grounds say what the verdicts rest on.
func (r Report) grounds() []string {
	between, runs := 0, 0
	for _, c := range r.Cases {
		controls := 0
		for _, x := range c.Exchanges {
			runs += x.Runs
			if x.Part == "control before" || x.Part == "control after" {
				controls++
			}
		}
		if controls == 2 && judges(c.Verdict) {
			between++
		}
	}
	lines := []string{page.Sentence(r.SelfCheck.String())}
	if between > 0 {
		lines = append(lines, page.Count(between, "case")+" judged between two controls: the same request, valid, was sent right before and right after.")
	}
	switch {
	case r.Target.Kind == Attached && r.Target.Function == "":
		lines = append(lines, "Only the responses of the endpoint could be observed.")
	case r.Target.Kind == Attached:
		lines = append(lines, "Only the responses of the endpoint could be observed; calls were calls of "+r.Target.Function+".")
	case runs > 0:
		lines = append(lines, fmt.Sprintf("Keys were generated for this run, and the target reported %s of its function to an address that only it knows.", page.Count(runs, "run")))
	}
	return append(append(lines, r.coreVerdicts()), r.remarks()...)
}

// coreVerdicts are those without which nothing conforms.
func (r Report) coreVerdicts() string {
	found := map[string]string{}
	for _, c := range r.Cases {
		found[c.ID] = string(c.Verdict)
	}
	var words []string
	for _, id := range suite.Core {
		if verdict := found[id]; verdict != "" {
			words = append(words, id+" "+verdict)
		}
	}
	if len(words) == 0 || r.Void {
		return "Conforming requires that unsigned, wrongly signed, expired and tampered calls were sent and refused."
	}
	return "Conforming requires that unsigned, wrongly signed, expired and tampered calls were sent and refused: " + strings.Join(words, ", ") + "."
}

// The methods that the template calls.
func (h htmlReport) Title() string   { return h.Target.Title() }
func (h htmlReport) Account() string { return h.account() }
func (h htmlReport) Took() string    { return h.took().String() }
func (h htmlReport) Scale() string   { return h.scale() }

// took is how long the run took.
func (r Report) took() time.Duration {
	return (time.Duration(r.TookMS) * time.Millisecond).Round(10 * time.Millisecond)
}

// scale is how much was started, or sent.
func (r Report) scale() string {
	if r.Target.Kind == Attached {
		return page.Count(r.Target.Requests, "request")
	}
	return page.Count(r.Setups, "set-up")
}
