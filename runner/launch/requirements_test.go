package launch

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

func TestRequirements(t *testing.T) {
	shell := func(script, minimum string) Program {
		return Program{Command: "sh", Args: []string{"-c", script}, Minimum: minimum}
	}
	for name, test := range map[string]struct {
		program Program
		found   string
		wrong   string
	}{
		"there":       {shell("echo v20.3.1-x", "20"), "20.3.1", ""},
		"any":         {shell("true", ""), "", ""},
		"coloured":    {shell(`printf '\033[32mv20.3.1\033[0m\n'`, "20"), "20.3.1", ""},
		"old, in red": {shell(`printf '\033[38;5;203mv18.1\033[0m\n'`, "20"), "18.1", "needs sh 20 or newer, but found 18.1"},
		"with a link": {shell(`printf '\033]8;;https://example.com/9.9\033\\v20.3.1\033]8;;\033\\\n'`, "20"), "20.3.1", ""},
		"a warning":   {shell("echo warning 1 >&2; echo 20.3.1", "20"), "20.3.1", ""},
		"as an error": {shell("echo version 20.3.1 >&2", "20"), "20.3.1", ""},
		"too old":     {shell("echo 18.1", "20"), "18.1", "needs sh 20 or newer, but found 18.1"},
		"no version":  {shell("echo hello", "20"), "", `needs sh 20 or newer, but sh printed no version: "hello"`},
		"fails":       {shell("echo broken; echo no library >&2; exit 1", ""), "", "needs sh, but sh does not run here: `sh -c echo broken; echo no library >&2; exit 1`: exit status 1: no library"},
		"not there":   {Program{Command: "countersign-no-such", Minimum: "20"}, "", "needs countersign-no-such 20 or newer, but countersign-no-such does not run here"},
	} {
		t.Run(name, func(t *testing.T) {
			for setup, command := range map[string][]string{"with a set-up": {"true"}, "without": nil} {
				lab := installable(t, t.TempDir(), "true")
				lab.target.Requires, lab.target.Setup = []Program{test.program}, command
				found, err := lab.Requirements(t.Context())
				if len(found) != 1 || found[0].Found != test.found || found[0].OK != (test.wrong == "") {
					t.Errorf("%s: found %+v", setup, found)
				}
				var wrong *page.Error
				if prepared := lab.Prepare(t.Context()); (err == nil) != (prepared == nil) || test.wrong == "" && err != nil ||
					test.wrong != "" && (!errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, test.wrong)) {
					t.Errorf("%s: %v; want %q", setup, err, test.wrong)
				}
			}
		})
	}
}

// A newer SDK may need a newer tool.
func TestRequirementsOfAVersion(t *testing.T) {
	d, err := read([]byte(plain+`requires:
  - {command: go, args: [version], minimum: "1.22", before: 1.5.0}
  - {command: go, args: [version], minimum: "1.25.9", since: 1.5.0}
  - {command: git}
`), "t.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string][]string{"1.4.9": {"go 1.22", "git "}, "1.5.0": {"go 1.25.9", "git "}} {
		var got []string
		for _, p := range d.requires(semver.MustParse(version)) {
			got = append(got, p.Command+" "+p.Minimum)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s requires %v, want %v", version, got, want)
		}
	}
}
