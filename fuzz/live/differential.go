package live

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Options are how a campaign is led. The zero value is fit for use.
type Options struct {
	Seed          uint64
	Shard, Shards uint64        // this campaign has the indexes i with i mod Shards = Shard-1; zero is 1 of 1
	Requests      uint64        // indexes in all shards together; zero is without end
	For           time.Duration // nothing more is drawn after this long; zero is without end
	Workers       int
	ShrinkFor     time.Duration // for one finding; zero is ten seconds
	NoPut         bool          // send no PUT
	Harsh         bool          // send what may end an endpoint that the lab cannot start again
	Corpus        []Exchange    // what was interesting before
	StopAtFirst   bool          // end with the first violation, as it was drawn
	MostFindings  int           // no more are looked for then; zero is 64
	Clock         func() time.Time
	Watch         func(Progress) // told now and then; may be nil
	Keep          func(Exchange) // told what is worth keeping; may be nil
	Found         func(Finding)  // told each finding as soon as it is confirmed; may be nil
}

// Progress is how far a campaign has come.
type Progress struct {
	Requests, Interesting, Findings int
}

// Campaign is what came of fuzzing one target.
type Campaign struct {
	Requests    int    // all that were sent
	Indexes     uint64 // of this shard, the first so many were drawn
	Interesting int    // distinct ways in which the target behaved
	Kinds       []Kind // that the target accepts
	Findings    []Finding
	Unconfirmed []Suspicion // seen, and not confirmed
	Void        string      // why it proves nothing; empty where it does
	Incomplete  string      // why not all could be judged; empty where it could
}

// Suspicion is a violation that was seen, and that is no finding.
type Suspicion struct {
	Exchange Exchange
	Class    Class
	What     string // what was seen
	Because  string // why it is none
}

// Grave: what was seen must not be seen a single time. The rest may be a hiccup
// of a busy machine.
func (s Suspicion) Grave() bool {
	return s.Class == FalseAccept || s.Class == Disclosure || s.Class == OutboundMisuse || s.Class == Crash
}

// Fuzz fuzzes the targets of a lab until ctx ends, time is over or all requests
// are made. What is found when time is over is still looked into. The error says
// why a target could not be tried at all.
func Fuzz(ctx context.Context, lab engine.Lab, o Options) (Campaign, error) {
	c := newCampaign(lab, o)
	first := newBench(lab, o.Seed, 0, c.options.Clock)
	first.onSend = c.count
	defer first.leave(ctx)
	if err := c.greet(ctx, first); err != nil {
		return c.result(), err
	}
	if c.void != "" {
		return c.result(), nil
	}
	c.tell()
	settling := func() {}
	if !c.ends.IsZero() {
		ctx, settling = context.WithDeadline(ctx, c.ends.Add(c.options.ShrinkFor+grace))
	}
	defer settling()
	var workers sync.WaitGroup
	for n := range c.options.Workers {
		b := first
		if n > 0 {
			b = newBench(lab, o.Seed, uint64(n), c.options.Clock)
			b.onSend, b.onceOnly = c.count, c.onceOnly
		}
		workers.Go(func() { c.work(ctx, b, n) })
	}
	workers.Wait()
	return c.result(), nil
}

// grace is how long, besides shrinking, it may take to look into what was found
// when time is over.
const grace = 10 * time.Second

// campaign is the state that the workers share.
type campaign struct {
	lab      engine.Lab
	options  Options
	limits   Limits
	onceOnly bool // the target takes each signature once only

	mu           sync.Mutex
	next         uint64 // how many indexes were handed out
	requests     int
	fingerprints map[string]bool
	tried        map[string]bool // violations that were looked into
	killers      []Finding       // what ended a target, as it was drawn
	findings     []Finding
	unconfirmed  []Suspicion
	told         bool      // what is found is told at once
	ends         time.Time // when no more is drawn; zero is never
	void         string
	incomplete   string
	stopped      bool
}

func newCampaign(lab engine.Lab, o Options) *campaign {
	o.Shards, o.Shard, o.Workers = max(o.Shards, 1), max(o.Shard, 1), max(o.Workers, 1)
	if o.ShrinkFor == 0 {
		o.ShrinkFor = 10 * time.Second
	}
	if o.MostFindings == 0 {
		o.MostFindings = 64
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	c := &campaign{lab: lab, options: o, fingerprints: map[string]bool{}, tried: map[string]bool{}}
	if o.For > 0 {
		c.ends = time.Now().Add(o.For)
	}
	return c
}

func (c *campaign) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if c.options.Watch != nil && c.requests%64 == 0 {
		c.options.Watch(Progress{c.requests, len(c.fingerprints), len(c.findings)})
	}
}

func (c *campaign) result() Campaign {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.findings, Finding.compare)
	return Campaign{
		Requests: c.requests, Indexes: c.next, Interesting: len(c.fingerprints), Kinds: c.limits.Kinds,
		Findings: c.findings, Unconfirmed: c.unconfirmed, Void: c.void, Incomplete: c.incomplete,
	}
}

// greet sends one honest request of every kind: what the target does not accept
// as it should be is no place to start from.
func (c *campaign) greet(ctx context.Context, b *bench) error {
	c.limits = limitsOf(c.lab, c.options)
	base := Exchange{Rotating: c.limits.Single && c.limits.Rotating}
	for _, kind := range Kinds(c.lab, base.Setup()) {
		e := Exchange{Kind: kind, Rotating: base.Rotating}
		t, err := c.first(ctx, b, e)
		if err != nil {
			return err
		}
		if t.Seen.Accepted(kind) {
			c.limits.Kinds = append(c.limits.Kinds, kind)
			if err := c.repeats(ctx, b, e); err != nil {
				return err
			}
		}
		if len(t.Broken) > 0 { // also what is wrong with a request that was accepted
			c.report(ctx, b, t, origin{})
		}
	}
	if len(c.limits.Kinds) == 0 {
		c.void, c.findings = "no honest request of any kind was accepted, so a refusal would show nothing", nil
	}
	return nil
}

