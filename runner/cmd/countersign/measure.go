package main

import (
	"context"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// measure measures what was judged, where that is fitting; a run of chosen
// cases has no measurements at all.
func (o order) measure(ctx context.Context, b bench, judged engine.Judgement, p *report.Progress) (*engine.Measurements, error) {
	switch {
	case len(o.patterns) > 0 || judged.Void != "":
		return nil, nil
	case o.scope.tier == suite.Smoke:
		return &engine.Measurements{NotMeasured: "skipped in the smoke tier"}, nil
	case o.url != "":
		return &engine.Measurements{NotMeasured: "only a target that the run starts itself is measured"}, nil
	}
	p.Say("measuring")
	m, err := engine.Measure(ctx, b.lab, o.scope.tier, o.seed)
	return &m, err
}
