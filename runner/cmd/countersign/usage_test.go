package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
)

func TestUsageErrors(t *testing.T) {
	folder := t.TempDir()
	bad := filepath.Join(folder, "target.yaml")
	if err := os.WriteFile(bad, []byte("name: mine\ntitel: wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args  []string
		words []string
	}{
		"an unknown flag":           {[]string{"run", "--sede", "1"}, []string{"--sede", "did you mean --seed?"}},
		"an unknown command":        {[]string{"rnu"}, []string{`"rnu"`, "did you mean run?"}},
		"an argument of run":        {[]string{"run", "inngest-js"}, []string{"--target inngest-js"}},
		"an unknown target":         {[]string{"run", "--target", "inngest-j"}, []string{"did you mean inngest-js?"}},
		"a version that is none":    {[]string{"run", "--target", "inngest-js@latest"}, []string{`"latest"`}},
		"a target without a file":   {[]string{"run", "--target", "./nowhere"}, []string{"nowhere"}},
		"a description gone wrong":  {[]string{"run", "--target", folder}, []string{"target.yaml:2:1", "titel"}},
		"target and url":            {[]string{"run", "--target", "inngest-js", "--url", "http://127.0.0.1:1/"}, []string{"mutually exclusive"}},
		"attach flags alone":        {[]string{"run", "--allow-sync"}, []string{"--url"}},
		"a rate without a URL":      {[]string{"run", "--rate", "5"}, []string{"--rate require --url"}},
		"a rate below nothing":      {[]string{"run", "--url", "http://127.0.0.1:1/", "--rate", "-1"}, []string{"--rate"}},
		"a function without a URL":  {[]string{"run", "--function", "a-b"}, []string{"--function and --accept-probe require --url"}},
		"a probe without a URL":     {[]string{"run", "--accept-probe"}, []string{"--function and --accept-probe require --url"}},
		"a URL that is empty":       {[]string{"run", "--url", ""}, []string{"--url is empty"}},
		"a target that is empty":    {[]string{"run", "--target="}, []string{"--target is empty"}},
		"an empty drill":            {[]string{"rotate", "--target", ""}, []string{"--target is empty"}},
		"a version that is empty":   {[]string{"run", "--target", "inngest-js@"}, []string{"no version after its @"}},
		"no such variant":           {[]string{"run", "--target", "second-opinion/flask"}, []string{"second-opinion has no variants"}},
		"no time for the start":     {[]string{"run", "--target", "inngest-js", "--start-limit", "0s"}, []string{"--start-limit: a limit must be"}},
		"too much for the set-up":   {[]string{"rotate", "--target", "inngest-js", "--setup-limit", "5h"}, []string{"--setup-limit: a limit must be"}},
		"limits of an endpoint":     {[]string{"run", "--url", "http://127.0.0.1:1/", "--start-limit", "5s"}, []string{"--setup-limit and --start-limit require --target"}},
		"clean no target":           {[]string{"targets", "clean", "inngest-jss"}, []string{"did you mean inngest-js?"}},
		"clean no name":             {[]string{"targets", "clean", "@1.0.0"}, []string{"names no target"}},
		"a pattern without a match": {[]string{"run", "--case", "receiving.expird"}, []string{"did you mean receiving.expired?"}},
		"a pattern gone wrong":      {[]string{"run", "--case", "[a"}, []string{"[a"}},
		"an unknown tier":           {[]string{"run", "--tier", "all"}, []string{"smoke, default, deep"}},
		"an unknown format":         {[]string{"run", "--report", "xml=r.xml"}, []string{"json"}},
		"a report without a file":   {[]string{"run", "--report", "json"}, []string{"json=FILE"}},
		"a report into nowhere":     {[]string{"run", "--report", "json=" + filepath.Join(folder, "no", "r.json")}, []string{"no folder"}},
		"a report onto a folder":    {[]string{"run", "--report", "json=" + folder}, []string{"is a folder"}},
		"two reports in one file":   {[]string{"run", "--report", "json=-", "--report", "json=-"}, []string{"two reports"}},
		"no jobs at all":            {[]string{"run", "--jobs", "0"}, []string{"--jobs must be at least 1, not 0"}},
		"a seed that is no number":  {[]string{"run", "--seed", "x"}, []string{"--seed"}},
		"no key":                    {[]string{"run", "--url", "http://127.0.0.1:1/"}, []string{"INNGEST_SIGNING_KEY"}},
		"a key file that is absent": {[]string{"run", "--url", "http://127.0.0.1:1/", "--key-file", filepath.Join(folder, "keys")}, []string{"cannot be read"}},
		"an address elsewhere":      {[]string{"run", "--url", "http://192.0.2.1/", "--key-file", file(t, "keys", key)}, []string{"--allow-remote"}},
		"no baseline there":         {[]string{"run", "--baseline", filepath.Join(folder, "known.yaml")}, []string{"cannot be read"}},
		"explain nothing":           {[]string{"explain"}, []string{"countersign list"}},
		"explain what is not there": {[]string{"explain", "receiving.expird"}, []string{"did you mean receiving.expired?"}},
		"list another tier":         {[]string{"list", "--tier", "all"}, []string{"smoke, default, deep"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, nil, test.args...)
			got.want(t, 2, append(test.words, "countersign: ", "hint: ")...)
			if got.out != "" {
				t.Errorf("something is on standard output: %s", got.out)
			}
			if lines := strings.Count(got.errors, "\n"); lines > 3 {
				t.Errorf("%d lines for one sentence and a hint", lines)
			}
		})
	}
}

