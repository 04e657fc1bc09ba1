package run

import (
	"context"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/suite"
)

// announcePlan reports what will be sent to an endpoint that is already running.
func (o Options) announcePlan(ctx context.Context, cases []suite.Case) error {
	planned, err := launch.Plan(ctx, cases, o.engine(), o.Target.Keys, o.Target.attachOptions(o.Seed))
	if err != nil {
		return err
	}
	runs := "No request names a function that exists."
	if o.Target.Function != "" {
		runs = fmt.Sprintf("The function %s will run about %d times; no other function that exists is named.", o.Target.Function, planned.Runs)
	}
	o.Announce("about %d requests will be sent to %s%s: %s. %s", planned.Requests(), o.Target.URL, o.Target.pace(planned), planned, runs)
	return nil
}

// pace describes how fast requests are sent, and how long that takes.
func (t TargetSpec) pace(planned launch.Traffic) string {
	if t.Rate == 0 {
		return ", as fast as it responds"
	}
	lasts := time.Duration(planned.Requests()) * time.Second / time.Duration(t.Rate)
	return fmt.Sprintf(", at most %d per second, in about %s", t.Rate, lasts.Round(time.Second))
}
