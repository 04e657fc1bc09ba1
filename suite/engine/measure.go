package engine

import (
	"context"
	"sync"

	"github.com/countersign-dev/countersign/suite"
)

// Measurements are facts about a target that are reported and not scored. They
// contain no secrets.
type Measurements struct {
	NotMeasured string      `json:"notMeasured,omitempty"` // why everything else is empty
	Requests    int         `json:"requests"`              // how many requests were sent
	Windows     []Window    `json:"windows,omitempty"`
	Bodies      []BodyClass `json:"bodies,omitempty"`
	Malleable   Malleable   `json:"malleable,omitzero"`
	Captured    []Captured  `json:"captured,omitempty"`
}

// Measure measures one target: the replay window, what a MAC may cover, and what a
// captured signature can be reused for. It starts two targets, with and without a
// fallback key. The error is ctx's; NotMeasured says what could not be measured.
func Measure(ctx context.Context, lab Lab, tier suite.Tier, seed uint64) (Measurements, error) {
	if lab.Visibility() != suite.Full {
		return Measurements{NotMeasured: "function runs cannot be observed here"}, nil
	}
	r := &run{lab: lab, traits: TraitsOf(lab), options: Options{Seed: seed}}
	main := &measurer{lease: &lease{run: r}, tier: tier}
	second := &measurer{lease: &lease{run: r, setup: suite.Setup{Fallback: suite.Present}}, tier: tier}
	defer main.end()
	defer second.end()
	var starting sync.WaitGroup
	defer starting.Wait() // before the target is stopped
	starting.Go(func() { second.lease.ensureTarget(ctx, &record{}) })
	r.traits.MeasureClock(ctx, main.callAt)
	if lacks := main.notMeasurable(ctx); lacks != "" {
		return Measurements{NotMeasured: lacks}, ctx.Err()
	}
	starting.Wait()
	m := Measurements{Windows: windows(ctx, main, second)}
	m.Captured = captures(ctx, main, second)
	m.Malleable = malleable(ctx, main)
	m.Bodies = bodyClasses(ctx, main)
	m.Requests = main.requests + second.requests
	return m, ctx.Err()
}

// notMeasurable returns why a target cannot be measured, or "" if it can.
func (g *measurer) notMeasurable(ctx context.Context) string {
	scene, up := g.scene(ctx)
	if !up {
		return g.gone
	}
	if o := g.deliver(ctx, scene, suite.Make(suite.Call{}, scene).Request, suite.KindCall); !o.Accepted() {
		return "a valid call was not accepted: " + g.short(o)
	}
	return ""
}
