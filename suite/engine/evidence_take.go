package engine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// RunTimed is a target whose beacon knows when it heard of each run: RunTimes are
// those of a nonce, the oldest first, as many as are known.
type RunTimed interface {
	RunTimes(nonce string) []time.Time
}

// Evidence is everything that the verdicts depend on. With [Options.Keep] all
// exchanges of the run are in it, else those that verdicts depend on.
func (j Judgement) Evidence() Evidence {
	o := j.observed
	if o == nil {
		return Evidence{Ended: j.Incomplete}
	}
	taker := taker{clean: newRedactor(o.keys), numbers: map[*Exchange]int{}}
	taker.evidence = Evidence{
		Visibility: visibilities[o.visibility], Identified: o.identified, SDK: o.isSDK, Setups: o.setups, Starts: o.processes, Clock: o.clock, Ended: o.ended,
	}
	if o.traits != nil {
		taker.evidence.Traits = o.traits.evidence()
	}
	for i, s := range o.sessions {
		taker.session(i, s)
	}
	for _, c := range o.cases {
		taker.takeCase(c, o.first[c.ID], o.records[c.ID])
	}
	return taker.evidence
}

var visibilities = map[suite.Visibility]string{
	suite.Full: "full", suite.ByProbe: "probe", suite.ByIntrospection: "introspection", suite.ByCall: "call",
}

// taker writes down what was observed.
type taker struct {
	clean    redactor // of what may quote a target
	evidence Evidence
	numbers  map[*Exchange]int
	sent     int      // bytes of requests so far
	received int      // bytes of responses so far
	from     *Session // whose exchanges are numbered; nil for those of none that was kept
	process  *int     // its number
}

// session numbers the exchanges of one running target.
func (k *taker) session(n int, s *Session) {
	p := ProcessEvidence{Setup: s.setup.String(), Unattributed: []APIEvidence{}, UnattributedCut: s.unattributedCut}
	for _, r := range s.unattributed {
		p.Unattributed = append(p.Unattributed, k.api(r))
	}
	k.evidence.Processes = append(k.evidence.Processes, p)
	k.process, k.from = &n, s
	for _, x := range s.kept {
		k.number(x)
	}
	k.process, k.from = nil, nil
}

// number is the number of an exchange; attempts before it have smaller ones.
func (k *taker) number(x *Exchange) *int {
	if x == nil {
		return nil
	}
	if n, known := k.numbers[x]; known {
		return &n
	}
	earlier := k.all(x.Earlier)
	n := len(k.evidence.Exchanges)
	k.numbers[x] = n
	e := k.exchange(x)
	e.Exchange, e.Earlier, e.Process = n, earlier, k.process
	k.evidence.Exchanges = append(k.evidence.Exchanges, e)
	return &n
}

func (k *taker) all(exchanges []*Exchange) (numbers []int) {
	for _, x := range exchanges {
		numbers = append(numbers, *k.number(x))
	}
	return numbers
}

func (k *taker) text(s string) Text { return Text(k.clean.text(s)) }

func (k *taker) exchange(x *Exchange) ExchangeEvidence {
	e := ExchangeEvidence{
		Sent: x.began.UTC(), Took: x.Took, Kind: x.Kind, Nonce: k.text(x.Nonce), Env: x.Env, Beacon: x.Beacon, ByGET: x.ByGET, Timed: x.timed, Request: k.request(x),
		NoResponse: k.text(x.NoResponse), Failure: failureOf(x.failure), TimedOut: x.TimedOut, Closed: x.Closed, Foreign: k.text(x.Foreign), GaveUp: x.GaveUp,
		Died: k.text(x.Died), Cut: x.Cut, SignedBy: x.SignedBy, Runs: x.Runs, Printed: x.Printed, HasOutput: x.HasOutput,
	}
	if r := x.Response; r.Status != 0 || len(r.Header) > 0 || len(r.Body) > 0 {
		e.Response = &ResponseEvidence{r.Status, Text(r.Reason), fieldsOf(r.Header), Text(r.Body), r.Cut}
		k.fit(&e)
	}
	for _, a := range x.APIRequests {
		e.API = append(e.API, k.api(a))
	}
	if k.from == nil {
		return e
	}
	if timed, is := k.from.target.(RunTimed); is {
		times := timed.RunTimes(x.Nonce)
		from := min(x.runsBefore, len(times))
		for _, at := range times[from:min(from+max(x.Runs-x.nameless, 0), len(times))] {
			e.Ran = append(e.Ran, at.UTC())
		}
	}
	return e
}

// fit cuts a response for which there is no room. A verdict that would need the rest is
// inconclusive then.
func (k *taker) fit(e *ExchangeEvidence) {
	body := e.Response.Body
	if k.received += len(body); k.received <= limits.EvidenceReceived || len(body) <= limits.KeptBeyond {
		return
	}
	k.received -= len(body) - limits.KeptBeyond
	e.Response.Body = body[:limits.KeptBeyond]
	e.Response.Cut = fmt.Sprintf("the evidence holds %d MiB of responses, so only the beginning of this one is in it", limits.EvidenceReceived>>20)
	e.Cut = cmp.Or(e.Cut, e.Response.Cut)
}