func TestInterruptedRunsLeaveNothing(t *testing.T) {
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := callIn(t, ctx, nil, "run", "--report", "json="+filepath.Join(folder, "r.json"))
	got.want(t, 3, "interrupted")
	if got.out != "" {
		t.Error("a partial summary is printed")
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) > 0 {
		t.Errorf("something is left: %v %v", files, err)
	}
}

func TestReportsReplaceWholeFiles(t *testing.T) {
	longtest.Skip(t)
	path := file(t, "r.json", "old")
	call(t, nil, "run", "--case", "receiving.signed", "--report", "json="+path).want(t, 0)
	if r := readReport(t, path); r.Total != 5 {
		t.Errorf("%d cases", r.Total)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("drafts are left: %v %v", files, err)
	}
}

func TestReportsToDevices(t *testing.T) {
	call(t, nil, "run", "--case", "receiving.signed", "--report", "json="+os.DevNull).want(t, 0)
	if there, err := os.Stat(os.DevNull); err != nil || there.Mode().IsRegular() {
		t.Errorf("%s was replaced by a file", os.DevNull)
	}
}

func TestStandardOutputIsTheReportsAlone(t *testing.T) {
	longtest.Skip(t)
	got := call(t, nil, "run", "--case", "receiving.signed", "--report", "json=-")
	if !json.Valid([]byte(got.out)) || !strings.Contains(got.errors, "CONFORMS") {
		t.Errorf("standard output: %s\nstandard error: %s", got.out, got.errors)
	}
}

func TestQuietHidesProgress(t *testing.T) {
	if got := call(t, nil, "run", "--tier", "smoke", "--quiet"); got.errors != "" || got.out == "" {
		t.Errorf("progress: %q, summary: %d bytes", got.errors, len(got.out))
	}
	if got := call(t, nil, "run", "--tier", "smoke"); !strings.Contains(got.errors, "cloud mode") {
		t.Errorf("progress: %q", got.errors)
	}
}

func TestHelpBeginsWithExamples(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"run", "--help"}, {"explain", "--help"}} {
		got := call(t, nil, args...)
		got.want(t, 0)
		if examples, usage := strings.Index(got.out, "Examples:"), strings.Index(got.out, "Usage:"); examples < 0 || usage < examples {
			t.Errorf("%v: examples at %d, usage at %d", args, examples, usage)
		}
	}
}

