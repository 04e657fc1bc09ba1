package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// surprises are the excused cases that pass.
func (t text) surprises(r Report) {
	for _, c := range r.Cases {
		if c.Verdict == engine.Surprising {
			t.name(c)
			t.finding(finding{Case: c})
		}
	}
}

// finding is the requirement before the diagnosis.
func (t text) finding(f finding) {
	c := f.Case
	t.Labelled("requirement", page.Sentence(c.Title))
	t.Labelled("", c.Clause+": "+c.ClauseText, page.Dim)
	t.Labelled("", c.Source+": "+suite.Sources[c.Source], page.Dim)
	t.Labelled("set-up", c.Setup)
	t.Labelled("sent", c.Sent)
	t.Labelled("expected", c.Expected)
	t.Labelled("observed", c.Observed, page.Bold)
	t.Labelled("note", c.Note)
	if c.Verdict == engine.Surprising {
		t.Labelled("excused", c.Excuse.Reason+" ("+c.Excuse.Link+")")
		t.Labelled("fix", "remove "+c.ID+" from the baseline: the case passes")
	} else {
		t.Labelled("impact", page.Sentence(c.Why))
		t.alternatives("likely cause", f.causes)
	}
	t.Command("reproduce", c.Reproduce)
}

func (t text) stale(r Report) {
	if r.Baseline == nil {
		return
	}
	for _, id := range r.Baseline.Stale {
		t.Line()
		t.Line(page.Text("STALE", page.Bold, page.Yellow), page.Space(2), page.Text(id, page.Bold))
		t.Labelled("note", r.Baseline.File+" excuses a case that does not exist"+r.nearest(id))
	}
	for _, id := range r.Baseline.Expired {
		t.Line()
		t.Line(page.Text("EXPIRED", page.Bold, page.Yellow), page.Space(2), page.Text(id, page.Bold))
		t.Labelled("note", "its entry in "+r.Baseline.File+" excuses nothing any more")
	}
}

// nearest suggests the case of the run that a mistyped id is closest to.
func (r Report) nearest(id string) string {
	var known []string
	for _, c := range r.Cases {
		known = append(known, c.ID)
	}
	near := page.Nearest(id, known)
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// unjudged are the cases without a verdict about the target, those with the same
// cause together.
func (t text) unjudged(r Report) {
	for _, verdict := range []engine.Verdict{engine.Inconclusive, engine.Error} {
		for _, group := range groups(r, verdict, func(c Case) string { return anyPort.ReplaceAllString(c.Note, "$1") }) {
			t.Line()
			t.Line(page.Text(strings.ToUpper(string(verdict)), page.Bold, page.Yellow), page.Space(2), page.Text(page.Count(len(group.ids), "case"), page.Bold))
			t.Labelled("cause", group.first.Note)
			t.Labelled("cases", few(group.ids))
			t.Command("reproduce", group.first.Reproduce)
		}
	}
}

// blocked are the cases that rest on a failure elsewhere, by that failure.
func (t text) blocked(r Report) {
	for _, group := range groups(r, engine.Blocked, func(c Case) string { return c.Cause }) {
		t.Line()
		if r.ended(group.key) {
			t.Line(page.Text("NOT JUDGED", page.Bold, page.Dim), page.Space(2), page.Text(page.Count(len(group.ids), "case")+" that rest on "+group.key, page.Bold))
			t.Labelled("note", "the run ended before "+group.key+" was judged")
			continue
		}
		t.Line(page.Text("BLOCKED", page.Bold, page.Dim), page.Space(2), page.Text(page.Count(len(group.ids), "case")+" by "+group.key, page.Bold))
		t.Labelled("note", "these rest on "+group.key+", which did not hold, so they show nothing by themselves")
		t.Labelled("cases", few(group.ids))
	}
}

// ended reports whether a case was not judged because the run ended early.
func (r Report) ended(id string) bool {
	return r.Incomplete != "" && slices.ContainsFunc(r.Cases, func(c Case) bool { return c.ID == id && c.Verdict == engine.Inconclusive })
}

// anyPort is a port of this machine: causes that differ in it alone are one.
var anyPort = regexp.MustCompile(`(127\.0\.0\.1):\d+`)

// few names the first of many cases; the JSON report has them all.
func few(ids []string) string { return first(ids, 8) }

func first(ids []string, shown int) string {
	if len(ids) <= shown+1 {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:shown], ", "), len(ids)-shown)
}

func (t text) excused(r Report) {
	if r.Summary[engine.Excused] == 0 {
		return
	}
	t.Heading("Known deviations, excused by " + r.Baseline.File)
	for _, c := range r.Cases {
		if c.Verdict == engine.Excused {
			t.Paragraph(c.ID + ": " + c.Excuse.Reason + " (" + c.Excuse.Link + ")")
		}
	}
}

func (t text) notApplicable(r Report) {
	reasons := groups(r, engine.NotApplicable, func(c Case) string { return c.Note })
	if len(reasons) == 0 {
		return
	}
	t.Heading("Not applicable")
	for _, g := range reasons {
		t.Paragraph(fmt.Sprintf("%s: %s", page.Count(len(g.ids), "case"), g.key))
	}
}

// group is cases that have something in common.
type group struct {
	key   string
	first Case
	ids   []string
}

// groups gathers cases by a key, in the order of the cases; the empty verdict
// stands for any, and what has no key is left out.
func groups(r Report, verdict engine.Verdict, key func(Case) string) []group {
	var found []group
	for _, c := range r.Cases {
		if k := key(c); k != "" && (verdict == "" || c.Verdict == verdict) {
			i := slices.IndexFunc(found, func(g group) bool { return g.key == k })
			if i < 0 {
				i, found = len(found), append(found, group{key: k, first: c})
			}
			found[i].ids = append(found[i].ids, c.ID)
		}
	}
	return found
}
