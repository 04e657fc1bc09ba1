package live

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Fuzz fuzzes the targets of a lab until ctx ends, time is over or all requests
// are made. Violations observed before time is over are still investigated. The error
// says why no target could be tried.
func Fuzz(ctx context.Context, lab engine.Lab, o Options) (Campaign, error) {
	c := newCampaign(lab, o)
	first := newSender(lab, o.Seed, 0, c.options.clock)
	first.onSend = c.count
	defer first.close(ctx)
	if err := c.tryBases(ctx, first); err != nil {
		return c.result(), err
	}
	if c.void != "" {
		return c.result(), nil
	}
	c.announce()
	if !c.ends.IsZero() {
		limited, cancel := context.WithTimeout(ctx, o.For+c.options.ShrinkFor+limits.Investigation)
		defer cancel()
		ctx = limited
	}
	var workers sync.WaitGroup
	for n := range c.options.Workers {
		s := first
		if n > 0 {
			s = newSender(lab, o.Seed, uint64(n), c.options.clock)
			s.onSend, s.singleUse, s.accepted = c.count, first.singleUse, first.accepted
		}
		workers.Go(func() { c.work(ctx, s, n) })
	}
	workers.Wait()
	return c.result(), nil
}

// mostGivenUp: a campaign is complete although one in so many inputs got no response
// of the endpoint itself.
const mostGivenUp = 50

func (c *campaign) result() Campaign {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.findings, Finding.compare)
	if c.incomplete == "" && c.cut > 0 {
		c.incomplete = fmt.Sprintf("of %d responses not everything was looked at: %s", c.cut, c.cutWhy)
	}
	if c.incomplete == "" && c.gaveUp > int(c.next)/mostGivenUp {
		c.incomplete = fmt.Sprintf("%d of %d inputs got no response of the endpoint itself, however often they were sent", c.gaveUp, c.next)
	}
	return Campaign{
		Requests: c.requests, Indexes: c.next, Behaviours: len(c.fingerprints), Bases: c.scope.bases,
		Findings: c.findings, Unconfirmed: c.unconfirmed, Void: c.void, Incomplete: c.incomplete,
	}
}
