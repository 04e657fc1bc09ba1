package report

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The exit codes. Where several apply the order is 2, 4, 1, 3, 5, 0.
const (
	ExitConforms      = 0
	ExitViolates      = 1
	ExitUsage         = 2 // what was asked for makes no sense; there is no report
	ExitCouldNotJudge = 3 // the target did not start, a fault of ours, or a MUST left open
	ExitVoid          = 4
	ExitStaleBaseline = 5
)

// Conclusion is what a whole run comes to.
type Conclusion struct {
	Verdict  string `json:"verdict"` // "conforms", "violates", …
	ExitCode int    `json:"exitCode"`
	Why      string `json:"why"`
}

func (r Report) conclude() Conclusion {
	violated, open := r.Summary[engine.Fail], r.open()
	switch {
	case r.Void:
		return Conclusion{"void", ExitVoid, r.VoidReason}
	case violated > 0:
		return Conclusion{"violates", ExitViolates, some(violated, "violation") + " in " + some(r.Judged, "judged case")}
	case r.Judged == 0:
		return Conclusion{"could not judge", ExitCouldNotJudge, "no case came to a verdict"}
	case open != "":
		return Conclusion{"could not judge", ExitCouldNotJudge, open}
	case r.Summary[Surprising] > 0 || r.Baseline != nil && len(r.Baseline.Stale) > 0:
		return Conclusion{"stale baseline", ExitStaleBaseline, "it excuses what needs no excuse"}
	}
	return Conclusion{"conforms", ExitConforms, r.reservations()}
}

// open says what is not known, though conforming would require it.
func (r Report) open() string {
	var words []string
	undecided, seen := 0, map[string]engine.Verdict{}
	for _, c := range r.Cases {
		seen[c.ID] = c.Verdict
		if c.Verdict == engine.Error || c.Verdict == engine.Inconclusive && c.Level == suite.Must {
			undecided++
		}
	}
	if undecided > 0 {
		words = append(words, some(undecided, "case")+" came to no verdict")
	}
	var missing []string
	for _, id := range suite.Core {
		if v := seen[id]; v == "" || v == engine.NotApplicable {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		words = append(words, "nothing is known about "+strings.Join(missing, ", "))
	}
	return strings.Join(words, "; ")
}

// reservations are what a conforming target is told nevertheless.
func (r Report) reservations() string {
	var but []string
	if n := r.Summary[engine.Warn]; n > 0 {
		but = append(but, some(n, "recommendation")+" not followed")
	}
	if n := r.Summary[Excused]; n > 0 {
		but = append(but, some(n, "known violation")+" excused")
	}
	if n := r.Summary[engine.Inconclusive]; n > 0 {
		but = append(but, some(n, "recommendation")+" left open")
	}
	if r.Total < r.Available {
		but = append(but, fmt.Sprintf("only %d of the tier's %d cases were chosen", r.Total, r.Available))
	}
	if len(but) == 0 {
		return "every requirement that was judged is met"
	}
	return "every requirement that was judged is met, but " + strings.Join(but, ", ")
}

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