// first sends an honest request until it is accepted, a few times. An endpoint
// that runs already may have taken the same one a moment ago: the next second
// makes another of it.
func (c *campaign) first(ctx context.Context, b *bench, e Exchange) (t Trial, err error) {
	for n := range again {
		if n > 0 && c.limits.Single {
			select {
			case <-ctx.Done():
			case <-time.After(time.Second):
			}
		}
		if t, err = b.do(ctx, e); err != nil || t.Seen.Accepted(e.Kind) {
			return t, err
		}
	}
	return t, nil
}

// repeats looks whether a request is accepted that is, within one second, the
// very same as one before. It need not be: an endpoint may take each signature
// once only.
func (c *campaign) repeats(ctx context.Context, b *bench, e Exchange) error {
	for range again {
		if !alike[e.Kind] || c.onceOnly {
			break
		}
		t, err := b.do(ctx, e)
		if err != nil {
			return err
		}
		c.onceOnly = !t.Seen.Accepted(e.Kind)
		b.onceOnly = c.onceOnly
	}
	return nil
}

// limitsOf are the limits of a lab, its kinds apart.
func limitsOf(lab engine.Lab, o Options) Limits {
	inside := lab.Visibility() == suite.Full
	return Limits{Gentle: !inside && !o.Harsh, Single: !inside, Rotating: inside || lab.Lacks(rotatingCase) == "", NoPut: o.NoPut}
}

var rotatingCase = suite.Case{Given: suite.Setup{Fallback: suite.Present}, When: suite.Introspect{Key: suite.Fallback}}

// origin is where an exchange comes from.
type origin struct{ Index, Neighbour uint64 }

// work draws and tries exchanges until there is nothing left to do.
func (c *campaign) work(ctx context.Context, b *bench, worker int) {
	defer func() {
		for _, t := range b.leave(ctx) {
			c.looksInto(ctx, b, t, origin{})
		}
		b.leave(ctx)
	}()
	draws := NewDraws(c.options.Seed, c.limits)
	if worker == 0 {
		for _, e := range c.options.Corpus {
			if c.over(ctx) || !c.fits(e) || !c.try(ctx, b, draws, e, origin{}) {
				break
			}
		}
	}
	for {
		index, more := c.take(ctx)
		if !more || !c.try(ctx, b, draws, draws.At(index), origin{Index: index}) {
			return
		}
	}
}

// fits: an exchange from a file may be of a kind that this target does not know.
func (c *campaign) fits(e Exchange) bool {
	for _, s := range e.Steps {
		if !c.limits.allow(s) {
			return false
		}
	}
	return slices.Contains(c.limits.Kinds, e.Kind) && (c.limits.Rotating || !e.Rotating)
}

func (c *campaign) over(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isOver(ctx)
}

// isOver: nothing more is drawn. Callers hold the lock.
func (c *campaign) isOver(ctx context.Context) bool {
	return ctx.Err() != nil || c.stopped || !c.ends.IsZero() && time.Now().After(c.ends)
}

// take hands out the next index of this shard.
func (c *campaign) take(ctx context.Context) (index uint64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	index = c.next*c.options.Shards + c.options.Shard - 1
	if c.isOver(ctx) || c.options.Requests > 0 && index >= c.options.Requests {
		return 0, false
	}
	c.next++
	return index, true
}

// neighbours is how many exchanges near an interesting one are tried.
const neighbours = 2

// try carries one exchange out, and those near it where it is interesting. It is
// false where nothing more can be tried.
func (c *campaign) try(ctx context.Context, b *bench, draws *Draws, e Exchange, from origin) bool {
	interesting, ok := c.once(ctx, b, e, from)
	for n := uint64(1); ok && interesting && n <= neighbours && !c.over(ctx); n++ {
		_, ok = c.once(ctx, b, draws.Neighbour(e, from.Index, n), origin{from.Index, n})
	}
	return ok && !c.over(ctx)
}

func (c *campaign) once(ctx context.Context, b *bench, e Exchange, from origin) (interesting, ok bool) {
	if c.deadly(e) {
		return false, true
	}
	t, err := b.do(ctx, e)
	if err != nil {
		c.giveUp(ctx, err)
		return false, false
	}
	c.looksInto(ctx, b, t, from)
	if s := b.seats[e.Setup()]; s != nil {
		for _, late := range s.late(false) {
			c.looksInto(ctx, b, late, origin{})
		}
	}
	if slow := c.slow(ctx, b, t); slow != nil {
		c.looksInto(ctx, b, *slow, from)
	}
	return c.isNew(t), true
}

// deadly: an exchange with the same steps ended the target before. It would only
// be started again for what is known already.
func (c *campaign) deadly(e Exchange) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.killers, func(f Finding) bool { return f.covers(e) })
}

// giveUp ends the campaign: a target that was there does not come back.
func (c *campaign) giveUp(ctx context.Context, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		c.incomplete = err.Error()
	}
}

// isNew reports whether the target behaved as never before.
func (c *campaign) isNew(t Trial) bool {
	print := Fingerprint(t.Exchange, t.Owed, t.Seen)
	c.mu.Lock()
	known := c.fingerprints[print]
	c.fingerprints[print] = true
	c.mu.Unlock()
	if !known && c.options.Keep != nil {
		c.options.Keep(t.Exchange)
	}
	return !known
}
