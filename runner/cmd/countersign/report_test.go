package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// TestReportsAreConverted: a report that was written as JSON gives the same files as
// the run itself, and the same page and exit code.
func TestReportsAreConverted(t *testing.T) {
	longtest.Skip(t)
	folder := t.TempDir()
	flags := func(name string) (args []string) {
		for format := range report.Formats {
			args = append(args, "--report", format+"="+filepath.Join(folder, name+"."+format))
		}
		return args
	}
	first := call(t, withKey(), append([]string{"run", "--quiet", "--rate", "0", "--url", serve(t, "half-compared"), "--accept-probe", "--case", "headers.s-one-off"}, flags("first")...)...)
	first.want(t, 1, "FAIL  headers.s-one-off")
	second := call(t, nil, append([]string{"report", filepath.Join(folder, "first.json")}, flags("second")...)...)
	second.want(t, 1)
	if first.out != second.out {
		t.Errorf("the pages differ:\n%s\n%s", first.out, second.out)
	}
	for format := range report.Formats {
		one, errOne := os.ReadFile(filepath.Join(folder, "first."+format))
		other, errOther := os.ReadFile(filepath.Join(folder, "second."+format))
		if errOne != nil || errOther != nil || string(one) != string(other) || len(one) == 0 {
			t.Errorf("%s differs: %v %v", format, errOne, errOther)
		}
	}
}

func TestReportHelpListsTheFormats(t *testing.T) {
	for format := range report.Formats {
		if !strings.Contains(call(t, nil, "report", "--help").out, format) {
			t.Errorf("the help of --report does not name %s", format)
		}
	}
}

func TestReportUsage(t *testing.T) {
	call(t, nil, "report").want(t, 2, "takes one JSON report", "hint: ")
	call(t, nil, "report", filepath.Join(t.TempDir(), "none.json")).want(t, 2, "cannot be read", "hint: ")
	call(t, nil, "report", file(t, "other.json", `{"schema": "urn:countersign:rotation:1"}`)).want(t, 2, "urn:countersign:rotation:1", "hint: ")
	call(t, nil, "report", file(t, "cut.json", `{"schema": "urn:coun`)).want(t, 2, "reading a report", "hint: ")
}
