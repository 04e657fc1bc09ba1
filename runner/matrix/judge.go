package matrix

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// judge installs and judges one target. That it cannot be installed or started is
// the result of its column.
func (o Options) judge(ctx context.Context, c Column) Column {
	ctx, cancel := context.WithTimeout(ctx, limits.Column)
	defer cancel()
	c.Summary, c.Results = map[engine.Verdict]int{}, []Cell{}
	target := Target(c.Target, o.Limits)
	started := time.Now()
	lab, err := run.Open(ctx, target, run.OpenOptions{Seed: o.Seed})
	c.SetupMS = time.Since(started).Milliseconds()
	if err != nil {
		return o.notInstalled(ctx, c, err)
	}
	c.Version = lab.Target.Version // of the embedded reference; others have it
	lab.Close()
	started = time.Now()
	r, err := run.Run(ctx, run.Options{Target: target, Selection: o.Selection, Seed: o.Seed, Jobs: max(1, o.Jobs/o.Parallel), Tool: o.Tool, Baseline: o.baselineOf(c)})
	c.RunMS = time.Since(started).Milliseconds()
	if err != nil {
		return notRun(ctx, c, err)
	}
	return c.with(r)
}

func (o Options) notInstalled(ctx context.Context, c Column, err error) Column {
	c = notRun(ctx, c, err)
	if o.SkipMissing {
		c.Conclusion.Verdict, c.Conclusion.ExitCode = skipped, page.ExitConforms
	}
	return c
}

// notRun describes why there are no verdicts.
func notRun(ctx context.Context, c Column, err error) Column {
	why := err.Error()
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		why = fmt.Sprintf("judging it took more than %s", limits.Column)
	}
	c.Conclusion = report.Conclusion{Verdict: couldNotJudge, ExitCode: page.ExitCouldNotJudge, Why: why}
	var described *page.Error
	if errors.As(err, &described) {
		c.Output = described.Output
	}
	return c
}

// with takes the verdicts from a report. Those of a void one can't be trusted.
func (c Column) with(r report.Report) Column {
	c.Conclusion, c.Setups, c.Processes = r.Conclusion, r.Setups, r.Processes
	if r.Void {
		return c
	}
	c.Summary = r.Summary
	for _, result := range r.Cases {
		c.Results = append(c.Results, Cell{result.ID, result.Verdict, result.Observed, result.Note})
	}
	return c
}
