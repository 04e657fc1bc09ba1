package rotate

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

// Text formats a result for a terminal: the conclusion, the counts that must be 0,
// the timeline, and every violation.
func Text(w io.Writer, r Rotation, style page.Style) error {
	t := text{page.New(w, style)}
	t.headline(r)
	t.totals(r)
	t.Line()
	t.timeline(r)
	t.Line()
	t.stages(r)
	t.violations(r)
	t.findings(r)
	t.died(r)
	t.Line()
	t.Paragraph(closing(r), page.Dim)
	t.Line()
	t.Line(page.Space(2), page.Verdict(r.Conclusion.Verdict, r.Conclusion.ExitCode))
	return t.Flush("the summary")
}

// text is the state of a page that is being written.
type text struct{ *page.Page }

// columns is the width of the timeline: it is never narrower than the table.
func (t text) columns() int {
	const most = 120
	return max(page.Usual, t.Within(most))
}

func (t text) headline(r Rotation) {
	t.Line()
	t.Line(page.Text(r.title(), page.Bold), page.Text(fmt.Sprintf("  rotation of the signing key, seed %d", r.RandomSeed), page.Dim))
	t.Line()
	t.Line(page.Space(2), page.Verdict(r.Conclusion.Verdict, r.Conclusion.ExitCode), page.Text(fmt.Sprintf("  %s in %s", page.Count(len(r.Requests), "request"), page.Count(len(r.Stages), "stage"))))
	t.Paragraph(page.Capital(r.Conclusion.Why))
	t.Line()
}

func (r Rotation) title() string {
	if r.Target.Kind == report.Embedded {
		return "embedded reference " + r.Target.Version
	}
	return strings.TrimSpace(r.Target.Name + " " + r.Target.Version)
}

// totals are the counts that must be 0, and when the old key stopped working.
func (t text) totals(r Rotation) {
	count := func(what string, n int, of string, bad ...page.Code) {
		codes := []page.Code{page.Green}
		if n > 0 {
			codes = bad
		}
		t.Line(page.Space(3), page.Text(page.Pad(what, 34)), page.Text(fmt.Sprintf("%4d", n), codes...), page.Space(2), page.Text(of, page.Dim))
	}
	sum := r.Totals
	count("authentic requests refused", sum.AuthenticRefused, fmt.Sprintf("of %d", sum.Authentic), page.Bold, page.Red)
	count("forged requests accepted", sum.ForgedAccepted, fmt.Sprintf("of %d", sum.Forged), page.Bold, page.Red)
	count("API requests finally refused", sum.APIRefused, fmt.Sprintf("of %d; %d accepted with the other key", sum.API, sum.APIRetried), page.Bold, page.Red)
	count("requests with the old key accepted", sum.OldKeyAccepted, fmt.Sprintf("of %d in the last stage", sum.OldKey), page.Bold, page.Red)
	count("expired requests accepted", sum.ExpiredAccepted, fmt.Sprintf("of %d%s", sum.Expired, noViolation(sum)), page.Bold, page.Yellow)
	if r.OldKey.Expected == nil {
		return
	}
	t.Beside(34, "old key last accepted", r.OldKey.relative(r.OldKey.LastAccepted))
	t.Beside(34, "old key first refused in stage 3", r.OldKey.relative(r.OldKey.FirstRefused))
}

func noViolation(sum Totals) string {
	if sum.ExpiredAccepted == 0 {
		return ""
	}
	return "; no violation of the rotation"
}

// relative gives a time relative to the start of the last stage.
func (o OldKeyEnd) relative(at *int64) string {
	switch {
	case at == nil:
		return "   never"
	case *at < *o.Expected:
		return fmt.Sprintf("%4d ms before stage 3", *o.Expected-*at)
	}
	return fmt.Sprintf("%4d ms after the start of stage 3", *at-*o.Expected)
}