// request is a request as sent, as far as there is room for it.
func (k *taker) request(x *Exchange) RequestEvidence {
	r := x.Sent()
	e := RequestEvidence{Method: k.text(r.Method), Target: Text(r.Target), Version: k.text(r.Version), Connection: r.Connection, Header: [][2]Text{}, Body: Text(r.Body), BodyCut: x.sentCut}
	for _, field := range r.Header {
		e.Header = append(e.Header, [2]Text{k.text(field.Name), Text(field.Value)})
	}
	if k.sent += len(r.Body); k.sent > limits.EvidenceSent && len(r.Body) > limits.KeptBeyond {
		e.Body, e.BodyCut = e.Body[:limits.KeptBeyond], x.sentCut+len(r.Body)-limits.KeptBeyond
		k.sent -= len(r.Body) - limits.KeptBeyond
	}
	return e
}

func (k *taker) api(a suite.APIRequest) APIEvidence {
	return APIEvidence{k.text(a.Method), Text(a.Path), Text(a.Query), Text(a.Bearer), fieldsOf(a.Header), Text(a.Body), a.Status, a.Elsewhere}
}

// fieldsOf lists header fields in the order of their names.
func fieldsOf(h http.Header) [][2]Text {
	fields := [][2]Text{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fields = append(fields, [2]Text{Text(name), Text(value)})
		}
	}
	return fields
}

// failures are the kinds of errors that a verdict depends on.
var failures = map[string]error{"closed": ErrClosed, "unreachable": ErrUnreachable, "too long": ErrTooLong, "other": errors.New("no response")}

func failureOf(err error) string {
	for _, name := range []string{"closed", "unreachable", "too long"} {
		if errors.Is(err, failures[name]) {
			return name
		}
	}
	if err != nil {
		return "other"
	}
	return ""
}

// takeCase writes down the attempts at a case.
func (k *taker) takeCase(c suite.Case, attempts ...*record) {
	e := CaseEvidence{Case: c.ID, Sends: c.Fingerprint(), Attempts: []AttemptEvidence{}}
	for _, t := range attempts {
		if t != nil {
			e.Attempts = append(e.Attempts, k.attempt(t))
		}
	}
	k.evidence.Cases = append(k.evidence.Cases, e)
}

func (k *taker) attempt(t *record) AttemptEvidence {
	e := AttemptEvidence{
		NotApplicable: t.lacks, Interrupted: t.interrupted, Function: k.text(t.function),
		Before: k.number(t.before), Request: k.number(t.main), After: k.number(t.after), SameShape: k.number(t.sameShape), AsCall: k.number(t.asCall), ControlSetup: k.number(t.controlSetup),
		Earlier: k.all(t.earlier), Company: k.all(t.company), Together: k.all(t.together), Culprits: t.culprits, Unprepared: Text(t.unprepared),
	}
	if t.stimulus != nil && t.c.Facets.Of == "" {
		e.UnsignedSync = t.stimulus.Fields().Unsigned && !t.c.When.Fields().Unsigned
	}
	if t.err != nil {
		e.Error = k.clean.text(cmp.Or(t.err.Error(), "unknown"))
	}
	if s := t.notStarted; s != nil {
		e.NotStarted = &StartEvidence{k.text(s.Reason), s.Exited, k.text(s.Output)}
	}
	for _, a := range t.also {
		e.Also = append(e.Also, *k.number(a.exchange))
	}
	for _, r := range t.lasts {
		e.Last = append(e.Last, LastEvidence{r.setup, r.place, k.number(r.before), k.number(r.main), k.number(r.after)})
	}
	if f := t.facets; f.sent > 0 {
		e.Facets = &FacetsEvidence{LetIn: Text(f.letIn), Open: Text(f.open), LeftOut: t.places(f.leftOut), Sent: f.sent, Attempts: []FacetEvidence{}}
		for _, a := range f.attempts {
			e.Facets.Attempts = append(e.Facets.Attempts, FacetEvidence{k.number(a.exchange), t.places(a.deviations)})
		}
	}
	return e
}

// places are where deviations stand in the list of the case.
func (t *record) places(deviations []suite.Fields) []int {
	places, all := []int{}, t.c.Facets.Deviations()
	for _, d := range deviations {
		places = append(places, slices.Index(all, d))
	}
	return places
}

// evidence is what was found out, in words.
func (t *Traits) evidence() TraitsEvidence {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := TraitsEvidence{Refuses: []string{}, Passing: []string{}, Own: []string{}, Served: t.served, Slowest: t.slowest}
	for h := range t.refusals {
		e.Refuses = append(e.Refuses, string(h))
	}
	for h := range t.shared {
		e.Passing = append(e.Passing, string(h))
	}
	for s := range t.own {
		e.Own = append(e.Own, s.method+" "+s.path)
	}
	for _, list := range [][]string{e.Refuses, e.Passing, e.Own} {
		slices.Sort(list)
	}
	return e
}
