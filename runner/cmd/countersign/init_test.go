package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// What `init` writes runs, and gets verdicts: the published SDK of the language is
// judged, so whether it conforms is not ours to say.
func TestWhatInitWritesRuns(t *testing.T) {
	longtest.Skip(t)
	for language, tools := range map[string][]string{"node": {"node", "npm"}, "python": {"python3"}, "go": {"go"}} {
		t.Run(language, func(t *testing.T) {
			for _, tool := range tools {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("SKIPPED: the template for %s is NOT tested, because %s is not installed", language, tool)
				}
			}
			folder := filepath.Join(t.TempDir(), "init-test-"+language)
			call(t, nil, "init", "--language", language, folder).want(t, 0, "wrote "+filepath.Join(folder, "target.yaml"), "doctor --target "+folder)
			got := call(t, nil, "doctor", "--target", folder)
			got.want(t, 0, "ok      beacon", "ok      clean stop")
			report := filepath.Join(t.TempDir(), "r.json")
			if run := call(t, nil, "run", "--quiet", "--tier", "smoke", "--target", folder, "--report", "json="+report); run.code > 1 {
				t.Fatalf("exit code %d:\n%s%s", run.code, run.out, run.errors)
			}
			if r := readReport(t, report); r.Void || r.Summary[engine.Error]+r.Summary[engine.Inconclusive] > 0 || r.Judged < 8 {
				t.Errorf("void %v, judged %d, %v", r.Void, r.Judged, r.Summary)
			}
		})
	}
}

func TestUsageErrorsOfInit(t *testing.T) {
	folder := t.TempDir()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no folder":    {[]string{"--language", "go"}, "init takes one folder, not 0"},
		"no language":  {[]string{folder}, "init requires --language"},
		"other ones":   {[]string{"--language", "php", folder}, `there is no template for the language "php"`},
		"a file there": {[]string{"--language", "go", filepath.Dir(file(t, "target.yaml", "mine"))}, "target.yaml is there already"},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, nil, append([]string{"init"}, test.args...)...)
			got.want(t, 2, test.want, "hint: ")
			if strings.Contains(got.out, "wrote") {
				t.Errorf("something was written:\n%s", got.out)
			}
		})
	}
}
