package rotate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
)

// result judges what was observed, when all processes have ended: what ran late in
// any of them is known by then.
func (d *drill) result() Rotation {
	r := Rotation{
		Schema: schemaName, RandomSeed: d.options.Seed, Started: d.began.UTC(), TookMS: ms(d.since()),
		SelfCheck: report.SelfCheck{Endpoints: []report.KnownEndpoint{}}, Handovers: append([]Handover{}, d.handovers...), Requests: []RequestRecord{},
	}
	for i, p := range d.processes {
		r.Processes = append(r.Processes, ProcessRecord{
			Number: i + 1, Holds: holding(p), StartedMS: ms(p.started), ReadyMS: ms(p.ready),
			LeftMS: ms(p.left), StoppedMS: ms(p.stopped), Died: p.died,
		})
	}
	for _, x := range d.exchanges {
		r.Requests = append(r.Requests, d.judged(x))
	}
	slices.SortStableFunc(r.Requests, func(a, b RequestRecord) int { return cmp.Compare(a.AtMS, b.AtMS) })
	r.count(d)
	r.Findings = r.findings()
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

// judged decides by effect: whether the function ran, or what the API received.
func (d *drill) judged(x *exchange) RequestRecord {
	r := x.RequestRecord
	r.Status, r.NoResponse, r.API = x.observed.Response.Status, x.observed.NoResponse, x.attempts()
	if x.observed.Runs > 0 {
		r.Process = slices.Index(d.processes, x.process) + 1
	}
	r.Outcome = r.outcome()
	r.Violation = r.violation()
	return r
}

// outcome: an authentic request is accepted only if everything about it succeeded,
// any other one if it ran, with any response.
func (r RequestRecord) outcome() outcome {
	ran, success := r.Process > 0, r.succeeded()
	_, _, refused := r.final()
	switch {
	case r.Kind == kindSync && success && refused == 0,
		r.Kind.authentic() && r.Kind != kindSync && ran && success,
		!r.Kind.authentic() && ran:
		return outcomeAccepted
	case r.NoResponse != "":
		return outcomeNoResponse
	}
	return outcomeRefused
}

func (r RequestRecord) succeeded() bool { return r.NoResponse == "" && r.Status/100 == 2 }

// violation describes the violation that a request shows, or is "".
func (r RequestRecord) violation() string {
	_, _, refused := r.final()
	switch {
	case refused > 0:
		return "the API finally refused it: " + r.attemptsInWords()
	case r.Kind.authentic() && r.Outcome != outcomeAccepted:
		return r.observed()
	case r.Kind.forged() && r.Outcome == outcomeAccepted, r.oldKeyAccepted():
		return r.observed()
	}
	return ""
}

func (r RequestRecord) oldKeyAccepted() bool {
	return r.Kind == kindOldKey && r.Stage == after && r.Outcome == outcomeAccepted
}

// observed describes what was observed of a request.
func (r RequestRecord) observed() string {
	ran := "it did not run"
	switch {
	case r.Kind == kindSync:
		ran = "the API received " + page.Count(len(r.API), "request")
	case r.Process > 0:
		ran = fmt.Sprintf("it ran in process %d", r.Process)
	}
	if r.NoResponse != "" {
		return r.NoResponse + ", and " + ran
	}
	return fmt.Sprintf("the response was %d, and %s", r.Status, ran)
}

func (r RequestRecord) attemptsInWords() string {
	var words []string
	for _, a := range r.API {
		words = append(words, fmt.Sprintf("%s with key %s got %d", a.Request, a.Bearer, a.Status))
	}
	return strings.Join(words, ", ")
}
