package launch

import (
	"os/exec"
	"slices"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// The reference and the cases share their authors. This endpoint was written
// from the documents alone, so a case that fails it is wrong, or ambiguous.
func TestSecondOpinionIsClean(t *testing.T) {
	longtest.Skip(t)
	d, err := Find("second-opinion")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath(d.Start[0]); err != nil {
		t.Skipf("SKIPPED: second-opinion is NOT judged, because %s is not installed", d.Start[0])
	}
	for _, profile := range []suite.Profile{suite.ProfileDefault, suite.ProfileSpec} {
		t.Run(string(profile), func(t *testing.T) {
			lab, err := New(d, "", Options{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer lab.Close()
			if err := lab.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			cases := slices.DeleteFunc(profile.Catalogue(), func(c suite.Case) bool {
				return slices.Contains(c.Needs, suite.Connect) || slices.Contains(c.Needs, suite.PlatformEnv) // it only serves, and knows INNGEST_ENV
			})
			wantAllGood(t, judge(t, lab, cases))
		})
	}
}
