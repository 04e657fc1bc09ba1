package run

import (
	"context"
	"errors"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

// describe says which target did not start, and how to find out why.
func (l *Lab) describe(err error) error {
	var notStarted *engine.StartError
	if !errors.As(err, &notStarted) {
		return err
	}
	described := page.CouldNotJudge("", "%s did not start: %s", l.Target.Title(), notStarted.Reason)
	if l.Flags != "" && l.Target.Kind == report.Launched {
		described.Hint = "`countersign doctor" + l.Flags + "` checks it step by step"
	}
	described.Output = notStarted.Output
	return described
}

// Describe turns any error of a run into a [*page.Error]; nil stays nil.
func Describe(err error) error {
	var described *page.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return page.CouldNotJudge("", "interrupted before anything was judged")
	case errors.As(err, &described):
		return described
	}
	unknown := page.CouldNotJudge("`countersign doctor` checks what the targets need", "%v", err)
	var notStarted *engine.StartError
	if errors.As(err, &notStarted) {
		unknown.Output = notStarted.Output
	}
	return unknown
}
