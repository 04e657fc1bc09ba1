package rotate

import (
	"errors"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

func TestATargetThatDoesNotStartIsNotDrilled(t *testing.T) {
	err := describe(&stageError{Stage: 1, Name: "both deployed", Err: &engine.StartError{Reason: "it gave up", Output: "no such module"}})
	var described *page.Error
	if !errors.As(err, &described) || described.Code != page.ExitCouldNotJudge || !strings.Contains(described.Sentence, "stage 1, both deployed") || described.Output != "no such module" {
		t.Errorf("%+v", err)
	}
}

func TestOnlyTargetsThatExistAreDrilled(t *testing.T) {
	_, err := Run(t.Context(), Options{Target: "inngest"})
	var described *page.Error
	if !errors.As(err, &described) || described.Code != page.ExitUsage || described.Hint == "" {
		t.Errorf("%+v", err)
	}
}
