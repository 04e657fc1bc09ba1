package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Text formats a report for a terminal: what was judged and the conclusion, then the
// violations, by their likely causes: the requirement, before what was observed.
func Text(w io.Writer, r Report, style page.Style) error {
	t := text{page.New(w, style)}
	t.headline(r)
	t.setup(r)
	if r.Void {
		t.void(r)
	} else {
		t.violations(r)
		t.surprises(r)
		t.stale(r)
		t.unjudged(r)
		t.blocked(r)
		t.excused(r)
		t.behaviour(r)
		t.measurements(r.Measurements)
		t.notApplicable(r)
	}
	t.closing(r, r.SelfCheck.String())
	return t.Flush("the summary")
}

// headline accounts for every case, so that a short list of violations can't hide
// that little was judged.
func (t text) headline(r Report) {
	t.Line()
	t.Line(page.Text(r.Target.Title(), page.Bold), page.Text(fmt.Sprintf("  %s tier, seed %d", r.Tier, r.RandomSeed), page.Dim))
	t.Line()
	scope := fmt.Sprintf("  judged %d of %s", r.Judged, page.Count(r.Total, "case"))
	if r.Void {
		scope = ""
	}
	t.Line(page.Space(2), page.Verdict(r.Conclusion.Verdict, r.Conclusion.ExitCode), page.Text(scope))
	if !r.Void {
		t.Paragraph(r.account())
		t.calls(r)
	}
	t.Paragraph(page.Capital(r.Conclusion.Why))
	if r.Target.Identity == ByBeacon {
		t.Paragraph("This system does not say which process responds. That it is the target is known only of set-ups in which a function ran.")
	}
	if r.Clock != "" {
		t.Paragraph(page.Sentence(r.Clock))
	}
	for _, sentence := range r.remarks() {
		t.Paragraph(sentence)
	}
}

// calls describes how calls to an endpoint at a URL were judged.
func (t text) calls(r Report) {
	switch {
	case r.Target.Function != "":
		t.Paragraph("Calls were judged by the responses to calls of " + r.Target.Function + "; whether a refused call ran all the same can't be observed.")
	case r.InPlace > 0:
		t.Paragraph(fmt.Sprintf("%d of them about calls, judged by %s in place of a call.", r.InPlace, r.insteads()))
	}
	if d := r.Target.ProbeRefused; d != nil {
		text := "A valid trust probe was not accepted, though a signed GET was: " + d.Observed + "."
		if len(r.Setup) == 0 { // otherwise the cause is below
			text += " Likely cause: " + d.Cause + ". " + page.Sentence(d.Remedy)
		}
		t.Paragraph(text)
	}
}

// Title names the target.
func (t Target) Title() string {
	switch {
	case t.Kind == Attached && t.SDK != "":
		return t.URL + " (identifies itself as " + t.SDK + ")"
	case t.Kind == Attached:
		return t.URL
	case t.Kind == Embedded:
		return "embedded reference " + t.Version
	}
	return strings.TrimSpace(t.Name + " " + t.Version)
}

// account counts every case under exactly one verdict: "5 pass, 1 fail; not
// judged: 2 not applicable".
func (r Report) account() string {
	var judged, others []string
	for _, verdict := range verdicts() {
		switch n := r.Summary[verdict]; {
		case n == 0:
		case judges(verdict):
			judged = append(judged, counted(n, verdict))
		default:
			others = append(others, counted(n, verdict))
		}
	}
	text := strings.Join(judged, ", ")
	if len(others) > 0 {
		text += "; not judged: " + strings.Join(others, ", ")
	}
	return strings.TrimPrefix(text, "; ")
}

func counted(n int, verdict engine.Verdict) string {
	return fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(verdict), "-", " "))
}

// void describes the response to a valid request, the cause, and what to do.
func (t text) void(r Report) {
	t.Line()
	remedy := "Look at the target's key, mode and path, and at its own output."
	switch d := r.Diagnosis; {
	case r.SelfCheck.Misjudged != "":
		remedy = "This is a defect of Countersign, not of the target; please report it with the seed."
	case d != nil:
		t.Labelled("sent", "a valid request")
		t.Labelled("observed", d.Observed)
		if len(r.Setup) == 0 { // otherwise the cause is above
			t.Labelled("likely cause", page.Sentence(d.Cause), page.Bold)
			t.Labelled("remedy", page.Sentence(d.Remedy))
		}
		t.Line()
		remedy = ""
		if r.Target.Kind == Launched {
			remedy = "`countersign doctor --target` checks the target step by step."
		}
	}
	t.Paragraph("No verdict of this run can be trusted. " + remedy)
}

// closing repeats the counts and the verdict at the end of the page.
func (t text) closing(r Report, selfCheck string) {
	var words []string
	for _, verdict := range verdicts() {
		if n := r.Summary[verdict]; n > 0 && !r.Void {
			words = append(words, counted(n, verdict))
		}
	}
	words = append(words, r.scale()+" in "+r.took().String())
	t.Line()
	t.Paragraph(strings.Join(words, " · "), page.Dim)
	t.Paragraph(selfCheck, page.Dim)
	t.Line()
	t.Line(page.Space(2), page.Verdict(r.Conclusion.Verdict, r.Conclusion.ExitCode))
}
