package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
	// slowFloor is the least that counts as slow; below it noise is larger.
	slowFloor = 200 * time.Millisecond
	// slowRatio: four times the size may take four times the time; twice that is
	// left for noise.
	slowRatio = 8
	slowSize  = 4096
)

// slow compares a request that grew with one of a quarter of its size: time may
// grow no faster than size. It gives the attempt with the violation, or nil.
func (c *campaign) slow(ctx context.Context, s *sender, a attempt) *attempt {
	at := slices.IndexFunc(a.input.Steps, func(s Step) bool { return s.Op == "grow" && s.N >= slowSize })
	if at < 0 || a.observed.Took < slowFloor || a.observed.NoResponse != "" {
		return nil
	}
	quarter := a.input
	quarter.Steps = slices.Clone(quarter.Steps)
	quarter.Steps[at].N /= 4
	large, small := c.fastest(ctx, s, a.input), c.fastest(ctx, s, quarter)
	if large < slowFloor || small <= 0 || large < slowRatio*small {
		return nil
	}
	a.violations = []violation{{
		Slow, suite.Should, "time grows no faster than size",
		fmt.Sprintf("four times the size took %.0f times as long (%s)", float64(large)/float64(small), large.Round(time.Millisecond)),
	}}
	return &a
}

// fastest is the least time that an input takes; zero where it cannot be sent.
func (c *campaign) fastest(ctx context.Context, s *sender, in Input) time.Duration {
	least := time.Duration(0)
	for range repetitions {
		a, err := s.send(ctx, in)
		if err != nil {
			return 0
		}
		if least == 0 || a.observed.Took < least {
			least = a.observed.Took
		}
	}
	return least
}

// repetitions is how often a violation is tried again.
const repetitions = 3
