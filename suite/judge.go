package suite

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options are how a catalogue is judged.
type Options struct {
	Jobs  int            // targets alive at once; at least 1
	Seed  uint64         // nonces are drawn from it
	Watch func(Progress) // told after every case; may be nil
	// VerdictsOnly leaves out what was seen and which reading was followed, for those
	// who want verdicts alone.
	VerdictsOnly bool
}

// Progress is how far a run has come.
type Progress struct {
	Setup       Setup
	Case        string
	Done, Total int
}

// Judgement is what a run came to.
type Judgement struct {
	Results []Result // in the order of the cases
	Void    string   // why the run proves nothing; empty where it does
	Setups  int      // distinct set-ups that were brought up
}

// exchangeLimit bounds one request to a target.
const exchangeLimit = 15 * time.Second

// startLimit bounds bringing one target up.
const startLimit = 60 * time.Second

// Judge carries cases out in a lab and judges what it sees. Cases with equal
// set-ups share a target; a case that may make its target switch keys has one
// of its own. What is inconclusive, and a failure that might be a hiccup, is
// carried out once more, in a fresh target. The error is ctx's, if it ended
// first: then there is no result.
func Judge(ctx context.Context, lab Lab, cases []Case, o Options) (Judgement, error) {
	r := &run{lab: lab, options: o, total: len(cases), records: map[string]*record{}}
	if err := r.runCases(ctx, cases); err != nil {
		return Judgement{}, err
	}
	judged := Judgement{Results: r.verdicts(cases)}
	atFirst := judged.Results
	var again []Case
	for _, result := range atFirst {
		if r.records[result.Case.ID].worthRepeating(result.Verdict) {
			again = append(again, result.Case)
		}
	}
	if len(again) > 0 {
		r.attempt++
		if err := r.runCases(ctx, again); err != nil {
			return Judgement{}, err
		}
		judged.Results = r.verdicts(cases)
		for i, result := range judged.Results {
			judged.Results[i] = merged(atFirst[i], result)
		}
	}
	judged.Setups = len(r.setups)
	if !r.identified && len(r.setups) > 0 {
		judged.Void = "no authentic request was ever seen to run, so it is not shown that the target is the one that answered"
	}
	return judged, nil
}

func (r *run) verdicts(cases []Case) []Result {
	var results []Result
	for _, c := range cases {
		r.records[c.ID].verdictsOnly = r.options.VerdictsOnly
		results = append(results, r.records[c.ID].judge())
	}
	return results
}

// run is the state of one call of Judge.
type run struct {
	lab     Lab
	options Options

	mu          sync.Mutex
	records     map[string]*record
	setups      map[Setup]bool
	identified  bool
	done, total int
	stalls      int    // requests in a row that got no answer within their limit
	attempt     uint64 // 0, then 1 for what was inconclusive
}

// plannedSession is what one target is brought up for.
type plannedSession struct {
	setup    Setup
	cases    []Case
	controls []Case // cases of unfit set-ups whose twin is shown here
}

// runCases runs the sessions of the cases, a few at a time.
func (r *run) runCases(ctx context.Context, cases []Case) error {
	queue := make(chan plannedSession)
	var workers sync.WaitGroup
	for range max(1, r.options.Jobs) {
		workers.Go(func() {
			for s := range queue {
				r.runSession(ctx, s)
			}
		})
	}
	for _, s := range r.plan(cases) {
		queue <- s
	}
	close(queue)
	workers.Wait()
	return ctx.Err()
}

// plan groups cases into sessions, in the order of the cases.
func (r *run) plan(cases []Case) []plannedSession {
	type target struct {
		setup       Setup
		destructive bool
	}
	var sessions []plannedSession
	at := map[target]int{}
	shared := func(s Setup, destructive bool) *plannedSession {
		if _, there := at[target{s, destructive}]; !there {
			at[target{s, destructive}] = len(sessions)
			sessions = append(sessions, plannedSession{setup: s})
		}
		return &sessions[at[target{s, destructive}]]
	}
	var alone []plannedSession
	for _, c := range cases {
		r.records[c.ID] = &record{c: c, lacks: r.lab.Lacks(c)}
		switch {
		case r.records[c.ID].lacks != "":
			r.step(c)
		case c.ownsTarget():
			alone = append(alone, plannedSession{setup: c.Given, cases: []Case{c}})
		default:
			group := shared(c.Given, c.Destructive)
			group.cases = append(group.cases, c)
		}
		if fit, unfit := c.Given.Control(); unfit && r.records[c.ID].lacks == "" {
			group := shared(fit, false)
			group.controls = append(group.controls, c)
		}
	}
	return append(sessions, alone...)
}

