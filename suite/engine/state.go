package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// rest sends nothing for a while.
func (s *Session) rest(ctx context.Context, d time.Duration) {
	if resting, is := s.target.(Resting); is {
		resting.Rest(d)
		return
	}
	sleep(ctx, d)
}

// precede brings the target into the state that the request of a case needs, and
// returns the last request that was sent for that.
func (l *lease) precede(ctx context.Context, t *record) *suite.Sent {
	var last *suite.Sent
	for i, e := range t.c.State.After {
		valid := suite.IsValid(e.Send, l.setup)
		for n := range max(1, e.Times) {
			d := l.delivery(e.Send, fmt.Sprintf("%s, before %d.%d", t.c.ID, i, n), false)
			made := d.Make
			d.Make = func(again int) Message {
				m := made(again)
				last = &suite.Sent{Made: m.Made, Scene: m.scene}
				return m
			}
			end := l.play(e.Send)
			x := l.deliver(ctx, d, !valid)
			end()
			t.earlier = append(t.earlier, x)
			if valid && !x.Accepted() && e.Send.Fields().Function == "" {
				t.unprepared = "the request before it was not accepted: " + x.Summary()
			}
			if x.Died != "" || x.Foreign != "" {
				return last
			}
		}
	}
	if t.c.State.Idle > 0 {
		l.session.rest(ctx, t.c.State.Idle)
	}
	return last
}

// runCold runs cases before the first valid request of a process. Their control
// comes after all of them.
func (l *lease) runCold(ctx context.Context, records []*record) {
	var sent []*record
	for _, t := range records {
		if !l.ensureTarget(ctx, t) {
			continue
		}
		if l.session.sent() > 0 && len(sent) == 0 {
			t.err = fmt.Errorf("the process received a request before the first one")
			continue
		}
		t.main = l.sendMain(ctx, t)
		sent = append(sent, t)
		if t.main.Died != "" || t.main.Foreign != "" {
			break // what follows would not be cold
		}
	}
	for _, t := range sent {
		if t.main.Died == "" && l.session != nil {
			t.after = l.send(ctx, suite.ControlOf(t.c, l.setup), "after/"+t.c.ID)
		}
	}
}

// runLast sends the last requests of a process. Where a set-up is about the mode, the
// platform or an unusable key, what is accepted there is for its own cases to judge.
func (l *lease) runLast(ctx context.Context, cases []suite.Case) {
	control, fit := suite.PlainCall(l.setup)
	if len(cases) == 0 || !fit || l.setup.Mode != suite.Cloud || l.setup.CodeDev != "" || l.setup.Platform != "" || l.session == nil || l.session.Died() != "" || l.foreign {
		return
	}
	before := l.before(ctx, control, cases[0])
	var after *Exchange
	var sent []lastRequest
	for _, c := range cases {
		if l.session.Died() != "" || l.foreign {
			break
		}
		place := l.session.sent()
		x := l.deliver(ctx, l.delivery(c.When, fmt.Sprintf("%s in %s", c.ID, l.setup), false), true)
		sent = append(sent, lastRequest{setup: l.setup.String(), place: place, before: before, main: x})
	}
	if l.session.Died() == "" && !l.foreign {
		after = l.send(ctx, control, "after the last requests in "+l.setup.String())
	}
	l.run.mu.Lock()
	defer l.run.mu.Unlock()
	for i, request := range sent {
		request.after = after
		t := l.run.records[cases[i].ID]
		t.lasts = append(t.lasts, request)
	}
}

// settleLast chooses the process by which a case about last requests is judged: one
// whose request had the wrong effect, else one with a control.
func (t *record) settleLast() {
	chosen := -1
	for i, request := range t.lasts {
		violates := !t.c.Then.Holds(request.main.worst().Observation) && request.main.hiccup() == ""
		controlled := request.before.accepted() && request.after.accepted()
		switch {
		case violates && (controlled || request.main.worst().hasEffect()):
			t.use(request)
			return
		case controlled && chosen < 0:
			chosen = i
		}
	}
	if chosen >= 0 {
		t.use(t.lasts[chosen])
	} else if len(t.lasts) > 0 {
		t.use(t.lasts[0])
	}
}

func (t *record) use(r lastRequest) {
	t.before, t.main, t.after = r.before, r.main, r.after
	t.where = fmt.Sprintf("after %d other requests to a process with %s", r.place, r.setup)
}

// inState says that a violation was seen in a state, for the note of its verdict.
func (t *record) inState() string {
	switch {
	case t.where != "":
		return "state: " + t.where
	case !t.c.State.IsZero():
		return "state: " + t.c.State.String()
	}
	return ""
}
