package sweep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// installer installs and judges versions of a target.
type installer struct {
	target launch.Description
	limits launch.Limits
	cases  []string // their ids
	jobs   int      // targets running at the same time
	seed   uint64
	keep   bool // leave what is installed in the cache
}

// judge installs one version, judges it and, unless it is kept or was there
// before, removes it. An error would affect every other version, too.
func (i installer) judge(ctx context.Context, version string) (Version, error) {
	started := time.Now()
	v := Version{Version: version, Results: []Cell{}}
	lab, leave, err := i.lab(ctx, version)
	if err != nil {
		return v, err
	}
	defer leave()
	if err := lab.Prepare(ctx); err != nil {
		v.State, v.Reason = NotInstalled, err.Error()
		var failed *page.Error
		if errors.As(err, &failed) {
			v.Output = failed.Output
		}
		v.TookMS = time.Since(started).Milliseconds()
		return v, abort(ctx, err)
	}
	err = i.judgeWith(ctx, lab, &v)
	v.TookMS = time.Since(started).Milliseconds()
	return v, err
}

// lab starts a version from the cache if it is installed there or is to be kept,
// and otherwise from a temporary folder, which leave removes. So nothing that
// another run uses is ever removed.
func (i installer) lab(ctx context.Context, version string) (lab *launch.Lab, leave func(), err error) {
	options := launch.Options{Seed: i.seed, SetupLimit: i.limits.Setup, StartLimit: i.limits.Start}
	if lab, err = launch.New(i.target, version, options); err != nil {
		return nil, nil, err
	}
	if i.keep || lab.Installed(ctx) {
		return lab, lab.Close, nil
	}
	lab.Close()
	if options.Cache, err = os.MkdirTemp("", "countersign-sweep-*"); err != nil {
		return nil, nil, fmt.Errorf("making a folder to install %s in: %w", lab.Name(), err)
	}
	remove := func() { _ = os.RemoveAll(options.Cache) } // what cannot be removed is among temporary files
	if lab, err = launch.New(i.target, version, options); err != nil {
		remove()
		return nil, nil, err
	}
	return lab, func() { lab.Close(); remove() }, nil
}

func (i installer) judgeWith(ctx context.Context, lab *launch.Lab, v *Version) error {
	limited, cancel := context.WithTimeout(ctx, limits.Version)
	defer cancel()
	judged, err := engine.Judge(limited, lab, i.fresh(), engine.Options{Jobs: i.jobs, Seed: i.seed})
	var notStarted *engine.StartError
	if errors.As(err, &notStarted) {
		v.State, v.Reason, v.Output = NotJudged, notStarted.Error(), notStarted.Output
		return nil
	}
	if err != nil {
		v.State, v.Reason = NotJudged, fmt.Sprintf("judging it took more than %s", limits.Version)
		return abort(ctx, err)
	}
	v.State = Judged
	for _, r := range judged.Results {
		if len(r.Steps) > 0 && judged.Void != "" {
			v.State, v.Reason = Void, voidReason(judged)
		}
		v.Results = append(v.Results, Cell{r.Case.ID, r.Verdict, r.Observed, r.Note, r.Open()})
	}
	if v.State == Void {
		v.Results = []Cell{} // they can't be trusted
	}
	return nil
}

// voidReason returns why the results of a version can't be trusted, and the likeliest
// cause.
func voidReason(judged engine.Judgement) string {
	if d := judged.Diagnosis; d != nil {
		return fmt.Sprintf("%s; observed: %s; likely cause: %s", judged.Void, d.Observed, d.Cause)
	}
	return judged.Void
}

// fresh returns new copies of the cases for each version.
func (i installer) fresh() []suite.Case {
	return slices.DeleteFunc(suite.Catalogue(), func(c suite.Case) bool { return !slices.Contains(i.cases, c.ID) })
}

// abort gives the error if it ends the whole sweep.
func abort(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case aborts(err):
		return err
	}
	return nil
}
