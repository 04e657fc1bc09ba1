package launch

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// registryLimit is for the listing of an SDK's published versions.
const registryLimit = 30 * time.Second

// The SDKs of other languages than that of the tests above: one version of each, as
// far as its tools are here. `make lab` judges more.
func TestPublishedSDKsOfOtherLanguages(t *testing.T) {
	for _, name := range []string{"inngest-go", "inngest-py"} {
		t.Run(name, func(t *testing.T) {
			judged := judge(t, sdk(t, name), tier(suite.Smoke))
			if judged.Void != "" {
				t.Error("void:", judged.Void)
			}
			for _, r := range judged.Results {
				if r.Verdict == engine.Inconclusive || r.Verdict == engine.Error {
					t.Errorf("%s: %s; observed %s; %s", r.Case.ID, r.Verdict, r.Observed, r.Note)
				}
			}
		})
	}
}

// sdk prepares the default version of an SDK. It skips loudly where a tool is
// missing, or where the version cannot be installed and the registry cannot even be
// asked for versions.
func sdk(t *testing.T, name string) *Lab {
	t.Helper()
	longtest.Skip(t)
	d, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	lab, err := New(d, "", Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	err = lab.Prepare(t.Context())
	var described *page.Error
	switch {
	case err == nil:
		return lab
	case errors.As(err, &described) && described.Code == page.ExitUsage:
		t.Skipf("SKIPPED: %s is NOT judged: %v", name, err)
	case !reachable(t.Context(), d):
		t.Skipf("SKIPPED: %s is NOT judged, because its registry cannot be reached", name)
	}
	t.Fatal(err)
	return nil
}

// reachable reports whether the registry of a target lists its versions.
func reachable(ctx context.Context, d Description) bool {
	limited, cancel := context.WithTimeout(ctx, registryLimit)
	defer cancel()
	listing := exec.CommandContext(limited, d.Published[0], d.Published[1:]...)
	listing.Dir = os.TempDir()
	return listing.Run() == nil
}