// runSession brings one target up and carries a session's cases out on it, the ones
// that script the stand-in API last. A target that dies is brought up again.
func (r *run) runSession(ctx context.Context, s plannedSession) {
	seat := &lease{run: r, setup: s.setup}
	defer seat.release(ctx)
	for _, c := range s.controls {
		if seat.ensureTarget(ctx, &record{}) {
			r.records[c.ID].controlSetup = seat.send(ctx, ControlOf(c, s.setup), s.setup, "sibling/"+c.ID)
		}
	}
	for _, scripting := range []bool{false, true} {
		for _, c := range s.cases {
			if c.When.Fields().Scripts() != scripting {
				continue
			}
			if t := r.records[c.ID]; seat.ensureTarget(ctx, t) {
				seat.runCase(ctx, t)
			}
			r.step(c)
		}
	}
}

func (r *run) step(c Case) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = min(r.done+1, r.total)
	if r.options.Watch != nil {
		r.options.Watch(Progress{c.Given, c.ID, r.done, r.total})
	}
}

// lease is one target while a session holds it.
type lease struct {
	run        *run
	setup      Setup
	target     Target
	redact     redactor
	notStarted *StartError
	late       []*Observation // requests that may still be heard of
	heard      int            // how much of what the stand-in heard was given to one of them

	control Stimulus // the last exchange, if it was a control
	last    *Observation
}

// ensureTarget makes sure that a target is up; if that fails, the trial says why.
func (s *lease) ensureTarget(ctx context.Context, t *record) bool {
	if s.target != nil && s.target.Died() != "" {
		s.release(ctx)
	}
	if s.run.stalled() {
		t.err = fmt.Errorf("waiting for the target: %d requests in a row got no answer within %s", mostStalls, exchangeLimit)
		return false
	}
	if s.target != nil {
		return true
	}
	if s.notStarted != nil {
		t.notStarted = s.notStarted
		return false
	}
	starting, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	target, err := s.run.lab.Start(starting, s.setup)
	switch {
	case errors.As(err, &s.notStarted):
		t.notStarted = s.notStarted
		return false
	case err != nil:
		t.err = err
		return false
	}
	s.target, s.redact = target, newRedactor(s.run.lab.Keys())
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	if s.run.setups == nil {
		s.run.setups = map[Setup]bool{}
	}
	s.run.setups[s.setup] = true
	return true
}

// release waits for late effects, notes them, and gives the target back.
func (s *lease) release(ctx context.Context) {
	if s.target == nil {
		return
	}
	s.target.Settle(ctx)
	for _, o := range s.late {
		o.Runs = s.target.Runs(o.Nonce) + o.nameless
	}
	s.catchUp()
	if died := s.target.Died(); died != "" && len(s.late) > 0 {
		if last := s.late[len(s.late)-1]; last.Died == "" {
			last.Died = s.redact.text(died)
		}
	}
	s.target.Stop()
	s.target, s.late, s.heard, s.last = nil, nil, 0, nil
}

// catchUp gives what the stand-in has heard since the last exchange to the
// requests that set it off.
func (s *lease) catchUp() {
	if standIn := s.target.StandIn(); standIn != nil {
		late := standIn.Since(s.heard)
		s.heard += len(late)
		s.apart("", late)
	}
}

// runCase carries one case out: control, request, control.
func (s *lease) runCase(ctx context.Context, t *record) {
	control := ControlOf(t.c, s.setup)
	if t.c.Then.Negative {
		t.before = s.before(ctx, control, t.c)
	}
	in := t.c.When.Fields()
	standIn := s.target.StandIn()
	if in.Scripts() {
		standIn.Play(Script{in.APIRefuses, in.APIStatus, in.APIAnswers, in.APIConduct})
	}
	t.main = s.send(ctx, t.c.When, s.setup, t.c.ID)
	if in.Scripts() {
		standIn.Play(Script{})
	}
	if s.run.alsoAsCall(t.c) && t.main.Died == "" {
		t.asCall = s.sendAs(ctx, t.c.When, s.setup, "plain/"+t.c.ID, true)
	}
	if t.c.Then.Negative && t.main.Died == "" {
		t.after = s.send(ctx, control, s.setup, "after/"+t.c.ID)
		s.control, s.last = control, t.after
	}
	if t.stopsServing() != "" { // it is of no use to the cases that follow
		s.release(ctx)
	}
}

