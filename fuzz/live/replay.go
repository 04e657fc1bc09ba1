package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Replayed is what came of sending a finding again.
type Replayed struct {
	Tried, Shown int    // how often, and how often the violation was seen
	What         string // what was seen last
	Void         string // why it shows nothing; empty where it does
}

// ErrLimits says that a finding is not to be sent to this target.
var ErrLimits = errors.New("this finding is not for this target")

// Replay signs a finding for now and sends it three times, between two honest
// requests, if the options allow what it sends. The error is [ErrLimits], or says
// why that could not be done.
func Replay(ctx context.Context, lab engine.Lab, f Finding, o Options) (Replayed, error) {
	c := newCampaign(lab, o)
	c.limits = limitsOf(lab, o)
	if c.limits.Single && !f.Exchange.Rotating {
		f.Exchange.Rotating = c.limits.Rotating
	}
	c.limits.Kinds = Kinds(lab, f.Exchange.Setup())
	if !c.fits(f.Exchange) {
		return Replayed{}, fmt.Errorf("%w: %s", ErrLimits, f.Exchange)
	}
	b := newBench(lab, rand.Uint64(), 0, time.Now)
	defer b.leave(ctx)
	r := Replayed{Tried: again}
	if f.Class == Undetermined {
		r.Tried = 3 * again
	}
	honest := func() (bool, error) {
		t, err := b.do(ctx, f.Exchange.Honest())
		return len(f.Exchange.Steps) == 0 || t.Seen.Accepted(f.Exchange.Kind), err
	}
	if ok, err := honest(); err != nil || !ok {
		r.Void = "the request without the deviation is not accepted, so this one shows nothing"
		return r, err
	}
	for range r.Tried {
		t, shown, err := c.shows(ctx, b, f.Exchange, f.shownAs())
		if err != nil {
			return r, err
		}
		r.What = t.Seen.short()
		if shown {
			r.Shown, r.What = r.Shown+1, t.shows(f.shownAs()).What
		}
	}
	if ok, err := honest(); err != nil || !ok {
		r.Void = "afterwards the request without the deviation is not accepted any more"
		return r, err
	}
	if f.Class == Undetermined && r.Shown == r.Tried {
		r.Shown = 0
	}
	return r, nil
}

// shownAs is the class by which a finding shows; one that comes and goes is
// looked for as what it comes and goes as.
func (f Finding) shownAs() Class {
	if f.Class != Undetermined {
		return f.Class
	}
	for _, class := range []Class{FalseAccept, FalseRefuse, Disclosure, Crash, Hang, OutboundMisuse} {
		if len(f.What) > len(class) && f.What[:len(class)] == string(class) {
			return class
		}
	}
	return f.Class
}
