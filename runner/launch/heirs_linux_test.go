package launch

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/limits"
)

// A start command that exits with success may leave the target running.
func TestADaemonIsTheTarget(t *testing.T) {
	t.Parallel()
	for _, as := range []string{"daemon", "background"} {
		for name, end := range map[string]func(*launched, int){
			"stopped": func(l *launched, _ int) { l.Stop() },
			"closed":  func(l *launched, _ int) { l.lab.Close() },
			"killed":  func(_ *launched, daemon int) { _ = syscall.Kill(daemon, syscall.SIGKILL) },
		} {
			t.Run(as+" "+name, func(t *testing.T) {
				t.Parallel()
				target := start(t, fake(t, as, Options{}))
				var daemon int
				for range 500 { // until the start command has exited
					_, err := fmt.Sscanf(target.process.output.String(), "child %d\n", &daemon)
					if err == nil && target.process.heirs.took.Load() {
						break
					}
					time.Sleep(10 * time.Millisecond)
				}
				if died := target.Died(); died != "" {
					t.Errorf("it died while its daemon %d serves: %s", daemon, died)
				}
				end(target, daemon)
				if !gone(daemon, time.Second) {
					t.Errorf("the daemon %d outlives its target", daemon)
				}
				if !target.process.diesWithin(limits.Kill) || !strings.Contains(target.Died(), "what it had left running ended") {
					t.Errorf("it is not noticed that the daemon ended: %q", target.Died())
				}
			})
		}
	}
}

// What is left behind and serves nothing is no target.
func TestAHelperIsNotTheTarget(t *testing.T) {
	t.Parallel()
	if got := failingStart(t, fake(t, "nothing left", Options{StartLimit: time.Second})); !strings.Contains(got.Reason, "it listens nowhere") {
		t.Errorf("the reason is %q", got.Reason)
	}
	lab := fake(t, "daemon", Options{})
	target, other := start(t, lab), start(t, fake(t, "good", Options{}))
	left := target.process.heirs
	if left.address = other.Host(); left.there(target.process.command.Process.Pid) {
		t.Error("a daemon that does not listen where it should counts as the target")
	}
}
