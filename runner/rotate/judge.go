package rotate

import (
	"cmp"
	"fmt"
	"slices"
)

// result judges what was observed, when all processes have ended: what ran late in
// any of them is known by then.
func (d *drill) result() Result {
	r := Result{
		Schema: Schema, RandomSeed: d.options.Seed, Started: d.began.UTC(), TookMS: ms(d.since()),
		SelfCheck: []Check{}, Handovers: d.handovers, Requests: []Request{},
	}
	for i, p := range d.processes {
		r.Processes = append(r.Processes, Process{
			Number: i + 1, Holds: holding(p), StartedMS: ms(p.started), ReadyMS: ms(p.ready),
			LeftMS: ms(p.left), StoppedMS: ms(p.stopped), Died: p.died,
		})
	}
	for _, x := range d.exchanges {
		r.Requests = append(r.Requests, d.judged(x))
	}
	slices.SortStableFunc(r.Requests, func(a, b Request) int { return cmp.Compare(a.AtMS, b.AtMS) })
	r.count(d)
	r.conclude()
	return r
}

func holding(p *process) string {
	for _, s := range stages {
		if s.setup == p.setup {
			return s.holds
		}
	}
	return ""
}

// judged decides by effect: whether the function ran, or the API heard.
func (d *drill) judged(x *exchange) Request {
	r := x.Request
	r.Status, r.NoAnswer, r.API = x.observed.Response.Status, x.observed.NoResponse, x.attempts()
	if x.observed.Runs > 0 {
		r.Process = slices.Index(d.processes, x.process) + 1
	}
	r.Outcome = r.outcome()
	r.Wrong = r.wrong()
	return r
}

// outcome: what is authentic counts as accepted only if all of it went well,
// what is not as soon as anything came of it.
func (r Request) outcome() Outcome {
	ran, success := r.Process > 0, r.Status/100 == 2
	_, _, refused := r.final()
	switch {
	case r.Kind == Sync && success && refused == 0,
		r.Kind.authentic() && r.Kind != Sync && ran && success,
		!r.Kind.authentic() && (ran || success):
		return Accepted
	case r.NoAnswer != "":
		return Unanswered
	}
	return Refused
}

// wrong says in what a request went as it must not; empty where it went well.
func (r Request) wrong() string {
	_, _, refused := r.final()
	switch {
	case refused > 0:
		return "the API refused it for good: " + r.attemptsInWords()
	case r.Kind.authentic() && r.Outcome != Accepted:
		return r.seen()
	case r.Kind.forged() && r.Outcome == Accepted, r.oldKeyAccepted():
		return r.seen()
	}
	return ""
}

func (r Request) oldKeyAccepted() bool {
	return r.Kind == OldKey && r.Stage == after && r.Outcome == Accepted
}

// seen is what became of a request, in words.
func (r Request) seen() string {
	ran := "it did not run"
	switch {
	case r.Kind == Sync:
		ran = fmt.Sprintf("the API heard %d requests", len(r.API))
	case r.Process > 0:
		ran = fmt.Sprintf("it ran in process %d", r.Process)
	}
	if r.NoAnswer != "" {
		return r.NoAnswer + ", and " + ran
	}
	return fmt.Sprintf("it was answered %d, and %s", r.Status, ran)
}

func (r Request) attemptsInWords() string {
	words := ""
	for i, a := range r.API {
		if i > 0 {
			words += ", "
		}
		words += fmt.Sprintf("%s with key %s got %d", a.Asked, a.Bearer, a.Status)
	}
	return words
}
