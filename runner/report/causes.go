package report

import (
	"fmt"
	"slices"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/causes"
	"github.com/countersign-dev/countersign/suite/engine"
)

// causesOf explains what failed. Excused failures are explained with the others;
// cases that the profile scores in its own way are left out, because the known
// defects were judged by the default one.
func causesOf(cases []Case, results []engine.Result) []causes.Cause {
	seen := causes.Seen{Culprits: map[string][]string{}}
	for _, result := range results {
		if len(result.Culprits) > 0 {
			seen.Culprits[result.Case.ID] = result.Culprits
		}
	}
	for _, c := range cases {
		if standard, err := suite.Find(c.ID); err != nil || standard.Level != c.Level || standard.Then.Requirement != c.Expected {
			continue
		}
		switch {
		case c.Verdict == engine.Fail, c.Verdict == engine.Warn, c.excusedViolation():
			seen.Failed = append(seen.Failed, c.ID)
		case c.Verdict == engine.Pass, c.Verdict == engine.Observed, c.Verdict == engine.Surprising:
			seen.Passed = append(seen.Passed, c.ID)
		case c.Verdict == engine.Blocked, c.Verdict == engine.Inconclusive, c.Verdict == engine.Excused:
			seen.Blocked = append(seen.Blocked, c.ID)
		}
	}
	return causes.Explain(seen).Causes
}

// finding is a violation, and what probably caused it.
type finding struct {
	Case
	causes []causes.Defect // of which each fits equally well; empty where none is known
}

// block is findings with one likely cause.
type block []finding

// blocks sorts findings by their causes: those with a cause in common, the worst
// first, and all others.
func (r Report) blocks() (shared []block, others []finding) {
	rest := slices.DeleteFunc(slices.Clone(r.Cases), func(c Case) bool { return c.Verdict != engine.Fail && c.Verdict != engine.Warn })
	slices.SortStableFunc(rest, func(a, b Case) int { return severity(a) - severity(b) })
	alone := map[string][]causes.Defect{}
	for _, cause := range r.Causes {
		var explained block
		left := slices.DeleteFunc(slices.Clone(rest), func(c Case) bool {
			explains := slices.Contains(cause.Cases, c.ID)
			if explains {
				explained = append(explained, finding{c, cause.Defects})
			}
			return explains
		})
		if len(explained) > 1 {
			shared, rest = append(shared, explained), left
		} else if len(explained) == 1 {
			alone[explained[0].ID] = cause.Defects
		}
	}
	slices.SortStableFunc(shared, func(a, b block) int { return severity(a[0].Case) - severity(b[0].Case) })
	for _, c := range rest {
		others = append(others, finding{c, alone[c.ID]})
	}
	return shared, others
}

func severity(c Case) int {
	if c.Verdict == engine.Fail {
		return 0
	}
	return 1
}

// violations are the findings, those with one likely cause together.
func (t text) violations(r Report) {
	shared, others := r.blocks()
	for _, b := range shared {
		t.block(b)
	}
	if len(shared) > 0 && len(others) > 0 {
		t.Heading(page.Count(len(others), "other finding"))
	}
	for _, f := range others {
		t.name(f.Case)
		t.finding(f)
	}
}

// block is the likely cause, the worst finding, and of each other one what it does
// not have in common with the one above it.
func (t text) block(b block) {
	first := b[0]
	t.Heading(fmt.Sprintf("%d findings, one likely cause: %s", len(b), first.causes[0].Text))
	t.alternatives("or", first.causes[1:])
	t.name(first.Case)
	t.finding(finding{Case: first.Case})
	for i, f := range b[1:] {
		t.name(f.Case)
		t.differences(f.Case, b[i].Case)
	}
}

func (t text) differences(c, above Case) {
	differing := func(text, other string) string {
		if text == other {
			return ""
		}
		return text
	}
	t.Labelled("requirement", page.Sentence(c.Title))
	t.Labelled("set-up", differing(c.Setup, above.Setup))
	t.Labelled("sent", c.Sent)
	t.Labelled("expected", differing(c.Expected, above.Expected))
	t.Labelled("observed", c.Observed, page.Bold)
	t.Labelled("note", c.Note)
	t.Labelled("impact", page.Sentence(differing(c.Why, above.Why)))
	t.Command("reproduce", c.Reproduce)
}

// mostAlternatives is how many defects are shown where one of many may be the cause.
const mostAlternatives = 3

// alternatives lists defects of which any may be the cause.
func (t text) alternatives(label string, defects []causes.Defect) {
	for i, d := range defects {
		if i == mostAlternatives && len(defects) > mostAlternatives+1 {
			t.Labelled(label, fmt.Sprintf("one of %d others that the JSON report lists", len(defects)-i))
			return
		}
		t.Labelled(label, page.Sentence(d.Text))
		label = "or"
	}
}
