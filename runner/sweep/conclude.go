package sweep

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// conclude gives the exit code: void before what could not be judged.
func (s Sweep) conclude() report.Conclusion {
	if s.SelfCheck.Misjudged != "" {
		return report.Conclusion{Verdict: "void", ExitCode: page.ExitVoid, Why: "the self-check failed: " + s.SelfCheck.Misjudged}
	}
	if void := s.in(Void); len(void) > 0 {
		return report.Conclusion{Verdict: "void", ExitCode: page.ExitVoid, Why: fmt.Sprintf("in %s: %s", names(void), void[0].Reason)}
	}
	if open := s.open(); open != "" {
		return report.Conclusion{Verdict: "could not judge", ExitCode: page.ExitCouldNotJudge, Why: open}
	}
	if s.Bisected {
		return report.Conclusion{Verdict: "judged", ExitCode: page.ExitConforms, Why: "every version that the bisection needs was judged"}
	}
	return report.Conclusion{Verdict: "judged", ExitCode: page.ExitConforms, Why: "every version was judged"}
}

// open says which verdicts are missing.
func (s Sweep) open() string {
	var words []string
	say := func(what string, versions []Version) {
		if len(versions) > 0 {
			words = append(words, what+": "+names(versions))
		}
	}
	say("not installed", s.in(NotInstalled))
	say("not judged", s.in(NotJudged))
	for _, c := range s.Cases {
		var open []Version
		for _, v := range s.in(Judged) {
			if v.result(c.ID).open {
				open = append(open, v)
			}
		}
		say(c.ID+" could not be judged in", open)
	}
	if s.unfinished() {
		words = append(words, "the bisection stopped before it found every change")
	}
	return strings.Join(words, "; ")
}

// unfinished reports whether a bisection had something left to judge.
func (s Sweep) unfinished() bool {
	var ids []string
	for _, c := range s.Cases {
		ids = append(ids, c.ID)
	}
	_, more := bisect(s.Versions, ids)
	return s.Bisected && more
}

// in are the versions in a state.
func (s Sweep) in(state State) (found []Version) {
	for _, v := range s.Versions {
		if v.State == state {
			found = append(found, v)
		}
	}
	return found
}

func names(versions []Version) string {
	var words []string
	for _, v := range versions {
		words = append(words, v.Version)
	}
	return strings.Join(words, ", ")
}
