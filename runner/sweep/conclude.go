package sweep

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// conclude gives the exit code: void before what could not be judged.
func (s Sweep) conclude() Conclusion {
	if s.SelfCheck.Misjudged != "" {
		return Conclusion{"void", report.ExitVoid, "the suite misjudged an endpoint whose verdict is known: " + s.SelfCheck.Misjudged}
	}
	if void := s.in(Void); len(void) > 0 {
		return Conclusion{"void", report.ExitVoid, fmt.Sprintf("in %s: %s", names(void), void[0].Reason)}
	}
	if open := s.open(); open != "" {
		return Conclusion{"could not judge", report.ExitCouldNotJudge, open}
	}
	if s.Bisected {
		return Conclusion{"judged", report.ExitConforms, "every version that it took was judged"}
	}
	return Conclusion{"judged", report.ExitConforms, "every version was judged"}
}

// open says what is not known, though it was asked for.
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
			verdict := v.verdict(c.ID)
			if verdict == engine.Error || verdict == engine.Inconclusive && c.Level == suite.Must {
				open = append(open, v)
			}
		}
		say(c.ID+" came to no verdict in", open)
	}
	if s.unfinished() {
		words = append(words, "the bisection ended before every change was found")
	}
	return strings.Join(words, "; ")
}

// unfinished: a bisection had something left to judge.
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
