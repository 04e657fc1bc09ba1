package live

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

const (
	// leaseRequests is how many requests a target gets before a new one takes its
	// place, so that what is remembered of it stays small.
	leaseRequests = 50_000
	// captureAge is how long a captured response is used.
	captureAge = time.Minute
	// lateRequests is after how many further requests the late effects of a request
	// are collected.
	lateRequests = 64
)

// sender sends the inputs of one worker, which has targets of its own: their effects
// were caused by the worker's requests.
type sender struct {
	lab       engine.Lab
	random    *rand.Rand // of nonces
	clock     func() time.Time
	leases    map[suite.Setup]*lease
	onSend    func()
	staysCold bool            // a process that received nothing but forgeries is cold, too
	aside     []attempt       // violations of requests that were sent before that of an input
	took      time.Duration   // what the last accepted call took
	singleUse bool            // the target accepts each signature once only
	accepted  map[Base]string // what accepted requests without steps got, see likeness
}

// lease is the session that a sender has with one target.
type lease struct {
	session    *engine.Session
	sent       int
	captured   signedResponse
	capturedAt time.Time                    // by the target's clock
	history    []Input                      // what was sent last, the newest at the end
	cold       bool                         // nothing was sent yet but forgeries
	pending    map[*engine.Exchange]attempt // that must be rejected, and may have late effects
}

func newSender(lab engine.Lab, seed, worker uint64, clock func() time.Time) *sender {
	random := rand.New(rand.NewPCG(seed, worker<<32|0xc0ffee))
	return &sender{lab: lab, random: random, clock: clock, leases: map[suite.Setup]*lease{}, onSend: func() {}, accepted: map[Base]string{}}
}

// hasCapture reports whether a captured response is recent enough to be used.
func (l *lease) hasCapture() bool {
	return l.captured.signature != "" && l.session.Now().Sub(l.capturedAt) <= captureAge
}

// usual is a valid request whose response is signed.
func (s *sender) usual(in Input) Input {
	if s.lab.Visibility() != suite.Full {
		return in.control()
	}
	return Input{Base: Call, Rotating: in.Rotating}
}

func (s *sender) scene(l *lease, in Input, by time.Duration, before *attempt) scene {
	now := scene{Scene: l.session.Scene(suite.NewNonce(s.random)), singleUse: s.singleUse, captured: l.captured}
	if now.Elsewhere == "" {
		now.Elsewhere = elsewhere
	}
	now.Now = now.Now.Add(by)
	now.follow(in, before)
	return now
}

// elsewhere is a host that does not exist.
const elsewhere = "elsewhere.invalid"

// exchange sends a request; before is the one that it may take something over from.
func (s *sender) exchange(ctx context.Context, l *lease, in Input, by time.Duration, before *attempt) (attempt, error) {
	a, message := s.compose(l, in, s.scene(l, in, by, before))
	a.observed = l.session.Send(ctx, message)
	if ctx.Err() == nil && a.matters() && l.session.Doubtful(a.observed, a.required.outcome == mustReject) {
		if in.Cold { // a control, without which nothing is known of it, would end that
			l.note(a)
			return a, nil
		}
		a = s.deliver(ctx, l, in, by, before, a)
	}
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	a.check()
	l.note(a)
	if in.Base == Call && a.required.outcome == mustAccept && in.Base.accepted(a.observed) {
		s.took = a.observed.Took
	}
	return a, nil
}

// matters reports whether an attempt may show a violation, or that there is none. Every
// request should get a response; a closed connection is a proper one to what is framed
// wrongly.
func (a *attempt) matters() bool {
	return !a.sent.misframed && (a.required.outcome != unspecified || a.required.byStatus || a.observed.NoResponse != "")
}

// compose makes an attempt that is still to be sent.
func (s *sender) compose(l *lease, in Input, now scene) (attempt, engine.Message) {
	r := in.build(now)
	a := attempt{input: in, scene: now, sent: r, required: require(r, in, now), accepted: s.accepted[in.Base]}
	limit := limits.FuzzExchange
	if r.misframed {
		limit = limits.MisframedExchange
	}
	l.sent++
	l.cold = l.cold && a.required.outcome == mustReject
	a.history = l.history
	l.remember(in)
	s.onSend()
	return a, engine.Message{Made: r.Made, Kind: bases[in.Base].stimulus.Kind(), Nonce: now.Nonce, Signer: r.signer, Limit: limit}
}