func TestList(t *testing.T) {
	longtest.Skip(t)
	var all, smoke []listed
	if err := json.Unmarshal([]byte(call(t, nil, "list", "--json").out), &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(call(t, nil, "list", "--json", "--tier", "smoke").out), &smoke); err != nil {
		t.Fatal(err)
	}
	if len(all) != len(suite.Catalogue()) || len(smoke) == 0 || len(smoke) >= len(all) {
		t.Errorf("%d cases, %d in smoke, %d in the catalogue", len(all), len(smoke), len(suite.Catalogue()))
	}
	call(t, nil, "list").want(t, 0, "receiving.unsigned", "SPEC 4.1.3(3)", "MUST", "forgery", "ATTACKER", "anyone", "observer", "a call without a signature is refused", "default, destructive")
	for _, c := range all {
		found, err := suite.Find(c.ID)
		if err != nil || c.Tier != found.Tier.String() || c.Destructive != found.Destructive || c.Attacker != found.By {
			t.Errorf("%s is listed as %s, destructive %v, attacker %q: %v", c.ID, c.Tier, c.Destructive, c.Attacker, err)
		}
	}
}

func TestExplainEveryCase(t *testing.T) {
	longtest.Skip(t)
	for _, c := range suite.Catalogue() {
		call(t, nil, "explain", c.ID).want(t, 0, c.ID, c.Clause.String(), c.Source, string(c.Level), "countersign run --case "+c.ID, c.Tier.String()+": included")
	}
}

func TestExplainSaysWhatIsDestructiveAndWhoCanSendIt(t *testing.T) {
	longtest.Skip(t)
	for _, c := range suite.Catalogue() {
		destructive, attacker := "destructive  no", "attacker     "+string(c.By)+"\n"
		if c.Destructive {
			destructive = "destructive  yes"
		}
		if c.By == "" {
			attacker = "attacker     none: "
		}
		for _, line := range []string{destructive, attacker} {
			if got := call(t, nil, "explain", c.ID); !strings.Contains(got.out, line) {
				t.Errorf("%s: %q is missing:\n%s", c.ID, line, got.out)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	before := version
	defer func() { version = before }()
	for stamped, want := range map[string]string{"": `\S+`, "v1.2.3-4-g0123456789ab": `v1\.2\.3-4-g0123456789ab`} {
		version = stamped
		for _, arg := range []string{"version", "--version"} {
			got := call(t, nil, arg)
			if got.code != 0 || got.errors != "" || !regexp.MustCompile("^countersign "+want+`, go1\S+ \w+/\w+\n$`).MatchString(got.out) {
				t.Errorf("%s with %q stamped: exit code %d, %q %q", arg, stamped, got.code, got.out, got.errors)
			}
		}
	}
}

func TestSmallCommands(t *testing.T) {
	call(t, nil, "targets").want(t, 0, "inngest-js", "INSTALLED")
	got := call(t, nil, "doctor")
	if lacking := strings.Contains(got.out, missing); lacking != (got.code == 3) {
		t.Errorf("something is missing: %v, exit code %d", lacking, got.code)
	}
	got.want(t, got.code, "node", "npm", "inngest-js", "go1.")
}

// An endpoint that is not there is no misuse: nothing could be judged.
func TestAnEndpointThatIsNotThere(t *testing.T) {
	keys := file(t, "keys", key)
	for _, command := range []string{"run", "fuzz"} {
		call(t, nil, command, "--quiet", "--url", "http://127.0.0.1:1/", "--key-file", keys).want(t, 3, "does not respond", "hint: ")
	}
}

// A report that cannot be written loses neither the others nor the page.
func TestAReportThatCannotBeWrittenLosesNothingElse(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("SKIPPED: there is no /dev/full")
	}
	kept := filepath.Join(t.TempDir(), "r.xml")
	got := call(t, nil, "run", "--tier", "smoke", "--report", "json=/dev/full", "--report", "junit="+kept)
	got.want(t, 3, "no space left", "the result itself is: conforms", "CONFORMS")
	if text, err := os.ReadFile(kept); err != nil || !strings.Contains(string(text), "</testsuites>") {
		t.Errorf("%v: %.80s", err, text)
	}
}
