package launch

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// limit lets requests through at a rate. Whoever signs a request waits before that
// and takes it afterwards, so that its time is that at which it is sent.
type limit struct {
	limiter *rate.Limiter

	mu     sync.Mutex
	waited int // requests that were waited for, and were not sent yet
}

// newLimit lets some requests through each second, one at a time; 0 is no limit.
func newLimit(perSecond int) *limit {
	if perSecond == 0 {
		return &limit{limiter: rate.NewLimiter(rate.Inf, 1)}
	}
	return &limit{limiter: rate.NewLimiter(rate.Limit(perSecond), 1)}
}

// wait waits until one more request may be sent.
func (l *limit) wait(ctx context.Context) error {
	if err := l.limiter.Wait(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waited++
	return nil
}

// take takes a request that was waited for or, if there is none, waits for one.
func (l *limit) take(ctx context.Context) error {
	l.mu.Lock()
	ready := l.waited > 0
	if ready {
		l.waited--
	}
	l.mu.Unlock()
	if ready {
		return nil
	}
	return l.limiter.Wait(ctx)
}