// stages is a table of the counts of each stage.
func (t text) stages(r Rotation) {
	row := func(cells ...string) string {
		text := ""
		for i, width := range []int{17, 19, 8, 11, 11, 16} {
			text += page.Pad(cells[i], width)
		}
		return text
	}
	t.Line(page.Space(3), page.Text(row("", "", "", "AUTHENTIC", "FORGED", "API"), page.Dim))
	t.Line(page.Space(3), page.Text(row("STAGE", "TARGET HOLDS", "SERVER", "ACCEPTED", "REFUSED", "ACCEPTED"), page.Dim))
	for _, s := range r.Stages {
		t.Line(page.Space(3), page.Text(row(s.summary()...)))
	}
	for _, h := range r.Handovers {
		t.Paragraph(h.String(), page.Dim)
	}
}

// summary is the line of a stage in the table of stages.
func (s Stage) summary() []string {
	sum := s.Totals
	return []string{
		fmt.Sprintf("%d %s", s.Number, s.Name), s.Holds, "key " + s.Server,
		fmt.Sprintf("%d/%d", sum.Authentic-sum.AuthenticRefused-s.failedReads(), sum.Authentic), fmt.Sprintf("%d/%d", sum.Forged-sum.ForgedAccepted, sum.Forged),
		fmt.Sprintf("%d/%d", sum.API-sum.APIRefused, sum.API),
	}
}

// failedReads are the authentic requests that failed because the API refused.
func (s Stage) failedReads() int {
	failed := 0
	for kind, sum := range s.Counts {
		if kind.authentic() {
			failed += sum.Refused + sum.NoResponse
		}
	}
	return failed - s.Totals.AuthenticRefused
}

// String describes how long a hand-over took.
func (h Handover) String() string {
	text := fmt.Sprintf("%d to %d: the new process started in %d ms; ", h.From, h.To, h.MovedMS-h.StartedMS)
	if !h.Drained {
		return text + fmt.Sprintf("of %d in flight some had no response", h.InFlight)
	}
	return text + fmt.Sprintf("%d in flight ended within %d ms", h.InFlight, h.DrainedMS-h.MovedMS)
}

// shown is how many violations are shown one by one.
const shown = 8

func (t text) violations(r Rotation) {
	n := 0
	for _, q := range r.Requests {
		if q.Violation == "" {
			continue
		}
		if n++; n > shown {
			continue
		}
		if n == 1 {
			t.Line()
		}
		mark := page.Text("! ", page.Bold, page.Red)
		for _, line := range page.Wrap(fmt.Sprintf("stage %d, %d ms: %s: %s", q.Stage, q.AtMS, q.what(), q.Violation), t.columns()-5) {
			t.Line(page.Space(3), mark, page.Text(line))
			mark = page.Space(2)
		}
	}
	if n > shown {
		t.Line(page.Text(fmt.Sprintf("     and %d more; --report json=FILE has them all", n-shown)))
	}
}

// findings are shown apart from the violations: they do not decide the verdict.
func (t text) findings(r Rotation) {
	for _, f := range r.Findings {
		t.Line()
		t.Paragraph(fmt.Sprintf("Also found, see `countersign explain %s`: %s.", f.Case, f.Text), page.Yellow)
	}
}

// what describes a request.
func (q RequestRecord) what() string {
	switch {
	case q.Kind.authentic() && q.Kind != kindCall:
		return fmt.Sprintf("%s signed with key %s", suite.Article(string(q.Kind)), q.Key)
	case q.Kind == kindCall || q.Kind == kindOldKey:
		return fmt.Sprintf("a call signed with key %s", q.Key)
	case q.Kind == kindUnknown:
		return "a call signed with an unknown key"
	}
	return fmt.Sprintf("an authentic call made %s", q.Kind)
}

func (t text) died(r Rotation) {
	for _, process := range r.Processes {
		if process.Died != "" {
			t.Line()
			t.Paragraph(fmt.Sprintf("process %d exited on its own:", process.Number))
			t.Output(process.Died)
		}
	}
}

func closing(r Rotation) string {
	took := (time.Duration(r.TookMS) * time.Millisecond).Round(10 * time.Millisecond)
	processes := "1 process"
	if n := len(r.Processes); n != 1 {
		processes = fmt.Sprintf("%d processes", n)
	}
	return fmt.Sprintf("%s in %s · %s", processes, took, r.SelfCheck)
}
