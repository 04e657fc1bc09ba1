package launch

import (
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/suite"
)

func TestEnvironmentIsClean(t *testing.T) {
	t.Setenv("INNGEST_SIGNING_KEY", "signkey-prod-ffff")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "mine")
	t.Setenv("NODE_OPTIONS", "--inspect")
	target := start(t, fake(t, "environment", Options{Seed: 1}))
	target.Stop() // now it has said everything
	said := target.process.output.String()
	var names []string
	for line := range strings.Lines(said) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		names = append(names, name)
		if value == "mine" || value == "signkey-prod-ffff" {
			t.Errorf("%s is this process's own", name)
		}
	}
	slices.Sort(names)
	want := "COUNTERSIGN_BEACON COUNTERSIGN_CANARY_SECRET HOME INNGEST_API_BASE_URL INNGEST_BASE_URL INNGEST_EVENT_API_BASE_URL INNGEST_EVENT_KEY INNGEST_SIGNING_KEY LANG LAUNCH_TEST_BEHAVIOUR PATH PORT TMPDIR"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("the variables are\n%s; want\n%s", got, want)
	}
}

func TestEnvironmentSpeaksTheTargetsLanguage(t *testing.T) {
	lab := &Lab{
		target: Description{
			Set:   map[string]string{"MODULES": "{cache}/{version}"},
			Env:   map[string][]string{"INNGEST_SERVE_ORIGIN": {"INNGEST_SERVE_HOST"}, "INNGEST_API_BASE_URL": {"INNGEST_API_BASE_URL", "API"}},
			Cloud: []CloudVariable{{Name: "INNGEST_DEV", Value: "0", Since: "3.15.0"}, {Name: "NODE_ENV", Value: "production", Before: "3.15.0"}},
		},
		cache: "/c", keys: drawKeys(1),
	}
	for name, test := range map[string]struct {
		version string
		setup   suite.Setup
		there   []string
		absent  []string
	}{
		"names":            {"3.15.0", suite.Setup{ServeOrigin: "https://x"}, []string{"INNGEST_SERVE_HOST=https://x", "API=http://o", "INNGEST_API_BASE_URL=http://o", "MODULES=/c/3.15.0"}, []string{"INNGEST_SERVE_ORIGIN"}},
		"cloud":            {"3.15.0", suite.Setup{}, []string{"INNGEST_DEV=0"}, []string{"NODE_ENV"}},
		"cloud before":     {"3.14.0", suite.Setup{}, []string{"NODE_ENV=production"}, []string{"INNGEST_DEV"}},
		"unstated":         {"3.15.0", suite.Setup{Mode: suite.Unstated}, nil, []string{"INNGEST_DEV", "NODE_ENV"}},
		"stated":           {"3.14.0", suite.Setup{Mode: suite.Dev("1")}, []string{"INNGEST_DEV=1"}, []string{"NODE_ENV"}},
		"the dev server":   {"3.15.0", suite.Setup{Mode: suite.DevHere}, []string{"INNGEST_DEV=http://o"}, nil},
		"no key":           {"3.15.0", suite.Setup{Key: suite.Absent}, nil, []string{"INNGEST_SIGNING_KEY", "INNGEST_SIGNING_KEY_FALLBACK"}},
		"an empty key":     {"3.15.0", suite.Setup{Key: suite.Empty}, []string{"INNGEST_SIGNING_KEY="}, nil},
		"what is set here": {"3.15.0", suite.Setup{}, []string{"HOME=/h", "TMPDIR=/h", "PORT=1", "COUNTERSIGN_BEACON=http://b", "COUNTERSIGN_CANARY_SECRET=" + lab.keys.Canary}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			lab.version = semver.MustParse(test.version)
			env := lab.environment(test.setup, surroundings{"/h", "1", "http://o", "http://b"})
			for _, want := range test.there {
				if !slices.Contains(env, want) {
					t.Errorf("%s is not there", want)
				}
			}
			for _, name := range test.absent {
				if slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") }) {
					t.Errorf("%s is set", name)
				}
			}
		})
	}
}
