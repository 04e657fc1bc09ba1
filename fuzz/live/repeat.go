package live

import "context"

// repeat counts how often an input shows a class of violation.
func (c *campaign) repeat(ctx context.Context, s *sender, in Input, class Class, times int) (shown int, err error) {
	for range times {
		if _, holds, err := c.shows(ctx, s, in, class); err != nil {
			return shown, err
		} else if holds {
			shown++
		}
	}
	return shown, nil
}

// shows sends an input and reports whether it shows a class of violation.
func (c *campaign) shows(ctx context.Context, s *sender, in Input, class Class) (attempt, bool, error) {
	a, err := s.send(ctx, in)
	s.takeAside() // they were seen before
	if err != nil {
		return a, false, err
	}
	if class == Slow {
		if slow := c.slow(ctx, s, a); slow != nil {
			return *slow, true, nil
		}
		return a, false, nil
	}
	if class == Crash && a.shows(class) == nil || class == FalseReject && a.shows(class) != nil { // a death and effects may be late
		s.settle(ctx, &a)
	}
	return a, a.shows(class) != nil, nil
}