// deliver sends an input again until the response is the endpoint's own. What never
// gets such a response is not judged.
func (s *sender) deliver(ctx context.Context, l *lease, in Input, by time.Duration, before *attempt, first attempt) attempt {
	made := []attempt{}
	d := engine.Delivery{Forbidden: first.required.outcome == mustReject, Make: func(int) engine.Message {
		a, message := s.compose(l, in, s.scene(l, in, by, before))
		made = append(made, a)
		return message
	}}
	if len(in.Steps) > 0 {
		d.Control = func(int) engine.Message {
			_, message := s.compose(l, in.control(), s.scene(l, in.control(), by, nil))
			return message
		}
	}
	x := l.session.Deliver(ctx, d)
	for i, earlier := range x.Earlier { // they may have late effects
		made[i].observed = earlier
		l.note(made[i])
	}
	last := made[len(made)-1]
	if last.observed = x; x.GaveUp != "" {
		last.required.outcome = unspecified
	}
	l.note(first)
	return last
}

// note keeps a signed response for later, and what may have late effects.
func (l *lease) note(a attempt) {
	received := a.observed.Received()
	if value := received.Header.Get(reference.HeaderSignature); value != "" && a.required.outcome == mustAccept {
		l.captured, l.capturedAt = signedResponse{value, received.Body}, a.scene.Now
	}
	if a.required.outcome == mustReject && a.observed.Runs == 0 {
		l.pending[a.observed] = a
	}
}

// late returns the attempts whose function ran, or which caused a request to the API,
// only after the response. One that does not name them may be the target's own. The
// newest are kept for the next time.
func (l *lease) late(keep int) (late []attempt) {
	for _, x := range l.session.Forget(keep) {
		a, pending := l.pending[x]
		if !pending {
			continue
		}
		delete(l.pending, x)
		if a.check(); (x.Runs > 0 || slices.ContainsFunc(x.APIRequests, func(r suite.APIRequest) bool { return names(r, x.Nonce) })) && a.shows(FalseAccept) != nil {
			late = append(late, a)
		}
	}
	return late
}

// lateOf gives the late attempts of the target that an input was sent to.
func (s *sender) lateOf(in Input) []attempt {
	if l := s.leases[in.setup()]; l != nil {
		return l.late(lateRequests)
	}
	return nil
}

// settle waits until nothing late can happen to the target of an attempt, and
// checks the attempt again: the target may have died.
func (s *sender) settle(ctx context.Context, a *attempt) {
	if l := s.leases[a.input.setup()]; l != nil {
		l.session.Settle(ctx)
		a.check()
	}
}

// renew stops the target of an input, so that the next one is sent to another.
func (s *sender) renew(in Input) {
	if l := s.leases[in.setup()]; l != nil {
		l.session.Stop()
		l.session.Forget(0)
		delete(s.leases, in.setup())
	}
}

// lease makes sure that the target of an input is running.
func (s *sender) lease(ctx context.Context, in Input) (*lease, error) {
	setup := in.setup()
	if l := s.leases[setup]; l != nil {
		if l.session.Died() == "" && l.sent < leaseRequests && (!in.Cold || l.cold && (l.sent == 0 || s.staysCold)) {
			return l, nil
		}
		s.renew(in)
	}
	start := engine.TraitsOf(s.lab).OpenSession
	if in.Cold {
		start = engine.TraitsOf(s.lab).OpenColdSession
	}
	session, err := start(ctx, s.lab, setup)
	if err != nil {
		return nil, fmt.Errorf("starting the target (%s): %w", setup, err)
	}
	session.SetClock(s.clock)
	l := &lease{session: session, pending: map[*engine.Exchange]attempt{}, cold: in.Cold}
	s.leases[setup] = l
	return l, nil
}

// close waits for late effects and stops the targets.
func (s *sender) close(ctx context.Context) (late []attempt) {
	for _, l := range s.leases {
		if ctx.Err() == nil && l.session.Died() == "" {
			l.session.Settle(ctx)
		}
		late = append(late, l.late(0)...)
		l.session.Stop()
	}
	s.leases = map[suite.Setup]*lease{}
	return late
}

// remember adds an input to what was sent. The state of one is remembered by its
// requests.
func (l *lease) remember(in Input) {
	if len(l.history) >= 2*remembered {
		l.history = slices.Clone(l.history[remembered:])
	}
	l.history = append(l.history, in.last())
}
