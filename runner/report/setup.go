package report

import (
	"io"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// SetupMistake is a mistake in the set-up of an endpoint at a URL, as a diagnosis of it
// names it.
type SetupMistake struct {
	ID       string   `json:"id"`    // permanent: "key.line-feed"
	Cause    string   `json:"cause"` // in plain words
	Evidence []string `json:"evidence"`
	Fix      string   `json:"fix"`
	Possible bool     `json:"possible,omitempty"` // another mistake fits what was seen, too
}

// Title is the cause, and how sure it is.
func (m SetupMistake) Title() string {
	kind := ""
	if m.Possible {
		kind = "possible: "
	}
	return kind + page.Capital(strings.TrimSpace(m.Cause)) + " [" + m.ID + "]"
}

// WithSetup adds the mistakes in a set-up to the report of a run that is not clean. The
// cause that is given for a valid request that was not accepted is then theirs: a
// diagnosis of a set-up sends requests to find out, and the run only has one response to
// go by.
func (r Report) WithSetup(found []SetupMistake) Report {
	if len(found) == 0 || r.SelfCheck.Misjudged != "" {
		return r
	}
	r.Setup = found
	r.Diagnosis = explained(r.Diagnosis, found)
	r.Target.ProbeRefused = explained(r.Target.ProbeRefused, found)
	return r
}

// explained is a diagnosis with the causes and the fixes of mistakes.
func explained(d *engine.Diagnosis, found []SetupMistake) *engine.Diagnosis {
	if d == nil {
		return nil
	}
	var causes, fixes []string
	between := "; and "
	for _, m := range found {
		causes, fixes = append(causes, m.Cause), append(fixes, m.Fix)
		if m.Possible {
			between = "; or "
		}
	}
	return &engine.Diagnosis{Observed: d.Observed, Cause: strings.Join(causes, between), Remedy: strings.Join(fixes, between)}
}

// Mistakes writes the mistakes in a set-up, where there is no report.
func Mistakes(w io.Writer, found []SetupMistake, style page.Style) error {
	t := text{page.New(w, style)}
	t.setup(Report{Setup: found})
	return t.Flush("the diagnosis")
}

// setup is what is wrong with the set-up, which is what to look at first.
func (t text) setup(r Report) {
	if len(r.Setup) == 0 {
		return
	}
	t.Heading("Look at the set-up first")
	for _, m := range r.Setup {
		t.Labelled("cause", m.Title(), page.Bold)
		for _, evidence := range m.Evidence {
			t.Labelled("evidence", evidence, page.Dim)
		}
		t.Labelled("fix", m.Fix)
	}
}
