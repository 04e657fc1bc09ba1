package live

import (
	"context"
	"time"
)

// send makes one attempt. The error says why that could not be done; it is never
// a fault of the target.
func (s *sender) send(ctx context.Context, in Input) (attempt, error) { return s.sendAt(ctx, in, 0) }

// sendAt is send with the clock that signs moved.
func (s *sender) sendAt(ctx context.Context, in Input, by time.Duration) (attempt, error) {
	l, err := s.lease(ctx, in)
	if err != nil {
		return attempt{}, err
	}
	if in.needsCapture() && !l.hasCapture() && !in.Cold {
		if _, err := s.send(ctx, s.usual(in)); err != nil {
			return attempt{}, err
		}
		if l, err = s.lease(ctx, in); err != nil {
			return attempt{}, err
		}
	}
	if in.inState() {
		return s.sendInState(ctx, l, in)
	}
	l.session.Wait(ctx)
	return s.exchange(ctx, l, in, by, nil)
}
