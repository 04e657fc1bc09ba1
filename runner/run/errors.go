package run

import (
	"context"
	"errors"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Describe turns any error of a run into a [*page.Error]; nil stays nil.
func Describe(err error) error {
	var described *page.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return page.CouldNotJudge("", "interrupted: no report was written")
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
