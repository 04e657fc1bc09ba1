package launch

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/limits"
)

// Also when the runner is killed nothing is left behind.
func TestTargetsEndWithTheRunner(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	runner, err := startProcess([]string{self}, "", append(os.Environ(), behaviour+"=runner"), heirs{})
	if err != nil {
		t.Fatal(err)
	}
	defer runner.stop(limits.Stop)
	var child int
	for range 500 {
		if _, err := fmt.Sscanf(runner.output.String(), "child %d\n", &child); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if child == 0 || gone(child, 0) {
		t.Fatalf("the runner did not start its target: %q", runner.output)
	}
	if err := runner.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if !gone(child, time.Second) {
		t.Errorf("the target %d outlives its runner", child)
	}
}
