package launch

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

const plain = `name: mine
title: Mine
start: [./run, "{app}"]
path: /api/inngest
defaultVersion: 1.2.3
versions: ">=1.0.0 <2.0.0"
cloud:
  - {name: NODE_ENV, value: production, before: 1.1.0}
capabilities:
  - {name: trust-probe, since: 1.2.0}
`

func TestDescriptionsAreReadStrictly(t *testing.T) {
	if _, err := read([]byte(plain), "t.yaml"); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ old, replacement, want string }{
		"unknown key":        {"title: Mine", "title: Mine\ncolour: red", `t.yaml:3:1: unknown field "colour"`},
		"unknown inner key":  {"since: 1.2.0", "until: 1.2.0", `t.yaml:10:25: unknown field "until"`},
		"key twice":          {"title: Mine", "title: Mine\ntitle: Yours", "t.yaml:3:1: mapping key"},
		"wrong type":         {"start: [./run, \"{app}\"]", "start: ./run", "t.yaml:3:8: string was used where sequence is expected"},
		"not YAML":           {"title: Mine", "title: 'Mine", "t.yaml:2:"},
		"two documents":      {"path:", "---\npath:", "there is more than one document"},
		"bad name":           {"name: mine", "name: My SDK", "t.yaml:1:7: name must be"},
		"no title":           {"title: Mine\n", "", "title is missing"},
		"no start":           {"start: [./run, \"{app}\"]\n", "", "start is missing"},
		"relative path":      {"path: /api/inngest", "path: api", "t.yaml:4:7: path must be"},
		"unknown capability": {"trust-probe", "trust", `t.yaml:10:12: there is no capability "trust"; did you mean trust-probe? There are trust-probe`},
		"half a version":     {"since: 1.2.0", "since: 1.2", `t.yaml:10:32: "1.2" is not a whole version`},
		"bad range":          {`">=1.0.0 <2.0.0"`, `"newest"`, `t.yaml:6:11: "newest" is not a range`},
		"default outside":    {"defaultVersion: 1.2.3", "defaultVersion: 3.0.0", "t.yaml:5:17: the default is not"},
		"unknown place":      {"{app}", "{home}", `t.yaml:3:16: there is no placeholder "{home}"; there are {version}, {variant}, {cache}, {app}`},
		"bad variable":       {"NODE_ENV", "NODE-ENV", `t.yaml:8:12: "NODE-ENV" is not the name`},
		"foreign variable":   {"cloud:", "env: {PORT: [P]}\ncloud:", "PORT is not a variable of the specification"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(plain, test.old, test.replacement, 1)
			_, err := read([]byte(text), "t.yaml")
			var wrong *page.Error
			if !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, test.want) {
				t.Errorf("got %v; want %s", err, test.want)
			}
		})
	}
	if _, err := read(nil, "t.yaml"); err == nil || !strings.Contains(err.Error(), "t.yaml is empty") {
		t.Errorf("an empty file: %v", err)
	}
}

func TestVersionsAreChosen(t *testing.T) {
	d, err := read([]byte(plain), "t.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for requested, want := range map[string]string{"": "1.2.3", "1.0.0": "1.0.0", "1.9.0-beta.1": "1.9.0-beta.1"} {
		got, err := d.version(requested)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %v, %v; want %s", requested, got, err, want)
		}
	}
	for _, requested := range []string{"2.0.0", "0.9.9", "1.2", "v1.2.3", "latest", "../1.2.3"} {
		var wrong *page.Error
		if got, err := d.version(requested); !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || wrong.Hint == "" {
			t.Errorf("%q: got %v, %v; want a usage error with a hint", requested, got, err)
		}
	}
	for version, want := range map[string][]suite.Capability{"1.1.9": nil, "1.2.0": {suite.TrustProbe}} {
		chosen, _ := d.version(version)
		if got := d.claims(chosen); !slices.Equal(got, want) {
			t.Errorf("%s claims %v, want %v", version, got, want)
		}
	}
}

func TestTargetsAreFound(t *testing.T) {
	if len(Builtin()) == 0 {
		t.Error("there is no built-in target")
	}
	d, err := Find("inngest-js")
	if err != nil || d.DefaultVersion == "" || d.Package != "inngest" {
		t.Errorf("inngest-js: %+v, %v", d, err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, descriptionFile), []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{folder, filepath.Join(folder, descriptionFile)} {
		if d, err := Find(name); err != nil || d.Name != "mine" || d.folder != folder {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for name, hint := range map[string]string{
		"inngest-jss": "did you mean inngest-js?", "ingest-js": "did you mean inngest-js?", "inngest-j": "did you mean inngest-js?",
		"rust": "a target of your own", "./nothing-here": "a target is a folder",
	} {
		var wrong *page.Error
		if _, err := Find(name); !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Hint, hint) {
			t.Errorf("%s: %v; want the hint %q", name, err, hint)
		}
	}
}

func TestKeysAreRead(t *testing.T) {
	const a, b = "signkey-test-aaaaaaaa", "bbbbbbbb"
	file := filepath.Join(t.TempDir(), "keys")
	for name, test := range map[string]struct {
		text, primary, fallback, wrong string
	}{
		"one line":      {a + "\n", a, "", ""},
		"two lines":     {"# mine\r\n" + a + "\r\n\r\n " + b + "\r\n", a, b, ""},
		"an env file":   {"OTHER=1\nexport INNGEST_SIGNING_KEY='" + a + "'\nINNGEST_SIGNING_KEY_FALLBACK = \"" + b + "\"\n", a, b, ""},
		"no key":        {"\n", "", "", "there is no signing key in"},
		"only fallback": {"INNGEST_SIGNING_KEY_FALLBACK=" + b, "", "", "there is no signing key in"},
		"byte order":    {"\ufeffINNGEST_SIGNING_KEY=" + a + "\r\n", a, "", ""},
		"the same":      {a + "\n" + a, a, "", ""},
		"no key named":  {"KEY=" + a, "", "", "there is no signing key in"},
		"too short":     {"signkey-test-abcd", "", "", "fewer than 8 hexadecimal digits"},
		"short second":  {a + "\nabcdef", "", "", "the fallback key has fewer"},
		"not a key":     {"signkey-test-secret!", "", "", "the primary key"},
		"bad fallback":  {a + "\nsecret!", "", "", "the fallback key"},
		"far too long":  {strings.Repeat("#\n", limits.KeyFile), "", "", "is longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			keys, err := ReadKeys(func(string) string { return "cccc" }, file)
			if test.wrong != "" {
				var wrong *page.Error
				if !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, test.wrong) || strings.Contains(wrong.Sentence, "secret!") {
					t.Errorf("got %v; want %q", err, test.wrong)
				}
				return
			}
			if err != nil || keys.Primary.Text() != test.primary || keys.Fallback.Text() != test.fallback {
				t.Errorf("got %q, %q, %v", keys.Primary.Text(), keys.Fallback.Text(), err)
			}
		})
	}
	env := map[string]string{"INNGEST_SIGNING_KEY": a, "INNGEST_SIGNING_KEY_FALLBACK": ""}
	if keys, err := ReadKeys(func(name string) string { return env[name] }, ""); err != nil || keys.Primary.Text() != a || !keys.Fallback.IsZero() {
		t.Errorf("from the environment: %v, %v", keys, err)
	}
	for _, missing := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		var wrong *page.Error
		if _, err := ReadKeys(os.Getenv, missing); !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, "cannot be read") {
			t.Errorf("%s: %v", missing, err)
		}
	}
}
