package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

func (r Report) conclude() Conclusion {
	violated, open := r.violated(), r.open()
	switch {
	case r.Void:
		return Conclusion{"void", page.ExitVoid, r.VoidReason}
	case violated > 0:
		return Conclusion{"violates", page.ExitViolates, page.Count(violated, "violation") + " in " + page.Count(r.Judged, "judged case") + r.butIncomplete()}
	case r.Incomplete != "":
		return Conclusion{"could not judge", page.ExitCouldNotJudge, "incomplete: " + r.Incomplete}
	case r.Judged == 0:
		return Conclusion{"could not judge", page.ExitCouldNotJudge, "no case was judged"}
	case r.InPlace > 0 && !r.Target.AcceptProbe:
		return Conclusion{"could not judge calls", page.ExitCouldNotJudge, strings.TrimSuffix(r.inPlace()+"; "+open, "; ")}
	case open != "":
		return Conclusion{"could not judge", page.ExitCouldNotJudge, open}
	case r.Baseline != nil && len(r.Baseline.Expired) > 0:
		return Conclusion{"stale baseline", page.ExitStaleBaseline, "an excuse has expired"}
	case r.Summary[engine.Surprising] > 0 || r.Baseline != nil && len(r.Baseline.Stale) > 0:
		return Conclusion{"stale baseline", page.ExitStaleBaseline, "an excused case passes or no longer exists"}
	}
	return Conclusion{"conforms", page.ExitConforms, r.reservations()}
}

// butIncomplete says why not every case was run, after other words.
func (r Report) butIncomplete() string {
	if r.Incomplete == "" {
		return ""
	}
	return "; incomplete: " + r.Incomplete
}

// inPlace describes that calls were judged by other requests, and what can be done.
func (r Report) inPlace() string {
	return "calls were judged by " + r.insteads() + " in their place, so it is not known whether they are verified: " +
		"name a harmless function with --function, or accept this with --accept-probe"
}

// insteads are the kinds of requests that were sent in place of calls.
func (r Report) insteads() string {
	var kinds []string
	for _, c := range r.Cases {
		if kind := suite.Article(string(c.InPlace)); judges(c.Verdict) && c.InPlace != "" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return strings.Join(kinds, " or ")
}

// open describes which verdicts are missing that conforming requires.
func (r Report) open() string {
	var words []string
	undecided, seen := 0, map[string]engine.Verdict{}
	for _, c := range r.Cases {
		seen[c.ID] = c.Verdict
		if c.Verdict == engine.Error || c.Verdict == engine.Inconclusive && c.Level == suite.Must {
			undecided++
		}
	}
	for _, c := range r.Cases { // blocked by a failure is counted with it; by anything else it is open
		if cause := seen[c.Cause]; c.Verdict == engine.Blocked && c.Level == suite.Must && cause != engine.Fail && cause != engine.Excused {
			undecided++
		}
	}
	if undecided > 0 {
		words = append(words, page.Count(undecided, "case")+" could not be judged")
	}
	var missing []string
	for _, id := range suite.Core {
		if v := seen[id]; v == "" || v == engine.NotApplicable {
			missing = append(missing, id)
		}
	}
	if few := r.tooFew(); few != "" {
		words = append(words, few)
	}
	if len(missing) > 0 {
		words = append(words, "not judged, though exit code 0 requires it: "+strings.Join(missing, ", "))
	}
	return strings.Join(words, "; ")
}

// reservations are warnings about a conforming target.
func (r Report) reservations() string {
	var but []string
	if n := r.Summary[engine.Warn]; n > 0 {
		but = append(but, page.Count(n, "recommendation")+" not followed")
	}
	known, open := 0, 0
	for _, c := range r.Cases {
		if c.excusedViolation() {
			known++
		} else if c.Verdict == engine.Excused {
			open++
		}
	}
	if known > 0 {
		but = append(but, page.Count(known, "known violation")+" excused")
	}
	if open > 0 {
		but = append(but, page.Count(open, "inconclusive case")+" excused")
	}
	if r.Catalogue != "" {
		but = append(but, "scored by the catalogue "+r.Catalogue)
	}
	if n := r.Summary[engine.Blocked]; n > 0 {
		but = append(but, page.Count(n, "case")+" blocked")
	}
	if n := r.Summary[engine.Inconclusive]; n > 0 {
		but = append(but, page.Count(n, "recommendation")+" inconclusive")
	}
	if r.InPlace > 0 {
		but = append(but, "calls judged by "+r.insteads()+" in their place, as --accept-probe allows")
	}
	if r.Total < r.Available {
		but = append(but, fmt.Sprintf("only %d of the tier's %d cases selected", r.Total, r.Available))
	}
	if len(but) == 0 {
		return "all judged requirements are met"
	}
	return "all judged requirements are met; " + strings.Join(but, ", ")
}
