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
	// Wordless leaves out what was seen and which reading was followed, for those
	// who want verdicts alone.
	Wordless bool
}

// Progress is how far a run has come.
type Progress struct {
	Setup       Setup
	Case        string
	Done, Total int
}

// Judged is what a run came to.
type Judged struct {
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
func Judge(ctx context.Context, lab Lab, cases []Case, o Options) (Judged, error) {
	r := &run{lab: lab, options: o, total: len(cases), trials: map[string]*trial{}}
	if err := r.carryOut(ctx, cases); err != nil {
		return Judged{}, err
	}
	judged := Judged{Results: r.verdicts(cases)}
	atFirst := judged.Results
	var again []Case
	for _, result := range atFirst {
		if r.trials[result.Case.ID].doubtful(result.Verdict) {
			again = append(again, result.Case)
		}
	}
	if len(again) > 0 {
		r.attempt++
		if err := r.carryOut(ctx, again); err != nil {
			return Judged{}, err
		}
		judged.Results = r.verdicts(cases)
		for i, result := range judged.Results {
			judged.Results[i] = joined(atFirst[i], result)
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
		r.trials[c.ID].wordless = r.options.Wordless
		results = append(results, r.trials[c.ID].judge())
	}
	return results
}

// run is the state of one call of Judge.
type run struct {
	lab     Lab
	options Options

	mu          sync.Mutex
	trials      map[string]*trial
	setups      map[Setup]bool
	identified  bool
	done, total int
	stalls      int    // requests in a row that got no answer within their limit
	attempt     uint64 // 0, then 1 for what was inconclusive
}

// session is what one target is brought up for.
type session struct {
	setup Setup
	cases []Case
	twins []Case // cases of unfit set-ups whose twin is shown here
}

// carryOut runs the sessions of the cases, a few at a time.
func (r *run) carryOut(ctx context.Context, cases []Case) error {
	queue := make(chan session)
	var workers sync.WaitGroup
	for range max(1, r.options.Jobs) {
		workers.Go(func() {
			for s := range queue {
				r.hold(ctx, s)
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
func (r *run) plan(cases []Case) []session {
	type target struct {
		setup       Setup
		destructive bool
	}
	var sessions []session
	at := map[target]int{}
	shared := func(s Setup, destructive bool) *session {
		if _, there := at[target{s, destructive}]; !there {
			at[target{s, destructive}] = len(sessions)
			sessions = append(sessions, session{setup: s})
		}
		return &sessions[at[target{s, destructive}]]
	}
	var alone []session
	for _, c := range cases {
		r.trials[c.ID] = &trial{c: c, lacks: r.lab.Lacks(c)}
		switch {
		case r.trials[c.ID].lacks != "":
			r.step(c)
		case c.ownsTarget():
			alone = append(alone, session{setup: c.Given, cases: []Case{c}})
		default:
			group := shared(c.Given, c.Destructive)
			group.cases = append(group.cases, c)
		}
		if fit, unfit := c.Given.sibling(); unfit && r.trials[c.ID].lacks == "" {
			group := shared(fit, false)
			group.twins = append(group.twins, c)
		}
	}
	return append(sessions, alone...)
}

// ownsTarget: an SDK may switch to the fallback key for good once the primary was
// refused, so a case in which that happens ends with its target.
func (c Case) ownsTarget() bool {
	refused := c.When.parts().APIRefuses
	return (refused == Primary || refused == Both) && c.Given.hasFallback()
}

// hold brings one target up and carries a session's cases out on it, the ones
// that script the stand-in API last. A target that dies is brought up again.
func (r *run) hold(ctx context.Context, s session) {
	seat := &seat{run: r, setup: s.setup}
	defer seat.leave(ctx)
	for _, c := range s.twins {
		if seat.take(ctx, &trial{}) {
			r.trials[c.ID].sibling = seat.send(ctx, twinOf(c, s.setup), s.setup, "sibling/"+c.ID)
		}
	}
	for _, scripting := range []bool{false, true} {
		for _, c := range s.cases {
			if c.When.parts().scripts() != scripting {
				continue
			}
			if t := r.trials[c.ID]; seat.take(ctx, t) {
				seat.try(ctx, t)
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

// seat is one target while a session holds it.
type seat struct {
	run    *run
	setup  Setup
	target Target
	redact redactor
	unborn *StartError
	late   []*Outcome // requests that may still be heard of
	heard  int        // how much of what the stand-in heard was given to one of them

	control Stimulus // the last exchange, if it was a control
	last    *Outcome
}

// take makes sure that a target is up; if that fails, the trial says why.
func (s *seat) take(ctx context.Context, t *trial) bool {
	if s.target != nil && s.target.Died() != "" {
		s.leave(ctx)
	}
	if s.run.stalled() {
		t.err = fmt.Errorf("waiting for the target: %d requests in a row got no answer within %s", mostStalls, exchangeLimit)
		return false
	}
	if s.target != nil {
		return true
	}
	if s.unborn != nil {
		t.unborn = s.unborn
		return false
	}
	starting, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	target, err := s.run.lab.Start(starting, s.setup)
	switch {
	case errors.As(err, &s.unborn):
		t.unborn = s.unborn
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

// leave waits for late effects, notes them, and gives the target back.
func (s *seat) leave(ctx context.Context) {
	if s.target == nil {
		return
	}
	s.target.Settle(ctx)
	for _, o := range s.late {
		o.Runs = s.target.Runs(o.nonce) + o.nameless
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
func (s *seat) catchUp() {
	if standIn := s.target.StandIn(); standIn != nil {
		late := standIn.Since(s.heard)
		s.heard += len(late)
		s.apart("", late)
	}
}

// try carries one case out: control, request, control.
func (s *seat) try(ctx context.Context, t *trial) {
	control := twinOf(t.c, s.setup)
	if t.c.Then.negative {
		t.before = s.before(ctx, control, t.c)
	}
	in := t.c.When.parts()
	standIn := s.target.StandIn()
	if in.scripts() {
		standIn.Play(Script{in.APIRefuses, in.APIStatus, in.APIAnswers, in.APIConduct})
	}
	t.main = s.send(ctx, t.c.When, s.setup, t.c.ID)
	if in.scripts() {
		standIn.Play(Script{})
	}
	if s.run.asksPlainly(t.c) && t.main.Died == "" {
		t.plain = s.sendAs(ctx, t.c.When, s.setup, "plain/"+t.c.ID, true)
	}
	if t.c.Then.negative && t.main.Died == "" {
		t.after = s.send(ctx, control, s.setup, "after/"+t.c.ID)
		s.control, s.last = control, t.after
	}
	if t.stopsServing() != "" { // it is of no use to the cases that follow
		s.leave(ctx)
	}
}

// twinOf is the control of a case in a set-up: its stimulus without the fault,
// or an honest call where the stimulus has no acceptable form.
func twinOf(c Case, s Setup) Stimulus {
	in := c.When.parts().twin(s)
	if c.Destructive {
		return Call(inbound{}.twin(s))
	}
	switch c.When.kind() {
	case KindCall:
		in.Function = ""
		return Call(in)
	case KindProbe:
		return Probe(in)
	case KindIntrospect:
		return Introspect(in)
	case KindInBandSync:
		return InBandSync(in)
	}
	return Call(inbound{}.twin(s))
}

// before is the control before a request: the one after the request before it,
// if nothing came between and it was the same and accepted, or one of its own.
func (s *seat) before(ctx context.Context, control Stimulus, c Case) *Outcome {
	if s.last != nil && s.control == control && acceptedAs(*s.last) && s.last.Died == "" {
		return s.last
	}
	return s.send(ctx, control, s.setup, "before/"+c.ID)
}

// asksPlainly: where acceptance shows in a probe, a call that must be refused is
// sent as a call, too, lest only probes are verified.
func (r *run) asksPlainly(c Case) bool {
	return r.lab.Sees() != Inside && c.When.kind() == KindCall && c.Then.negative && c.Level != May && !c.Destructive
}

// send makes one request and gathers all that is seen of it.
func (s *seat) send(ctx context.Context, stimulus Stimulus, setup Setup, purpose string) *Outcome {
	return s.sendAs(ctx, stimulus, setup, purpose, false)
}

func (s *seat) sendAs(ctx context.Context, stimulus Stimulus, setup Setup, purpose string, plainly bool) *Outcome {
	keys := s.run.lab.Keys()
	scene := Scene{
		Keys: keys, Now: s.target.Now(), Nonce: s.run.nonce(purpose), Path: s.target.Path(), Host: s.target.Host(),
		Sight: s.run.lab.Sees(), Plainly: plainly,
	}
	if standIn := s.target.StandIn(); standIn != nil {
		scene.Elsewhere = standIn.ElsewhereHost()
	}
	s.last = nil
	made := Make(stimulus, scene)
	redact := s.redact.asking(made, signer(stimulus), keys)
	o := &Outcome{kind: effective(stimulus, scene.Sight), nonce: scene.Nonce, env: setup.Env, beacon: scene.Sight == Inside, byGET: scene.Sight == ByIntrospection}
	s.catchUp()
	nameless := s.target.Runs(noNonce)
	limited, cancel := context.WithTimeout(ctx, exchangeLimit)
	defer cancel()
	started := time.Now()
	got, err := s.target.Send(limited, made.Request)
	o.Took = time.Since(started)
	if err != nil {
		o.NoAnswer = redact.text(err.Error())
	}
	if standIn := s.target.StandIn(); standIn != nil {
		asked := standIn.Since(s.heard)
		s.heard += len(asked)
		o.Asked = s.apart(o.nonce, asked)
	}
	o.nameless = s.target.Runs(noNonce) - nameless
	o.Runs, o.Died = s.target.Runs(o.nonce)+o.nameless, redact.text(s.target.Died())
	o.sent, o.cloak, o.Got = made.Request, redact, redact.response(got, keys)
	if plainly {
		o.kind, o.byGET = stimulus.kind(), false
	}
	s.late = append(s.late, o)
	s.run.note(o)
	return o
}

// noNonce is what the beacon hears of a run that has no nonce.
const noNonce = "-"

// apart gives what an earlier request to the same target set off, and only now
// is heard, to that request: its nonce, which is its run id and deployId, too,
// stands in it. The rest is the request's own.
func (s *seat) apart(nonce string, asked []Asked) []Asked {
	return slices.DeleteFunc(asked, func(a Asked) bool {
		said := a.Path + "?" + a.Query + " " + a.Body
		if nonce != "" && strings.Contains(said, nonce) {
			return false
		}
		for _, earlier := range s.late {
			if strings.Contains(said, earlier.nonce) {
				earlier.Asked = append(earlier.Asked, a)
				return true
			}
		}
		return false
	})
}

func signer(s Stimulus) KeyName {
	if name := s.parts().Key; name != "" {
		return name
	}
	return Primary
}

// effective is the kind that a stimulus has where calls cannot be seen to run.
func effective(s Stimulus, sight Sight) Kind {
	switch {
	case s.kind() == KindCall && sight == ByIntrospection:
		return KindIntrospect
	case s.kind() == KindCall && sight == ByProbe:
		return KindProbe
	}
	return s.kind()
}

// note: a run at the beacon, whose address only that process knows, shows who
// answers; without a beacon a probe or a signed GET that is trusted does. And a
// target that lets request after request wait is not waited for forever.
func (r *run) note(o *Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.identified = r.identified || o.Runs > 0 || !o.beacon && o.showsTrust()
	switch {
	case o.NoAnswer == "":
		r.stalls = 0
	case o.Took >= exchangeLimit:
		r.stalls++
	}
}

// showsTrust: the answer itself says that a signature was accepted. A plain
// success does not: anyone may be answered one.
func (o Outcome) showsTrust() bool {
	switch o.kind {
	case KindProbe:
		return acceptedAs(o)
	case KindIntrospect:
		return o.success() && o.object()["authentication_succeeded"] == true
	}
	return false
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
	return drawNonce(rand.New(rand.NewPCG(r.options.Seed, hash.Sum64()+r.attempt)))
}

// Unclaimed says which optional capability a case needs and a target does not
// claim; empty where there is none.
func Unclaimed(c Case, claims []Capability) string {
	for _, need := range c.Needs {
		claimed := false
		for _, claim := range claims {
			claimed = claimed || claim == need
		}
		if !claimed {
			return fmt.Sprintf("the target does not claim %s", need)
		}
	}
	return ""
}
