package matrix

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
)

// Run judges the targets. The error, which is a [*page.Error], says why there is no
// result; that of an interrupted run names the folder from which another run goes on.
func Run(ctx context.Context, o Options) (Matrix, error) {
	o.Parallel, o.Jobs = cmp.Or(o.Parallel, max(1, runtime.NumCPU()/2)), cmp.Or(o.Jobs, runtime.NumCPU())
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	m, err := o.run(ctx)
	return m, run.Describe(err)
}

func (o Options) run(ctx context.Context) (Matrix, error) {
	m := Matrix{Schema: schemaName, Plan: o.plan(), Shard: o.Shard.normal(), Targets: []string{}, Columns: []Column{}}
	var err error
	if m.Cases, err = casesOf(o.Selection); err != nil {
		return m, err
	}
	columns, err := resolve(ctx, o.Targets)
	if err != nil {
		return m, err
	}
	if err := o.excuse(columns); err != nil {
		return m, err
	}
	for i, c := range columns {
		m.Targets = append(m.Targets, c.Target)
		if o.Shard.has(i) {
			m.Columns = append(m.Columns, c)
		}
	}
	temporary := o.State == ""
	if temporary {
		if o.State, err = os.MkdirTemp("", "countersign-matrix-*"); err != nil {
			return m, fmt.Errorf("making a folder for results: %w", err)
		}
	}
	kept, err := openState(o.State, &m.Plan, o.AnySeed)
	if err != nil {
		return m, err
	}
	o.Seed = m.Plan.RandomSeed
	err = o.judgeAll(ctx, m.Columns, kept)
	if temporary && (err == nil || kept.empty()) {
		_ = os.RemoveAll(o.State) // what cannot be removed is among temporary files
	}
	m.Conclusion = m.conclude()
	return m, err
}

func (o Options) plan() Plan {
	return Plan{
		Tool: o.Tool, Tier: o.Selection.Tier.String(), Profile: cmp.Or(o.Selection.Profile, suite.ProfileDefault),
		Patterns: append([]string{}, o.Selection.Patterns...), Destructive: o.Selection.Destructive, RandomSeed: o.Seed,
	}
}

// judgeAll judges a few columns at a time, and fills them in. What the state has
// finished is taken from it.
func (o Options) judgeAll(ctx context.Context, columns []Column, kept state) error {
	stopped, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	done := &counter{total: len(columns)}
	for range min(o.Parallel, len(columns)) {
		workers.Go(func() {
			for i := range next {
				if err := o.fill(stopped, &columns[i], kept, done); err != nil {
					stop(err)
				}
			}
		})
	}
	for i := range columns {
		next <- i
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		return interrupted(kept, done)
	}
	return context.Cause(stopped)
}

// interrupted says how to go on.
func interrupted(kept state, done *counter) error {
	hint := ""
	if !kept.empty() {
		hint = "repeat the command with --state " + page.Quote(kept.folder) + " to go on"
	}
	return page.CouldNotJudge(hint, "interrupted: %d of %s finished", done.done, page.Count(done.total, "target"))
}

// fill completes one column. The error ends the whole matrix.
func (o Options) fill(ctx context.Context, c *Column, kept state, done *counter) error {
	if ctx.Err() != nil {
		return nil
	}
	if before, finished := kept.finished(*c); finished {
		*c = before
		o.Say("%s %s: %s, as judged before", done.next(), c.Target, c.Conclusion.Verdict)
		return nil
	}
	o.Say("%s: installing and judging", c.Target)
	judged := o.judge(ctx, *c)
	if ctx.Err() != nil {
		return nil
	}
	*c = judged
	o.Say("%s %s: %s, %s", done.next(), c.Target, c.Conclusion.Verdict, c.Conclusion.Why)
	return kept.keep(judged)
}

// counter counts finished columns.
type counter struct {
	mu          sync.Mutex
	done, total int
}

// next counts one more, and is how far the matrix is: "[2/5]".
func (c *counter) next() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	return fmt.Sprintf("[%d/%d]", c.done, c.total)
}
