package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/fuzzing"
	"github.com/countersign-dev/countersign/runner/page"
)

// maxUnconfirmed is how many unconfirmed violations are printed.
const maxUnconfirmed = 10

// printFuzz prints the findings and the summary of a campaign, even where not
// everything could be saved. target are the flags that `replay` needs.
func (a *app) printFuzz(f fuzzFlags, r fuzzing.Result, target string) error {
	p := page.New(a.stdout, a.style(a.stdout, false))
	for _, found := range r.Findings {
		p.Line(page.Text(fmt.Sprintf("%s (%s): %s", found.Class, found.Level, found.Input), page.Bold))
		p.Labelled("requirement", found.Requirement)
		p.Labelled("observed", found.Observed)
		p.Command("reproduce", a.self+" replay "+page.Quote(filepath.Join(f.findings, found.Name()))+target)
		p.Line()
	}
	p.Line(page.Text(fmt.Sprintf("%s in %d requests to %s (%.0f/s), seed %d, %d distinct behaviours",
		page.Count(len(r.Findings), "finding"), r.Requests, r.Record.Target, float64(r.Requests)/max(r.Took.Seconds(), 0.001), r.Record.Seed, r.Behaviours)))
	if r.Incomplete != "" && len(r.Findings) > 0 { // otherwise the command ends with it
		p.Line(page.Text("incomplete: " + r.Incomplete))
	}
	for i, u := range r.Unconfirmed {
		if i == maxUnconfirmed {
			p.Line(page.Text(fmt.Sprintf("and %d more unconfirmed violations", len(r.Unconfirmed)-i)))
			break
		}
		p.Line(page.Text(fmt.Sprintf("unconfirmed %s: %s", u.Class, u.Input)))
		p.Labelled("observed", u.Observed)
		p.Labelled("reason", u.Reason)
	}
	if err := p.Flush("the findings"); err != nil {
		return page.CouldNotJudge("", "%v", err)
	}
	if r.Lost != nil {
		code := page.ExitCouldNotJudge
		if len(r.Findings) > 0 {
			code = page.ExitViolates
		}
		return &page.Error{Code: code, Sentence: fmt.Sprintf("not everything could be saved: %v", r.Lost)}
	}
	return a.concludeFuzz(r.Campaign)
}

// concludeFuzz chooses the exit code.
func (a *app) concludeFuzz(c live.Campaign) error {
	switch {
	case c.Void != "":
		return &page.Error{Code: page.ExitVoid, Sentence: "void: " + c.Void, Hint: "`countersign run` shows which requests are rejected"}
	case len(c.Findings) > 0:
		a.code = page.ExitViolates
	case c.Incomplete != "":
		return page.CouldNotJudge("", "%s", c.Incomplete)
	case slices.ContainsFunc(c.Unconfirmed, live.Unconfirmed.Serious):
		return page.CouldNotJudge("look at the unconfirmed violations, or fuzz again for longer", "a violation that must not occur a single time was observed, and could not be confirmed")
	}
	return nil
}
