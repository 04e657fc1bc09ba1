package run_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
)

// The embedded reference, by the smallest tier. A target is added by its name:
// run.TargetSpec{Name: "inngest-js@4.24.0"}.
func Example() {
	r, err := run.Run(context.Background(), run.Options{
		Target:    run.TargetSpec{},
		Selection: run.Selection{Tier: suite.Smoke},
		Seed:      1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Target.Name, r.Conclusion.Verdict)
	for _, c := range r.Cases[:2] {
		fmt.Println(c.ID, c.Verdict)
	}
	// Output:
	// reference conforms
	// keys.fallback-accepted pass
	// keys.primary-beside-fallback pass
}

// An error has a hint and an exit code.
func ExampleRun_error() {
	_, err := run.Run(context.Background(), run.Options{Target: run.TargetSpec{Name: "inngest-jss"}})
	var described *page.Error
	if errors.As(err, &described) {
		fmt.Println("exit code:", described.Code)
		fmt.Println("hint:", described.Hint)
	}
	// Output:
	// exit code: 2
	// hint: did you mean inngest-js?
}
