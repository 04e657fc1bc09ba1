package live

import (
	"context"
	"slices"

	"github.com/countersign-dev/countersign/suite/limits"
)

// unexplained is added to what was observed if a target that was just started does not
// show it, and no sequence was found after which one does.
const unexplained = ", on a target that had received other requests before"

// anew looks whether a finding shows on a target that was just started, too. If not, it
// is because of what the old one had received: the finding becomes the sequence that
// shows it.
func (c *campaign) anew(ctx context.Context, s *sender, f Finding, a attempt, from origin) Finding {
	if !c.scope.states || f.Input.Cold || !slices.Contains([]Class{FalseAccept, FalseReject, Disclosure, OutboundMisuse}, f.Class) {
		return f
	}
	in := f.Input
	if s.renew(in); !in.inState() {
		in.Cold = true
	}
	if times, err := c.repeat(ctx, s, in, f.Class, 1); err != nil || times > 0 {
		return f
	}
	if sequence, found := c.afterACall(ctx, s, f, from); found {
		return sequence
	}
	if c.mayStartAnew() {
		if sequence, found := c.afterHistory(ctx, s, f, a.history, from); found {
			return sequence
		}
	}
	f.Observed += unexplained
	return f
}

// mostStartedAnew is for how many findings of a campaign a target is started again and
// again.
const mostStartedAnew = 3

func (c *campaign) mayStartAnew() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.startedAnew++
	return c.startedAnew <= mostStartedAnew
}

// afterACall makes a sequence of a finding that shows after a valid call only.
func (c *campaign) afterACall(ctx context.Context, s *sender, f Finding, from origin) (Finding, bool) {
	in := f.Input
	if in.inState() {
		return f, false
	}
	in.Before = []Earlier{{Base: s.usual(in).Base}}
	sequence, reason := c.confirm(ctx, s, in, f.Class, from)
	return sequence, reason == ""
}

// afterHistory looks for requests after which a target shows a finding that does not
// show it otherwise. It is started anew for each attempt, so there are few of them.
func (c *campaign) afterHistory(ctx context.Context, s *sender, f Finding, history []Input, from origin) (Finding, bool) {
	return c.lookBack(ctx, s, history, limits.Sequence-1-total(f.Input.Before), f.Class, from, func(before []Earlier) Input {
		in := f.Input
		in.Cold = true
		in.Before = slices.Concat([]Earlier{{Base: s.usual(in).Base}}, before, in.Before)
		return in
	})
}
