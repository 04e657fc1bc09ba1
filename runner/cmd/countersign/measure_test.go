package main

import (
	"path/filepath"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestWhatIsMeasured(t *testing.T) {
	longtest.Skip(t)
	path := filepath.Join(t.TempDir(), "report.json")
	call(t, nil, "run", "--verbose", "--quiet", "--report", "json="+path).want(t, 0, "Measurements (not scored)", "[-300, +60] s, within 1 s")
	if m := readReport(t, path).Measurements; m == nil || m.NotMeasured != "" || len(m.Windows) != 4 || len(m.Captured) == 0 {
		t.Errorf("%+v", m)
	}
	call(t, nil, "run", "--verbose", "--quiet", "--tier", "smoke").want(t, 0, "none: skipped in the smoke tier")
	call(t, withKey(), "run", "--verbose", "--quiet", "--rate", "0", "--accept-probe", "--url", serve(t, "")).want(t, 0, "none: only a target that the run starts itself is measured")
	call(t, nil, "run", "--case", "receiving.signed", "--report", "json="+path).want(t, 0)
	if m := readReport(t, path).Measurements; m != nil {
		t.Errorf("chosen cases are measured: %+v", m)
	}
}
