package launch

import (
	"context"
	"fmt"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Plan is what judging cases sends to an endpoint that is already running. It is
// found out by judging the embedded reference in the same way, so it is exact for
// an endpoint that behaves like it; what has to be sent again is not in it.
func Plan(ctx context.Context, cases []suite.Case, judging engine.Options, keys AttachKeys, o AttachOptions) (Traffic, error) {
	setup := suite.Setup{}
	if !keys.Fallback.IsZero() {
		setup.Fallback = suite.Present
	}
	lab := Embedded(Options{Seed: o.Seed})
	defer lab.Close()
	target, err := lab.Start(ctx, setup)
	if err != nil {
		return Traffic{}, fmt.Errorf("starting the embedded reference: %w", err)
	}
	own := AttachKeys{Primary: lab.Keys().Primary}
	if setup.Fallback != "" {
		own.Fallback = lab.Keys().Fallback
	}
	like := AttachOptions{AllowSync: o.AllowSync, Seed: o.Seed}
	if o.Function != "" {
		like.Function = suite.EchoID
	}
	attached, err := Attach(ctx, "http://"+target.Host()+target.Path(), own, like)
	if err != nil {
		return Traffic{}, err
	}
	if _, err := engine.Judge(ctx, attached, cases, judging); err != nil {
		return Traffic{}, err
	}
	return attached.Traffic(), nil
}
