package rotate

import (
	"os/exec"
	"testing"

	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// The last version without a fallback key, the first one with it, and a newer one.
func TestPublishedSDKs(t *testing.T) {
	longtest.Skip(t)
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: the real SDK is NOT drilled, because %s is not installed", program)
		}
	}
	for version, where := range map[string][]int{"3.17.0": {1}, "3.18.0": nil, "4.24.0": nil} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			r := drillOf(t, npm(t, version))
			code := page.ExitConforms
			if where != nil {
				code = page.ExitViolates
			}
			r.want(t, code, anything, where...)
			r.want(t, code, authentic, where...)
			t.Logf("%d requests; old key last accepted %s; %s", len(r.Requests), r.OldKey.relative(r.OldKey.LastAccepted), r.Conclusion.Why)
		})
	}
}

func npm(t *testing.T, version string) *launch.Lab {
	t.Helper()
	described, err := launch.Find("inngest-js")
	if err != nil {
		t.Fatal(err)
	}
	lab, err := launch.New(described, version, launch.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	return lab
}
