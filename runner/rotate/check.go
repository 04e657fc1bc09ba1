package rotate

import (
	"context"
	"fmt"
	"time"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Known is an endpoint whose verdict is known, so that drills can be checked.
type Known struct {
	Name  string
	Lab   engine.Lab
	Holds bool
}

// A short drill is enough where the verdict is known.
const (
	checkPer = 14
	checkGap = 2 * time.Millisecond
)

// SelfCheck holds short drills of endpoints whose verdict is known. misjudged
// says which of them came to another one; empty if none did.
func SelfCheck(ctx context.Context, all []Known, seed uint64) (checks []Check, misjudged string, err error) {
	for _, known := range all {
		r, err := Drill(ctx, known.Lab, Options{Seed: seed, Per: checkPer, Gap: checkGap})
		if err != nil {
			return nil, "", fmt.Errorf("checking the drill itself with %s: %w", known.Name, err)
		}
		checks = append(checks, Check{known.Name, r.Conclusion.Verdict})
		if want := map[bool]string{true: "holds", false: "violated"}[known.Holds]; r.Conclusion.Verdict != want {
			misjudged = fmt.Sprintf("%s came to %q, not to %q", known.Name, r.Conclusion.Verdict, want)
		}
	}
	return checks, misjudged, nil
}
