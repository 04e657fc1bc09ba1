package sweep

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Plan is a sweep over chosen versions.
type Plan struct {
	Target   string
	Versions []string // oldest first
	Cases    []string // their ids
	Bisect   bool
	Max      int // versions that a bisection may judge
	// Judge judges one version; its error ends the sweep.
	Judge func(ctx context.Context, version string) (Version, error)
	Say   func(format string, args ...any) // progress
}

// Run judges versions one after the other and returns all of them, judged or not.
// When the deadline of ctx has passed, the rest stays unjudged and says so.
func (p Plan) Run(ctx context.Context) ([]Version, error) {
	versions := make([]Version, len(p.Versions))
	for i, version := range p.Versions {
		versions[i] = Version{Version: version, State: Skipped, Results: []Result{}}
	}
	for done := 0; ; done++ {
		i, more := p.next(versions, done)
		if !more {
			return versions, nil
		}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			p.giveUp(versions)
			return versions, nil
		}
		p.Say("%s%s@%s: installing and judging", p.count(done), p.Target, p.Versions[i])
		judged, err := p.Judge(ctx, p.Versions[i])
		if err != nil {
			return versions, err
		}
		versions[i] = judged
		p.Say("%s%s@%s: %s", p.count(done), p.Target, p.Versions[i], judged.summary())
	}
}

// next is the version to judge now.
func (p Plan) next(versions []Version, done int) (int, bool) {
	if p.Bisect {
		i, more := bisect(versions, p.Cases)
		return i, more && done < p.Max
	}
	return done, done < len(versions)
}

func (p Plan) giveUp(versions []Version) {
	for i := range versions {
		if versions[i].State == Skipped && !p.Bisect {
			versions[i].State, versions[i].Reason = NotJudged, "the time limit of the sweep was reached"
		}
	}
}

// count is how far the sweep is. How many versions a bisection needs is unknown.
func (p Plan) count(done int) string {
	if p.Bisect {
		return fmt.Sprintf("[%d] ", done+1)
	}
	return fmt.Sprintf("[%d/%d] ", done+1, len(p.Versions))
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
