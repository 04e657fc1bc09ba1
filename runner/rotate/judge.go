package rotate

import (
	"cmp"
	"slices"

	"github.com/countersign-dev/countersign/runner/report"
)

// result judges what was observed, when all processes have ended: what ran late in
// any of them is known by then.
func (d *drill) result(incomplete string) Rotation {
	r := Rotation{
		Schema: schemaName, Incomplete: incomplete, RandomSeed: d.options.Seed, Started: d.began.UTC(), TookMS: ms(d.since()),
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
