package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// lease is the session that a worker of a run holds for one set-up. It starts the
// target when it is needed, and again after it exited.
type lease struct {
	run        *run
	setup      suite.Setup
	session    *Session // nil while no target is running
	notStarted *StartError
	attempt    uint64         // 0, then 1 for the cases that are run once more
	closing    sync.WaitGroup // its targets whose late effects are waited for
	foreign    bool           // another process responded in place of the target
	cold       bool           // its target is started without sending anything to it: the first cases need that
	preceding  *suite.Sent

	control suite.Stimulus // sent in the last exchange, if that was a control
	last    *Exchange

	validGroups map[suite.Stimulus]*Exchange // valid requests with groups of deviations; of this session
}

// ensureTarget starts the target if needed; on failure it records the error in t.
func (l *lease) ensureTarget(ctx context.Context, t *record) bool {
	if l.session != nil && (l.foreign || l.session.Died() != "") {
		l.release(ctx)
	}
	if l.run.stalled() {
		t.err = fmt.Errorf("waiting for the target: %d requests in a row got no response within %s", limits.Silent, limits.Exchange)
		return false
	}
	if why := l.run.unidentified(); why != "" {
		t.err = errors.New(why)
		return false
	}
	if l.session != nil {
		return true
	}
	if l.notStarted != nil {
		t.notStarted = l.notStarted
		return false
	}
	session, err := l.run.traits.openSession(ctx, l.run.lab, l.setup, l.cold)
	switch {
	case errors.As(err, &l.notStarted):
		t.notStarted = l.notStarted
		l.run.notStarted(l.setup, l.notStarted)
		return false
	case err != nil:
		if errors.Is(err, ErrWrongTarget) {
			l.run.stop(err)
		}
		t.err = err
		return false
	}
	l.session = session
	l.run.started(l.setup, session)
	return true
}

// release waits for late effects and stops the target, while the run goes on.
func (l *lease) release(ctx context.Context) {
	if l.session == nil {
		return
	}
	session := l.session
	l.closing.Add(1)
	l.run.closing.Go(func() {
		defer l.closing.Done()
		session.Close(context.WithoutCancel(ctx)) // late effects count, even when the run ends
	})
	l.session, l.last, l.foreign, l.validGroups = nil, nil, false, nil
}

// deliver sends what is to be delivered; what is forbidden must have no effect.
func (l *lease) deliver(ctx context.Context, d Delivery, forbidden bool) *Exchange {
	d.Forbidden, l.last = forbidden, nil
	x := l.session.Deliver(ctx, d)
	l.note(x)
	return x
}

func (l *lease) note(x *Exchange) {
	if x.Foreign != "" && !l.foreign {
		l.foreign = true
		l.run.noteForeign(x.Foreign)
	}
	l.run.note(x)
}

// nonce derives the nonce for a purpose from the seed and the attempt.
func (l *lease) nonce(purpose string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(purpose)) // a hash never fails
	return suite.NewNonce(rand.New(rand.NewPCG(l.run.options.Seed, hash.Sum64()+l.attempt)))
}
