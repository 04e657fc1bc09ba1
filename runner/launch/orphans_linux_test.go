package launch

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// TestOrphansAreKilledWithTheirTarget: also those that left the process group.
func TestOrphansAreKilledWithTheirTarget(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("SKIPPED LOUDLY: there is no setsid here to leave a group with")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lab := fake(t, "good", Options{Seed: 1})
	lab.target.Start = []string{"sh", "-c", "setsid sleep 60 & exec " + self}
	target, err := lab.Start(t.Context(), suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	variable := suite.EnvBeacon + "=" + target.(*launched).api.BeaconURL()
	if n := len(orphans(variable)); n < 2 {
		t.Fatalf("%d processes hold the variable, want the target and the one that left", n)
	}
	target.Stop()
	for deadline := time.Now().Add(5 * time.Second); len(orphans(variable)) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a process outlived its target")
		}
	}
}
