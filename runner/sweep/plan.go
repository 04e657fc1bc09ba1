package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// plan is a sweep over chosen versions.
type plan struct {
	target   string
	versions []string // oldest first
	cases    []string // their ids
	bisect   bool
	max      int // versions that a bisection may judge
	// judge judges one version; its error ends the sweep.
	judge func(ctx context.Context, version string) (Version, error)
	say   func(format string, args ...any) // progress
}

// run judges versions one after the other and returns all of them, judged or not.
// When the deadline of ctx has passed, or it was cancelled after a version was judged,
// the rest stays unjudged and says so.
func (p plan) run(ctx context.Context) ([]Version, error) {
	versions := make([]Version, len(p.versions))
	for i, version := range p.versions {
		versions[i] = Version{Version: version, State: Skipped, Results: []Cell{}}
	}
	for done := 0; ; done++ {
		i, more := p.next(versions, done)
		if !more {
			return versions, nil
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			p.giveUp(versions, "the time limit of the sweep was reached")
			return versions, nil
		}
		p.say("%s%s@%s: installing and judging", p.count(done), p.target, p.versions[i])
		judged, err := p.judge(ctx, p.versions[i])
		if err != nil && errors.Is(ctx.Err(), context.Canceled) && done > 0 {
			p.giveUp(versions, "interrupted")
			return versions, nil
		}
		if err != nil {
			return versions, err
		}
		versions[i] = judged
		p.say("%s%s@%s: %s", p.count(done), p.target, p.versions[i], judged.summary())
	}
}

// next is the version to judge now.
func (p plan) next(versions []Version, done int) (int, bool) {
	if p.bisect {
		i, more := bisect(versions, p.cases)
		return i, more && done < p.max
	}
	return done, done < len(versions)
}

func (p plan) giveUp(versions []Version, why string) {
	for i := range versions {
		if versions[i].State == Skipped && !p.bisect {
			versions[i].State, versions[i].Reason = NotJudged, why
		}
	}
}

// count is how far the sweep is. How many versions a bisection needs is unknown.
func (p plan) count(done int) string {
	if p.bisect {
		return fmt.Sprintf("[%d] ", done+1)
	}
	return fmt.Sprintf("[%d/%d] ", done+1, len(p.versions))
}

// summary is the result of a version in one line.
func (v Version) summary() string {
	if v.State != Judged {
		reason, _, _ := strings.Cut(v.Reason, "\n")
		return strings.ReplaceAll(string(v.State), "-", " ") + ": " + reason
	}
	counts := map[engine.Verdict]int{}
	for _, r := range v.Results {
		counts[r.Verdict]++
	}
	var words []string
	for _, verdict := range engine.AllVerdicts {
		if counts[verdict] > 0 {
			words = append(words, fmt.Sprintf("%d %s", counts[verdict], verdict))
		}
	}
	took := (time.Duration(v.TookMS) * time.Millisecond).Round(100 * time.Millisecond)
	return fmt.Sprintf("%s in %s", strings.Join(words, ", "), took)
}
