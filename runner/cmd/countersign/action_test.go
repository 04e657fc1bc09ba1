package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
)

// asCountersign is the first argument with which this test binary is the program.
const asCountersign = "action-test-countersign"

func init() {
	if len(os.Args) > 1 && os.Args[1] == asCountersign {
		os.Exit(execute(context.Background(), append([]string{"countersign"}, os.Args[2:]...), os.Stdin, os.Stdout, os.Stderr, os.Getenv))
	}
}

// The script of the action exits as the run does, and writes the reports, the summary
// and the outputs.
func TestTheActionsScript(t *testing.T) {
	longtest.Skip(t)
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("SKIPPED: the action's script is NOT run, because bash is not installed")
	}
	script, err := filepath.Abs("../../../.github/actions/countersign/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := file(t, "countersign", "#!/bin/sh\nexec '"+self+"' "+asCountersign+` "$@"`+"\n")
	if err := os.Chmod(program, 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	right, broken := "INPUT_URL="+serve(t, ""), "INPUT_URL="+serve(t, "absence-is-enough")
	common := []string{"INPUT_SIGNING_KEY=" + key, "INPUT_TIER=smoke", "INPUT_ACCEPT_PROBE=true"}
	for name, test := range map[string]struct {
		set     []string
		code    int
		verdict string
		says    string
	}{
		"green":               {append(common, right), 0, "conforms", ""},
		"red":                 {append(common, broken), 1, "violates", ""},
		"too little":          {append(common, right, "INPUT_MIN_JUDGED=500"), 3, "could not judge", ""},
		"another key":         {append(common, right, "INPUT_SIGNING_KEY=signkey-test-ffeeddccbbaa99887766554433221100"), 4, "void", ""},
		"a mistyped tier":     {append(common, right, "INPUT_TIER=smok"), 2, "", "did you mean smoke?"},
		"nothing to judge":    {nil, 2, "", "give target or url"},
		"a shell command":     {[]string{"INPUT_TARGET=$(touch pwned); touch pwned"}, 2, "", "there is no target"},
		"neither true nor no": {append(common, right, "INPUT_ACCEPT_PROBE=yes"), 2, "", "is true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			outputs, summary := filepath.Join(folder, "outputs"), filepath.Join(folder, "summary")
			command := exec.CommandContext(t.Context(), "bash", script)
			command.Dir = folder
			command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "COUNTERSIGN=" + program, "GITHUB_OUTPUT=" + outputs, "GITHUB_STEP_SUMMARY=" + summary}, test.set...)
			printed, err := command.CombinedOutput()
			code := 0
			var exited *exec.ExitError
			if errors.As(err, &exited) {
				code = exited.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != test.code || !strings.Contains(string(printed), test.says) || strings.Contains(string(printed), key) {
				t.Errorf("exit code %d, want %d:\n%s", code, test.code, printed)
			}
			if test.verdict == "" {
				made, err := filepath.Glob(filepath.Join(folder, "countersign-reports", "*"))
				if _, pwned := os.Stat(filepath.Join(folder, "pwned")); err != nil || len(made) > 0 || pwned == nil {
					t.Errorf("something was made: %v, %v; a word that was given is run: %v", made, err, pwned == nil)
				}
				return
			}
			said, errOutputs := os.ReadFile(outputs)
			page, errSummary := os.ReadFile(summary)
			if errOutputs != nil || errSummary != nil || !strings.Contains(string(said), "verdict="+test.verdict+"\n") || !strings.Contains(string(page), test.verdict) {
				t.Errorf("%v %v: outputs %q, summary %.200q", errOutputs, errSummary, said, page)
			}
			for _, suffix := range []string{"json", "html", "sarif", "xml", "md"} {
				if there, err := os.Stat(filepath.Join(folder, "countersign-reports", "countersign."+suffix)); err != nil || there.Size() == 0 {
					t.Errorf("%s: %v", suffix, err)
				}
			}
		})
	}
}
