package main

import (
	"path/filepath"
	"testing"
)

func TestWhatIsMeasured(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	call(t, nil, "run", "--quiet", "--report", "json="+path).want(t, 0, "Measured, never scored", "[-300, +60] s, within 1 s")
	if m := readReport(t, path).Measurements; m == nil || m.NotMeasured != "" || len(m.Windows) != 4 || len(m.Captured) == 0 {
		t.Errorf("%+v", m)
	}
	call(t, nil, "run", "--quiet", "--tier", "smoke").want(t, 0, "nothing: the smoke tier leaves it out")
	call(t, withKey(), "run", "--quiet", "--url", serve(t, "")).want(t, 0, "nothing: it takes a target that the run starts itself")
	call(t, nil, "run", "--case", "receiving.signed", "--report", "json="+path).want(t, 0)
	if m := readReport(t, path).Measurements; m != nil {
		t.Errorf("chosen cases are measured: %+v", m)
	}
}
