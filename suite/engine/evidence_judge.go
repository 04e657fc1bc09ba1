package engine

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// Differences are how the catalogue differs from the one by which evidence was
// gathered. Cases are named by their ids.
type Differences struct {
	Absent  []string // are not in the evidence: not scored
	Changed []string // send something else by now: inconclusive
	Removed []string // are in the evidence, and not in the catalogue
}

// JudgeEvidence judges cases by what was observed of them. Verdicts depend on nothing
// else, so cases that have not changed get the verdicts that they got when they were
// run. Evidence that no run can have left is an error.
func JudgeEvidence(e Evidence, cases []suite.Case, profile suite.Profile) (Judgement, Differences, error) {
	r := evidenceReader{evidence: e}
	if err := r.readExchanges(); err != nil {
		return Judgement{}, Differences{}, err
	}
	o, differences, err := r.observed(profile.WithPrerequisites(cases))
	if err != nil {
		return Judgement{}, Differences{}, err
	}
	return o.judge(), differences, nil
}

// Notes on cases that cannot be judged by evidence.
const (
	absentNote  = "not in the evidence: the case is newer than it, or was not selected"
	changedNote = "what this case sends has changed since the evidence was gathered, so it is no evidence for this case"
)

// evidenceReader turns evidence into what was observed.
type evidenceReader struct {
	evidence  Evidence
	exchanges []*Exchange
	err       error // the first one
}

func (r *evidenceReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *evidenceReader) observed(cases []suite.Case) (*observed, Differences, error) {
	e := r.evidence
	o := &observed{
		cases: cases, records: map[string]*record{}, first: map[string]*record{},
		identified: e.Identified, isSDK: e.SDK, setups: e.Setups, processes: e.Starts, clock: e.Clock, ended: e.Ended,
	}
	var known bool
	if o.visibility, known = sightOf(e.Visibility); !known {
		r.fail("no visibility is called %q", e.Visibility)
	}
	gathered := map[string]CaseEvidence{}
	for _, c := range e.Cases {
		if _, twice := gathered[c.Case]; twice {
			r.fail("the case %s is there twice", c.Case)
		}
		gathered[c.Case] = c
	}
	differences := Differences{}
	for _, c := range cases {
		seen, there := gathered[c.ID]
		delete(gathered, c.ID)
		switch {
		case !there:
			o.records[c.ID] = &record{c: c, absent: absentNote}
			differences.Absent = append(differences.Absent, c.ID)
		case seen.Sends != c.Fingerprint():
			o.records[c.ID] = &record{c: c, changed: changedNote}
			differences.Changed = append(differences.Changed, c.ID)
		default:
			r.readCase(o, c, seen)
		}
	}
	differences.Removed = slices.Sorted(maps.Keys(gathered))
	return o, differences, r.err
}

// sightOf is the visibility with a name.
func sightOf(name string) (suite.Visibility, bool) {
	for sight, called := range visibilities {
		if called == name {
			return sight, true
		}
	}
	return suite.Full, false
}

// readCase reads the attempts at a case.
func (r *evidenceReader) readCase(o *observed, c suite.Case, e CaseEvidence) {
	switch len(e.Attempts) {
	case 0: // the run ended before
		if o.ended == "" {
			r.fail("the case %s has no attempt", c.ID)
		}
	case 1:
		o.records[c.ID] = r.record(c, e.Attempts[0])
	case 2:
		o.first[c.ID], o.records[c.ID] = r.record(c, e.Attempts[0]), r.record(c, e.Attempts[1])
	default:
		r.fail("the case %s has %d attempts", c.ID, len(e.Attempts))
	}
}

func (r *evidenceReader) record(c suite.Case, e AttemptEvidence) *record {
	t := &record{
		c: c, stimulus: c.When, lacks: e.NotApplicable, interrupted: e.Interrupted, function: string(e.Function),
		before: r.one(e.Before), main: r.one(e.Request), after: r.one(e.After), sameShape: r.one(e.SameShape), asCall: r.one(e.AsCall), controlSetup: r.one(e.ControlSetup),
		earlier: r.all(e.Earlier), company: r.all(e.Company), together: r.all(e.Together), culprits: e.Culprits, unprepared: string(e.Unprepared),
	}
	if e.UnsignedSync {
		t.stimulus = unsigned(c.When)
	}
	if e.Error != "" {
		t.err = errors.New(e.Error)
	}
	if s := e.NotStarted; s != nil {
		t.notStarted = &StartError{Reason: string(s.Reason), Exited: s.Exited, Output: string(s.Output)}
	}
	if len(e.Also) > len(c.Also) {
		r.fail("the case %s has %d further requests, not %d", c.ID, len(c.Also), len(e.Also))
		return t
	}
	for i, x := range r.all(e.Also) {
		t.also = append(t.also, alsoSent{c.Also[i], x})
	}
	for _, last := range e.Last {
		t.lasts = append(t.lasts, lastRequest{last.Setup, last.Place, r.one(last.Before), r.must(c, last.Request), r.one(last.After)})
	}
	if e.Facets != nil {
		r.readFacets(t, *e.Facets)
	}
	if t.sameShape != nil && t.before == nil || t.main == nil && (len(t.also) > 0 || len(t.together) > 0 || t.asCall != nil) {
		r.fail("the case %s lacks an exchange", c.ID)
	}
	return t
}

