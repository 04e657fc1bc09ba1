package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/causes"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Summary is how a report is shown on a terminal: [Brief], or all of it.
func Summary(verbose bool) func(io.Writer, Report, page.Style) error {
	if verbose {
		return Text
	}
	return Brief
}

// How much of a report a brief page shows.
const (
	mostCauses  = 10 // in the list at the head of the page
	mostDetails = 2  // violations, or causes of some, with details; of more, only the worst has them
	mostReasons = 4  // for which cases are not applicable
)

// Brief formats a report for a terminal: the conclusion, the counts and the causes
// on the first screen, the details of the worst violations below. [Text] has all.
func Brief(w io.Writer, r Report, style page.Style) error {
	t := text{page.New(w, style)}
	t.headline(r)
	t.setup(r)
	if r.Void {
		t.void(r)
	} else {
		t.causeList(r)
		t.details(r)
		t.surprises(r)
		t.stale(r)
		t.unjudged(r)
		t.blocked(r)
		t.excused(r)
		t.hidden(r)
	}
	t.closing(r, r.SelfCheck.short())
	return t.Flush("the summary")
}

// violation is findings with one likely cause; one finding, where it shares none.
type violation struct {
	block
	causes []causes.Defect
}

// what is the likely cause; where none is known, the case.
func (v violation) what() string {
	if len(v.causes) > 0 {
		return v.causes[0].Text
	}
	return v.block[0].ID + ": " + v.block[0].Title
}

// violationsOf are the findings by their causes, the worst first.
func (r Report) violationsOf() (found []violation) {
	shared, others := r.blocks()
	for _, b := range shared {
		found = append(found, violation{b, b[0].causes})
	}
	for _, f := range others {
		found = append(found, violation{block{f}, f.causes})
	}
	slices.SortStableFunc(found, func(a, b violation) int { return severity(a.block[0].Case) - severity(b.block[0].Case) })
	return found
}

// causeList has a line for each cause, or for the finding that has none.
func (t text) causeList(r Report) {
	const verdict, count = 6, 10
	found := r.violationsOf()
	if len(found) > 0 {
		t.Line()
	}
	for i, v := range found {
		if i == mostCauses && len(found) > mostCauses+1 {
			t.Paragraph(fmt.Sprintf("and %d more; --verbose shows all", len(found)-i), page.Dim)
			return
		}
		word, colour := word(v.block[0].Case)
		n := page.Count(len(v.block), "case")
		for _, line := range page.Wrap(v.what(), t.Width()-3-verdict-count) {
			t.Line(page.Space(3), page.Text(page.Pad(strings.ToLower(word), verdict), colour), page.Text(page.Pad(n, count), page.Dim), page.Text(line))
			word, n = "", ""
		}
	}
}

// details shows the violations, and what else was recommended, of which the list of
// causes has the texts.
func (t text) details(r Report) {
	var violations []violation
	var recommended []string
	for _, v := range r.violationsOf() {
		if v.block[0].Verdict != engine.Warn {
			violations = append(violations, v)
			continue
		}
		for _, f := range v.block {
			recommended = append(recommended, f.ID)
		}
	}
	for i, v := range violations {
		if i == 0 || len(violations) <= mostDetails {
			t.violation(v)
			continue
		}
		if i == 1 {
			t.Line()
		}
		t.nameLine(v.block[0].Case, "")
		t.others(v.block[1:])
	}
	if len(recommended) > 0 {
		t.Heading("Recommendations that are not followed")
		t.Paragraph(first(recommended, mostNamed))
	}
}

// violation leaves out what the list of causes has, and the usual set-up.
func (t text) violation(v violation) {
	c := v.block[0].Case
	t.nameAnd(c, "; "+c.Clause+", "+c.Source)
	t.Labelled("requirement", page.Sentence(c.Title))
	if c.Setup != usualSetup {
		t.Labelled("set-up", c.Setup)
	}
	t.Labelled("sent", c.Sent)
	t.Labelled("expected", c.Expected)
	t.Labelled("observed", c.Observed, page.Bold)
	t.Labelled("note", c.Note)
	t.Labelled("impact", page.Sentence(c.Why))
	if len(v.causes) > 1 {
		t.alternatives("or cause", v.causes[1:])
	}
	t.Command("reproduce", c.Reproduce)
	t.others(v.block[1:])
}

var usualSetup = suite.Setup{}.String()

// others names the findings that have their cause in common with the one above.
func (t text) others(b block) {
	label := "also"
	for _, verdict := range []engine.Verdict{engine.Fail, engine.Warn} {
		var ids []string
		for _, f := range b {
			if f.Verdict == verdict {
				ids = append(ids, f.ID)
			}
		}
		if len(ids) > 0 {
			t.Labelled(label, string(verdict)+": "+first(ids, 4))
			label = ""
		}
	}
}

// hidden says what else the report has.
func (t text) hidden(r Report) {
	reasons := groups(r, engine.NotApplicable, func(c Case) string { return c.Note })
	if len(reasons) > 0 {
		t.Heading("Not applicable")
	}
	for i, g := range reasons {
		if i == mostReasons && len(reasons) > mostReasons+1 {
			t.Paragraph(fmt.Sprintf("and for %d other reasons", len(reasons)-i))
			break
		}
		t.Paragraph(fmt.Sprintf("%s: %s", page.Count(len(g.ids), "case"), g.key))
	}
	if len(r.violationsOf()) > 0 || len(r.unspecified()) > 0 {
		t.Line()
		t.Paragraph("--verbose shows all that was found, --report html=FILE every case.", page.Dim)
	}
}