// before is the control before a request: the one after the request before it,
// if nothing came between and it was the same and accepted, or one of its own.
func (s *lease) before(ctx context.Context, control Stimulus, c Case) *Observation {
	if s.last != nil && s.control == control && acceptedAs(*s.last) && s.last.Died == "" {
		return s.last
	}
	return s.send(ctx, control, s.setup, "before/"+c.ID)
}

// alsoAsCall: where acceptance shows in a probe, a call that must be refused is
// sent as a call, too, lest only probes are verified.
func (r *run) alsoAsCall(c Case) bool {
	return r.lab.Visibility() != Full && c.When.Kind() == KindCall && c.Then.Negative && c.Level != May && !c.Destructive
}

// send makes one request and gathers all that is seen of it.
func (s *lease) send(ctx context.Context, stimulus Stimulus, setup Setup, purpose string) *Observation {
	return s.sendAs(ctx, stimulus, setup, purpose, false)
}

func (s *lease) sendAs(ctx context.Context, stimulus Stimulus, setup Setup, purpose string, plainly bool) *Observation {
	keys := s.run.lab.Keys()
	scene := Scene{
		Keys: keys, Now: s.target.Now(), Nonce: s.run.nonce(purpose), Path: s.target.Path(), Host: s.target.Host(),
		Visibility: s.run.lab.Visibility(), AsCall: plainly,
	}
	if standIn := s.target.StandIn(); standIn != nil {
		scene.Elsewhere = standIn.ElsewhereHost()
	}
	s.last = nil
	made := Make(stimulus, scene)
	redact := s.redact.forRequest(made, signer(stimulus), keys)
	o := &Observation{Kind: effective(stimulus, scene.Visibility), Nonce: scene.Nonce, Env: setup.Env, Beacon: scene.Visibility == Full, ByGET: scene.Visibility == ByIntrospection}
	s.catchUp()
	nameless := s.target.Runs(noNonce)
	limited, cancel := context.WithTimeout(ctx, exchangeLimit)
	defer cancel()
	started := time.Now()
	got, err := s.target.Send(limited, made.Request)
	o.Took = time.Since(started)
	if err != nil {
		o.NoResponse = redact.text(err.Error())
	}
	if standIn := s.target.StandIn(); standIn != nil {
		asked := standIn.Since(s.heard)
		s.heard += len(asked)
		o.APIRequests = s.apart(o.Nonce, asked)
	}
	o.nameless = s.target.Runs(noNonce) - nameless
	o.Runs, o.Died = s.target.Runs(o.Nonce)+o.nameless, redact.text(s.target.Died())
	o.sent, o.cloak, o.Response = made.Request, redact, redact.response(got, keys)
	if plainly {
		o.Kind, o.ByGET = stimulus.Kind(), false
	}
	s.late = append(s.late, o)
	s.run.note(o)
	return o
}

// apart gives what an earlier request to the same target set off, and only now
// is heard, to that request: its nonce, which is its run id and deployId, too,
// stands in it. The rest is the request's own.
func (s *lease) apart(nonce string, asked []APIRequest) []APIRequest {
	return slices.DeleteFunc(asked, func(a APIRequest) bool {
		said := a.Path + "?" + a.Query + " " + a.Body
		if nonce != "" && strings.Contains(said, nonce) {
			return false
		}
		for _, earlier := range s.late {
			if strings.Contains(said, earlier.Nonce) {
				earlier.APIRequests = append(earlier.APIRequests, a)
				return true
			}
		}
		return false
	})
}

// note: a run at the beacon, whose address only that process knows, shows who
// answers; without a beacon a probe or a signed GET that is trusted does. And a
// target that lets request after request wait is not waited for forever.
func (r *run) note(o *Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.identified = r.identified || o.Runs > 0 || !o.Beacon && o.ShowsTrust()
	switch {
	case o.NoResponse == "":
		r.stalls = 0
	case o.Took >= exchangeLimit:
		r.stalls++
	}
}

// mostStalls is how many requests in a row may wait in vain.
const mostStalls = 4

func (r *run) stalled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stalls >= mostStalls
}

// nonce draws the nonce of a purpose: equal seeds give equal nonces.
func (r *run) nonce(purpose string) string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(purpose)) // a hash takes everything
	return NewNonce(rand.New(rand.NewPCG(r.options.Seed, hash.Sum64()+r.attempt)))
}
