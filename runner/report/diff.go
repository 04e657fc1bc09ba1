package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Diff is how two reports of a target differ.
type Diff struct {
	Conclusion  Conclusion `json:"conclusion"`
	Old         string     `json:"old"` // what was judged
	New         string     `json:"new"`
	Regressions []Change   `json:"regressions"` // violations that the old report does not have
	Fixes       []Change   `json:"fixes"`       // violations that the new report does not have, but judged
	Unjudged    []Change   `json:"unjudged"`    // judged only in the old report
	Ambiguities []Change   `json:"ambiguities"` // another behaviour where the specification is ambiguous
	Others      []Change   `json:"others"`      // other changes of a verdict; cases of only one report
}

// Change is a case that differs. An empty verdict stands for a report without it.
type Change struct {
	Case     string         `json:"case"`
	Title    string         `json:"title"`
	Old      engine.Verdict `json:"old,omitempty"`
	New      engine.Verdict `json:"new,omitempty"`
	OldShown string         `json:"oldShown,omitempty"` // what was observed, or the behaviour
	NewShown string         `json:"newShown,omitempty"`
}

// DiffOf compares two reports. It concludes with [page.ExitViolates] if there is a
// regression, and with [page.ExitVoid] if one of them can't be trusted.
func DiffOf(older, newer Report) Diff {
	d := Diff{Old: older.Target.Title(), New: newer.Target.Title(), Regressions: []Change{}, Fixes: []Change{}, Unjudged: []Change{}, Ambiguities: []Change{}, Others: []Change{}}
	before := map[string]Case{}
	for _, c := range older.Cases {
		before[c.ID] = c
	}
	for _, c := range newer.Cases {
		d.add(before[c.ID], c)
		delete(before, c.ID)
	}
	for _, c := range older.Cases {
		if _, gone := before[c.ID]; gone {
			d.add(c, Case{})
		}
	}
	d.Conclusion = d.conclude(older.Void || newer.Void)
	return d
}

func (d *Diff) add(before, now Case) {
	change := Change{Case: now.ID, Title: now.Title, Old: before.Verdict, New: now.Verdict, OldShown: before.Observed, NewShown: now.Observed}
	if now.ID == "" {
		change.Case, change.Title = before.ID, before.Title
	}
	was, is := before.violates(), now.violates()
	switch {
	case is > was:
		d.Regressions = append(d.Regressions, change)
	case was > is && judges(now.Verdict) && now.ID != "":
		d.Fixes = append(d.Fixes, change)
	case before.ID != "" && judges(before.Verdict) && (now.ID == "" || !judges(now.Verdict)):
		d.Unjudged = append(d.Unjudged, change)
	case before.ID != "" && now.ID != "" && before.Behaviour != now.Behaviour && before.Behaviour != "" && now.Behaviour != "":
		change.OldShown, change.NewShown = before.Ambiguity+": "+before.Behaviour, now.Behaviour
		d.Ambiguities = append(d.Ambiguities, change)
	case before.Verdict != now.Verdict:
		d.Others = append(d.Others, change)
	}
}

// violates is 2 for a violation, excused or not, 1 for a warning, and 0 for all else.
func (c Case) violates() int {
	switch {
	case c.Verdict == engine.Fail, c.excusedViolation():
		return 2
	case c.Verdict == engine.Warn:
		return 1
	}
	return 0
}

func (d Diff) conclude(void bool) Conclusion {
	switch n := len(d.Regressions); {
	case void:
		return Conclusion{"void", page.ExitVoid, "the verdicts of a void run can't be compared"}
	case n > 0:
		return Conclusion{"regressed", page.ExitViolates, page.Count(n, "regression")}
	case len(d.Unjudged) > 0:
		return Conclusion{"could not judge", page.ExitCouldNotJudge, page.Count(len(d.Unjudged), "case") + " judged in the old report only"}
	}
	return Conclusion{"no regression", page.ExitConforms, fmt.Sprintf("%d fixed", len(d.Fixes))}
}

// Text formats a diff for a terminal.
func (d Diff) Text(w io.Writer, style page.Style) error {
	t := text{page.New(w, style)}
	t.Line()
	t.Line(page.Text(d.Old+" → "+d.New, page.Bold))
	t.Line()
	t.Line(page.Space(2), page.Verdict(d.Conclusion.Verdict, d.Conclusion.ExitCode), page.Text("  "+d.Conclusion.Why))
	if d.Conclusion.ExitCode != page.ExitVoid {
		t.changes("Regressions", d.Regressions, true)
		t.changes("Fixes", d.Fixes, false)
		t.changes("Judged in the old report only", d.Unjudged, false)
		t.changes("Changed where the specification is ambiguous", d.Ambiguities, true)
		t.changes("Other changes", d.Others, false)
	}
	return t.Flush("the differences")
}

func (t text) changes(title string, changes []Change, shown bool) {
	if len(changes) == 0 {
		return
	}
	t.Heading(fmt.Sprintf("%s (%d)", title, len(changes)))
	for _, c := range changes {
		t.Line(page.Space(3), page.Text(c.Case, page.Bold), page.Text(fmt.Sprintf("  %s → %s", orAbsent(c.Old), orAbsent(c.New)), page.Dim))
		if shown {
			t.Labelled("requirement", page.Sentence(c.Title))
			t.Labelled("old", c.OldShown)
			t.Labelled("new", c.NewShown)
		}
	}
}

func orAbsent(v engine.Verdict) string {
	if v == "" {
		return "absent"
	}
	return string(v)
}

// JSON writes a diff as JSON.
func (d Diff) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return fmt.Errorf("writing the differences as JSON: %w", err)
	}
	return nil
}
