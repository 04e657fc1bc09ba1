package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Replayed is the result of sending a finding again.
type Replayed struct {
	Sent, Reproduced int    // how often, and how often the violation was observed
	Observed         string // last
	Void             string // why the result can't be trusted; empty if it can
}

// ErrNotAllowed says that a finding may not be sent to this target.
var ErrNotAllowed = errors.New("this finding may not be sent to this target")

// Replay signs a finding for now and sends it three times, between two controls,
// if the options allow what it sends. The error is [ErrNotAllowed], or says why
// that could not be done.
func Replay(ctx context.Context, lab engine.Lab, f Finding, o Options) (Replayed, error) {
	c := newCampaign(lab, o)
	c.scope = scopeOf(lab, o)
	if c.scope.single && !f.Input.Rotating {
		f.Input.Rotating = c.scope.rotating
	}
	c.scope.bases = basesOf(lab, f.Input.setup())
	if !c.scope.fits(f.Input) {
		return Replayed{}, fmt.Errorf("%w: %s", ErrNotAllowed, f.Input)
	}
	s := newSender(lab, rand.Uint64(), 0, c.options.clock)
	defer s.close(ctx)
	return c.replay(ctx, s, f)
}

func (c *campaign) replay(ctx context.Context, s *sender, f Finding) (Replayed, error) {
	r := Replayed{Sent: repetitions}
	if f.Class == Undetermined {
		r.Sent = 3 * repetitions
	}
	control := func() (bool, error) {
		a, err := s.send(ctx, f.Input.control())
		return err == nil && (len(f.Input.Steps) == 0 || f.Input.Base.accepted(a.observed)), err
	}
	if ok, err := control(); err != nil || !ok {
		r.Void = "the control, which is the request without the steps, is not accepted, so this request shows nothing"
		return r, err
	}
	for range r.Sent {
		a, shown, err := c.shows(ctx, s, f.Input, f.shownAs())
		if err != nil {
			return r, err
		}
		r.Observed = brief(a.observed)
		if shown {
			r.Reproduced, r.Observed = r.Reproduced+1, a.shows(f.shownAs()).observed
		}
	}
	if ok, err := control(); err != nil || !ok {
		r.Void = "afterwards the control, which is the request without the steps, is not accepted any more"
		return r, err
	}
	if f.Class == Undetermined && r.Reproduced == r.Sent {
		r.Reproduced = 0
	}
	return r, nil
}
