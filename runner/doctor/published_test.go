package doctor_test

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/doctor"
	"github.com/countersign-dev/countersign/runner/launch"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// Every handler of a release that is small to install keeps the contract.
func TestVariantsOfThePublishedSDK(t *testing.T) {
	longtest.Skip(t)
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: the real SDK is NOT checked, because %s is not installed", program)
		}
	}
	const version = "3.35.1"
	d, err := launch.Find("inngest-js")
	if err != nil {
		t.Fatal(err)
	}
	for _, variant := range d.VariantNames() {
		if variant == "express-unparsed" { // not in this version
			continue
		}
		t.Run(variant, func(t *testing.T) { check(t, "inngest-js/"+variant+"@"+version) })
	}
}

// check wants a target without a failed step.
func check(t *testing.T, target string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	steps, err := doctor.Check(ctx, doctor.Options{Target: target, Seed: 1, Say: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if s.State == doctor.Failed || s.State == doctor.NotChecked {
			t.Errorf("%s %s: %s; %s\n%s", s.Name, s.State, s.Observed, s.Remedy, s.Output)
		}
	}
}
