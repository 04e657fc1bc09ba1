package launch

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

const varied = plain + `set: {MODULES: x, HANDLER: none}
variants:
  - {name: server, since: 1.1.0, set: {HANDLER: server}}
  - name: express
    set: {HANDLER: express}
    capabilities: [{name: trust-probe, absent: true}, {name: in-band-sync, since: 1.2.0}]
`

func variantOf(t *testing.T, name, version string) (*Lab, error) {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, descriptionFile), varied)
	d, err := Find(filepath.Join(folder, name))
	if err != nil {
		return nil, err
	}
	return New(d, version, Options{Cache: t.TempDir()})
}

func TestVariants(t *testing.T) {
	for name, test := range map[string]struct {
		variant, version string
		full, handler    string
		claims           []suite.Capability
	}{
		"the first":             {"", "1.2.0", "mine/server@1.2.0", "server", []suite.Capability{suite.TrustProbe}},
		"the first that it has": {"", "1.0.0", "mine/express@1.0.0", "express", nil},
		"a chosen one":          {"express", "1.2.0", "mine/express@1.2.0", "express", []suite.Capability{suite.InBand}},
	} {
		t.Run(name, func(t *testing.T) {
			lab, err := variantOf(t, test.variant, test.version)
			if err != nil {
				t.Fatal(err)
			}
			if lab.Name() != test.full || lab.target.Set["HANDLER"] != test.handler || lab.target.Set["MODULES"] != "x" {
				t.Errorf("got %s, %v", lab.Name(), lab.target.Set)
			}
			if got := lab.target.claims(lab.version); !slices.Equal(got, test.claims) {
				t.Errorf("it claims %v, want %v", got, test.claims)
			}
		})
	}
	for name, test := range map[string]struct{ variant, version, want, hint string }{
		"unknown":               {"expres", "", `mine has no variant "expres"; it has server, express`, "did you mean express?"},
		"not in this version":   {"server", "1.0.0", "mine 1.0.0 has no variant server", "from 1.1.0 on"},
		"not in such a version": {"server", "1", `"1" is not a version`, "write it in full"},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong *page.Error
			if _, err := variantOf(t, test.variant, test.version); !errors.As(err, &wrong) || wrong.Code != page.ExitUsage ||
				!strings.Contains(wrong.Sentence, test.want) || !strings.Contains(wrong.Hint, test.hint) {
				t.Errorf("got %v; want %q, %q", err, test.want, test.hint)
			}
		})
	}
	d, err := read([]byte(varied), "t.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.resolve(nil); err != nil || again.variant != "server" || d.Set["HANDLER"] != "none" {
		t.Errorf("resolving a variant changes its target: %v, %v", d.Set, err)
	}
}

func TestVariantsAreReadStrictly(t *testing.T) {
	for name, test := range map[string]struct{ old, replacement, want string }{
		"bad name":               {"name: express", "name: Express", "the name of a variant must be"},
		"twice":                  {"name: express", "name: server", "there are two variants server"},
		"unknown key":            {"since: 1.1.0, ", "from: 1.1.0, ", `unknown field "from"`},
		"half a version":         {"since: 1.1.0, ", "since: 1.1, ", `"1.1" is not a whole version`},
		"bad variable":           {"{HANDLER: express}", "{HAND-LER: express}", `"HAND-LER" is not the name`},
		"unknown capability":     {"in-band-sync", "in-band", `there is no capability "in-band"`},
		"absent since":           {"absent: true", "absent: true, since: 1.0.0", "trust-probe is absent"},
		"absent without variant": {"since: 1.2.0}\nset", "absent: true}\nset", "only a variant can lack"},
		"none by default":        {"  - name: express", "  - since: 1.9.0\n    name: express", "has none of the variants"},
		"no variants":            {"variants:", "cloud:", ""},
		"cache without a set-up": {"{MODULES: x,", `{MODULES: "{cache}",`, "{cache} needs a setup"},
		"too long a limit":       {"variants:", "limits: {start: 2h}\nvariants:", "must be between 1ms and 1h0m0s"},
		"a limit without a unit": {"variants:", "limits: {start: 20}\nvariants:", ""},
		"adding to nothing":      {"set: {HANDLER: express}", "setupAdds: [x]", "setupAdds needs a setup"},
		"reading outside":        {"variants:", "setup: [x]\nsetupReads: [../x]\nvariants:", `"../x" must be a path in the app's folder`},
		"reading without set-up": {"variants:", "setupReads: []\nvariants:", "setupReads needs a setup"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(varied, test.old, test.replacement, 1)
			if name == "none by default" {
				text = strings.Replace(text, "since: 1.1.0, ", "since: 1.9.0, ", 1)
			}
			_, err := read([]byte(text), "t.yaml")
			var wrong *page.Error
			if !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, test.want) {
				t.Errorf("got %v; want %s", err, test.want)
			}
		})
	}
	d, err := read([]byte(varied+"limits: {setup: 10m, start: 45s}\nsetup: [x]\nsetupReads: []\n"), "t.yaml")
	if err != nil || d.Limits != (Limits{10 * 60e9, 45e9}) || d.SetupReads == nil || len(*d.SetupReads) != 0 {
		t.Errorf("got %+v, %v, %v", d.Limits, d.SetupReads, err)
	}
}

// A flag goes before the target's own limit, and that before the default one.
func TestLimits(t *testing.T) {
	for name, test := range map[string]struct{ flag, own, want time.Duration }{
		"default": {0, 0, limits.Start}, "own": {0, time.Minute, time.Minute}, "flag": {time.Second, time.Minute, time.Second},
	} {
		d := Description{Name: "mine", Limits: Limits{Start: test.own, Setup: test.own}}
		lab, err := New(d, "", Options{Cache: t.TempDir(), StartLimit: test.flag})
		if err != nil || lab.options.StartLimit != test.want {
			t.Errorf("%s: %s, %v; want %s", name, lab.options.StartLimit, err, test.want)
		}
	}
}
