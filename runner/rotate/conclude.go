package rotate

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// conclude judges the drill. Where several verdicts apply the order of the exit
// codes is 4, 1, 3, 0.
func (r *Rotation) conclude() {
	wrong, open := r.violations(), r.open()
	switch {
	case r.Incomplete != "" && len(wrong) > 0 && r.anythingRan():
		r.Conclusion = report.Conclusion{Verdict: "violated", ExitCode: page.ExitViolates, Why: strings.Join(wrong, "; ") + "; incomplete: " + r.Incomplete}
	case r.Incomplete != "":
		r.Conclusion = report.Conclusion{Verdict: "could not judge", ExitCode: page.ExitCouldNotJudge, Why: "incomplete: " + r.Incomplete}
	case !r.anythingRan():
		r.Conclusion = report.Conclusion{Verdict: "void", ExitCode: page.ExitVoid, Why: "no authentic request ever ran, so it is not shown that the target is what responded"}
	case len(wrong) > 0:
		r.Conclusion = report.Conclusion{Verdict: "violated", ExitCode: page.ExitViolates, Why: strings.Join(wrong, "; ")}
	case len(open) > 0:
		r.Conclusion = report.Conclusion{Verdict: "could not judge", ExitCode: page.ExitCouldNotJudge, Why: strings.Join(open, "; ")}
	default:
		r.Conclusion = report.Conclusion{Verdict: "holds", ExitCode: page.ExitConforms, Why: "the key was rotated without refusing an authentic request or accepting a forged one"}
	}
}

func (r *Rotation) anythingRan() bool {
	for _, q := range r.Requests {
		if q.Kind.authentic() && q.Process > 0 {
			return true
		}
	}
	return false
}

// violations names the violations, with the stages in which they happened.
func (r *Rotation) violations() []string {
	var all []string
	for _, v := range violations {
		if where := r.atStages(func(s Stage) int { return v.count(s.Totals) }); where != "" {
			all = append(all, v.name+": "+where)
		}
	}
	return all
}

// violations are the kinds of violations, in the order in which they are reported.
var violations = []struct {
	name  string
	count func(Totals) int
}{
	{"authentic requests refused", func(t Totals) int { return t.AuthenticRefused }},
	{"forged requests accepted", func(t Totals) int { return t.ForgedAccepted }},
	{"API requests finally refused", func(t Totals) int { return t.APIRefused }},
	{"requests with the old key accepted", func(t Totals) int { return t.OldKeyAccepted }},
	{"requests with the old key refused while the target still held it", func(t Totals) int { return t.OldKeyRefused }},
}

// open lists what a verdict needs and was not observed: a count of zero proves
// nothing where nothing was tried.
func (r *Rotation) open() []string {
	var missing []string
	for _, s := range r.Stages {
		for _, kind := range kinds {
			if kind == kindOldKey && s.Number < after {
				continue
			}
			if s.Counts[kind].shown(kind) == 0 {
				missing = append(missing, fmt.Sprintf("stage %d had no response to any request of the kind %q", s.Number, kind))
			}
		}
	}
	if silent := r.silentStages(); silent != "" {
		missing = append(missing, "the target sent nothing to the API at "+silent+", so it is not known whether its own requests outlive the rotation")
	}
	return missing
}

// shown is how many requests show whether the target accepts their kind. Without
// a response nothing was accepted: some endpoints refuse by closing the connection.
func (s Sum) shown(k kind) int {
	if k.authentic() {
		return s.Accepted + s.Refused
	}
	return s.Accepted + s.Refused + s.NoResponse
}

// silentStages names the stages at which the target sent nothing to the API.
func (r *Rotation) silentStages() string {
	var silent []string
	for _, s := range r.Stages {
		if s.Totals.API == 0 {
			silent = append(silent, fmt.Sprintf("stage %d", s.Number))
		}
	}
	if len(silent) == len(stages) {
		return "any stage"
	}
	return strings.Join(silent, ", ")
}