func (r *evidenceReader) readFacets(t *record, e FacetsEvidence) {
	f := facetTrial{letIn: string(e.LetIn), open: string(e.Open), leftOut: r.deviations(t.c, e.LeftOut), sent: e.Sent}
	for _, a := range e.Attempts {
		f.attempts = append(f.attempts, &facetAttempt{r.must(t.c, a.Request), r.deviations(t.c, a.Deviations)})
	}
	t.facets = f
	for _, a := range f.attempts { // the request that decides was sent with them
		if a.exchange == t.main {
			t.stimulus = suite.With(t.c.When, a.deviations)
		}
	}
}

func (r *evidenceReader) deviations(c suite.Case, places []int) (deviations []suite.Fields) {
	all := c.Facets.Deviations()
	for _, place := range places {
		if place < 0 || place >= len(all) {
			r.fail("the case %s has no deviation %d", c.ID, place)
			return nil
		}
		deviations = append(deviations, all[place])
	}
	return deviations
}

// one is the exchange with a number, or nil.
func (r *evidenceReader) one(number *int) *Exchange {
	switch {
	case number == nil:
		return nil
	case *number < 0 || *number >= len(r.exchanges):
		r.fail("there is no exchange %d", *number)
		return &Exchange{}
	}
	return r.exchanges[*number]
}

// must is the exchange with a number, which has to be there.
func (r *evidenceReader) must(c suite.Case, number *int) *Exchange {
	if number == nil {
		r.fail("the case %s lacks a request", c.ID)
		return &Exchange{}
	}
	return r.one(number)
}

func (r *evidenceReader) all(numbers []int) (exchanges []*Exchange) {
	for _, number := range numbers {
		exchanges = append(exchanges, r.one(&number))
	}
	return exchanges
}

// readExchanges reads all exchanges. Attempts before one have smaller numbers, so none
// can be before itself.
func (r *evidenceReader) readExchanges() error {
	for n, e := range r.evidence.Exchanges {
		if e.Exchange != n {
			return fmt.Errorf("the exchange %d is in the place of %d", e.Exchange, n)
		}
		x := e.exchange()
		x.Earlier = r.all(e.Earlier)
		if _, known := failures[e.Failure]; !known && e.Failure != "" {
			r.fail("no failure of an exchange is called %q", e.Failure)
		}
		if e.Kind == "" {
			r.fail("the exchange %d is of no kind", n)
		}
		r.exchanges = append(r.exchanges, x)
	}
	return r.err
}

func (e ExchangeEvidence) exchange() *Exchange {
	x := &Exchange{
		Observation: suite.Observation{
			Kind: e.Kind, NoResponse: string(e.NoResponse), Closed: e.Closed, Died: string(e.Died), Runs: e.Runs, Took: e.Took, SignedBy: e.SignedBy, Printed: e.Printed, HasOutput: e.HasOutput,
			Nonce: string(e.Nonce), Env: e.Env, Beacon: e.Beacon, ByGET: e.ByGET, Cut: e.Cut,
		},
		TimedOut: e.TimedOut, Foreign: string(e.Foreign), GaveUp: e.GaveUp, began: e.Sent, failure: failures[e.Failure], timed: e.Timed, sentCut: e.Request.BodyCut,
		request: suite.Request{Method: string(e.Request.Method), Target: string(e.Request.Target), Version: string(e.Request.Version), Body: []byte(e.Request.Body), Connection: e.Request.Connection},
	}
	for _, field := range e.Request.Header {
		x.request.Header = append(x.request.Header, suite.Field{Name: string(field[0]), Value: string(field[1])})
	}
	if a := e.Response; a != nil {
		x.Response = suite.Response{Status: a.Status, Reason: string(a.Reason), Header: headerOf(a.Header), Body: []byte(a.Body), Cut: a.Cut}
	}
	for _, a := range e.API {
		x.APIRequests = append(x.APIRequests, suite.APIRequest{
			Method: string(a.Method), Path: string(a.Path), Query: string(a.Query), Bearer: string(a.Bearer), Header: headerOf(a.Header), Body: string(a.Body), Status: a.Status, Elsewhere: a.Elsewhere,
		})
	}
	return x
}

func headerOf(fields [][2]Text) http.Header {
	h := http.Header{}
	for _, field := range fields {
		h[string(field[0])] = append(h[string(field[0])], string(field[1]))
	}
	return h
}
