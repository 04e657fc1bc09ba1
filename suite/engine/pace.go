package engine

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite/limits"
)

// pace is how fast requests are sent to an endpoint. A limiter's response makes
// it slower; what is served makes it faster again.
type pace struct {
	mu   sync.Mutex
	gap  time.Duration // between the beginnings of two requests
	next time.Time     // not before this
}

const (
	// firstGap is the gap after a single attempt that was limited, slowestGap the
	// largest one.
	firstGap   = 4 * time.Millisecond
	slowestGap = time.Second
)

// wait waits until the next request may be sent.
func (p *pace) wait(ctx context.Context) {
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	if p.gap > 0 {
		p.next = at.Add(p.gap)
	}
	p.mu.Unlock()
	sleep(ctx, at.Sub(now))
}

// slower lets nothing be sent before a while has passed.
func (p *pace) slower(while time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := time.Now().Add(while); at.After(p.next) {
		p.next = at
	}
}

// widen makes the gap larger, the more so the more attempts in a row failed: one
// alone says little.
func (p *pace) widen(attempts int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if attempts > 0 {
		p.gap = max(p.gap, min(firstGap<<attempts, slowestGap))
	}
}

// reset forgets the gap: going slowly did not help.
func (p *pace) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gap, p.next = 0, time.Time{}
}

// faster takes a little of the gap away.
func (p *pace) faster() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gap -= p.gap / 20; p.gap < time.Millisecond {
		p.gap = 0
	}
}

// retryAfter is what a response says about when to try again (RFC 9110, 10.2.3):
// seconds or a date; zero where it says nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 3600))*time.Second, limits.RetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)+time.Second), limits.RetryAfter) // a date has no fraction of a second
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
