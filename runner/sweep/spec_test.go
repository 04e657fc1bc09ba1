package sweep

import (
	"errors"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

// registered are the versions that a registry has, in the order in which it may list them.
func registered() []*semver.Version {
	return read(`["3.18.0", "3.16.0", "3.17.0", "3.18.0-beta.1", "3.19.10", "3.19.9", "4.0.0", "2.9.0", "3.17.0"]`)
}

func TestSpecs(t *testing.T) {
	for text, want := range map[string]string{
		"3.17.0":                "3.17.0",
		"3.18.0, 3.17.0,3.18.0": "3.17.0 3.18.0",
		"9.9.9":                 "9.9.9", // it is the installer's to say that there is none
		"3.17.0-rc.1":           "3.17.0-rc.1",
		"3.17.0..3.19.9":        "3.17.0 3.18.0 3.19.9",
		"3.16.5..3.18.5":        "3.17.0 3.18.0",
		"3.19.0..":              "3.19.9 3.19.10 4.0.0",
		"..3.16.0":              "2.9.0 3.16.0",
		"3.18.0..3.18.0":        "3.18.0",
		"~3.19":                 "3.19.9 3.19.10",
		"3.18":                  "3.18.0",
		">=3.17.0 <3.19.0":      "3.17.0 3.18.0",
		">=3.17.0, <3.18.0":     "3.17.0",
		"3.16.0 || 4.x":         "3.16.0 4.0.0",
	} {
		parsed, err := parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, v := range parsed.listed {
			got = append(got, v.String())
		}
		if parsed.listed == nil {
			got = sift(parsed, registered(), false, func(string) bool { return true }).versions
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q takes %v, want %s", text, got, want)
		}
	}
}

func TestInvalidSpecs(t *testing.T) {
	for text, hint := range map[string]string{
		"":                   "3.16.0..3.20.0",
		"..":                 "3.16.0..",
		"3.20.0..3.16.0":     "3.16.0..3.20.0?",
		"3.16.0-3.20.0":      "3.16.0..3.20.0?",
		"3.16..3.20":         "whole versions",
		"3.16.0...3.20.0":    "whole versions",
		"3.1.0..3.2.0,4.0.0": "whole versions",
		"latest":             "3.16.0..3.20.0",
		"3.16.0,latest":      "3.16.0..3.20.0",
	} {
		_, err := parse(text)
		var wrong *page.Error
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Hint, hint) {
			t.Errorf("%q: %v, hint %+v; want a hint of %q", text, err, wrong, hint)
		}
	}
}

func TestWhatIsExcludedIsCounted(t *testing.T) {
	text, err := parse("2.0.0..3.18.0")
	if err != nil {
		t.Fatal(err)
	}
	third := func(version string) bool { return strings.HasPrefix(version, "3.") }
	got := sift(text, registered(), false, third)
	if strings.Join(got.versions, " ") != "3.16.0 3.17.0 3.18.0" || got.excluded != (Excluded{PreReleases: 1, Unsupported: 1}) {
		t.Errorf("%+v", got)
	}
	got = sift(text, registered(), true, third)
	if strings.Join(got.versions, " ") != "3.16.0 3.17.0 3.18.0-beta.1 3.18.0" || got.excluded != (Excluded{Unsupported: 1}) {
		t.Errorf("with pre-releases: %+v", got)
	}
}

func TestPreReleasesInConstraints(t *testing.T) {
	text, err := parse("~3.18 || <3.0.0")
	if err != nil {
		t.Fatal(err)
	}
	all := func(string) bool { return true }
	if got := sift(text, registered(), false, all); strings.Join(got.versions, " ") != "2.9.0 3.18.0" {
		t.Errorf("%+v", got)
	}
}

func TestLimit(t *testing.T) {
	choice := choice{versions: []string{"1.0.0", "1.1.0", "1.2.0"}}
	if err := choice.limit(3); err != nil {
		t.Error(err)
	}
	var wrong *page.Error
	if err := choice.limit(2); !errors.As(err, &wrong) || !strings.Contains(wrong.Hint, "--max 3") || !strings.Contains(wrong.Hint, "--bisect") {
		t.Errorf("%+v", wrong)
	}
}

func TestRegistriesListVersionsInManyWays(t *testing.T) {
	for output, want := range map[string]string{
		`["1.0.0","1.1.0"]`: "1.0.0 1.1.0",
		`"1.0.0"`:           "1.0.0", // npm, where there is one version
		"example.com/module v1.1.0 v1.0.0 v1.1.0\n":                 "1.0.0 1.1.0",
		"sdk (0.5.0)\nAvailable versions: 0.5.0, 0.4.0rc1, 0.3.9\n": "0.3.9 0.5.0",
		"\x1b[32m1.1.0\x1b[0m, \x1b[32m1.0.0\x1b[39m\n":             "1.0.0 1.1.0",
		"no such package\n": "",
		"{}":                "",
	} {
		var got []string
		for _, v := range read(output) {
			got = append(got, v.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q lists %v, want %s", output, got, want)
		}
	}
}
