package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/sweep"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// With one of these words as its first argument this test binary is a part of
// the fake target, whose releases differ as those of an SDK do.
const (
	asRegistry  = "sweep-test-registry"
	asInstaller = "sweep-test-installer"
	asApp       = "sweep-test-app"
)

func init() {
	part := map[string]func([]string) error{asRegistry: fakeRegistry, asInstaller: fakeInstaller, asApp: fakeApp}
	if len(os.Args) < 2 || part[os.Args[1]] == nil {
		return
	}
	if err := part[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func fakeRegistry([]string) error {
	_, err := fmt.Println(`["1.0.0", "1.1.0", "1.2.0-beta.1", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "2.0.0"]`)
	return err
}

func fakeInstaller(args []string) error {
	version, folder := args[0], args[1]
	if version == "1.4.0" || version == "1.1.7" { // of which the first is in the registry all the same
		return errors.New(version + " was withdrawn")
	}
	return os.WriteFile(filepath.Join(folder, "installed"), []byte(version), 0o600)
}

// fakeApp knows the fallback key from 1.2.0 on, forgets to verify in 1.3.0,
// responds with 418 to everything in 1.5.0 and does not start in 1.6.0.
func fakeApp(args []string) error {
	version := args[0]
	getenv := os.Getenv
	if version < "1.2" {
		getenv = func(name string) string {
			if name == reference.EnvFallback {
				return ""
			}
			return os.Getenv(name)
		}
	}
	endpoint := inprocess.Reference(getenv)
	var handler http.Handler = endpoint
	switch version {
	case "1.3.0":
		endpoint.Policy = func(*http.Request, []byte, reference.Mode) reference.VerificationPolicy { return reference.Ignored }
	case "1.6.0":
		return errors.New("no such module")
	case "1.5.0":
		handler = always(http.StatusTeapot)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		return err
	}
	return http.Serve(listener, named{handler, "fake:v" + version})
}

// named says which SDK and version it is.
type named struct {
	http.Handler
	sdk string
}

func (n named) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.Handler.ServeHTTP(namedWriter{w, n.sdk}, r)
}

type namedWriter struct {
	http.ResponseWriter
	sdk string
}

func (w namedWriter) WriteHeader(status int) {
	w.Header().Set(reference.HeaderSDK, w.sdk)
	w.ResponseWriter.WriteHeader(status)
}

// fakeTarget is the folder of the fake target; the cache and the folder for
// temporary files are the test's own.
func fakeTarget(t *testing.T) (folder, cache, temporary string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	description := fmt.Sprintf(`
name: fake
title: a fake
defaultVersion: 1.2.0
versions: ">=1.0.0 <2.0.0"
published: [%q, %s]
setup: [%q, %s, "{version}", "{cache}"]
start: [%q, %s, "{version}"]
path: /api/inngest
`, self, asRegistry, self, asInstaller, self, asApp)
	folder = filepath.Dir(file(t, "target.yaml", description))
	cache, temporary = t.TempDir(), t.TempDir()
	t.Setenv("COUNTERSIGN_CACHE", cache)
	t.Setenv("TMPDIR", temporary)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // its parts end at once, under the race detector, too
	return folder, cache, temporary
}

// A version that was never published is a usage error; one that cannot be installed is
// none.
func TestVersionsThatWereNeverPublished(t *testing.T) {
	folder, _, _ := fakeTarget(t)
	for _, command := range []string{"run", "rotate", "fuzz"} {
		args := []string{command, "--quiet", "--target"}
		call(t, nil, append(args, folder+"@1.1.7")...).want(t, 2, "fake 1.1.7 was never published", "did you mean 1.1.0? The newest are 1.5.0, 1.4.0, 1.3.0, 1.2.0, 1.2.0-beta.1")
		call(t, nil, append(args, folder+"@1.4.0")...).want(t, 3, "1.4.0 was withdrawn", "`countersign doctor`")
	}
}

func readSweep(t *testing.T, path string) sweep.Sweep {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.NewCompiler().Compile("../../sweep/sweep.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Error(err)
	}
	var s sweep.Sweep
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// wantFinding compares what was found of a case.
func wantFinding(t *testing.T, s sweep.Sweep, id, want string) {
	t.Helper()
	for _, c := range s.Cases {
		if c.ID == id {
			if c.Finding.Text != want {
				t.Errorf("%s: %q, want %q", id, c.Finding.Text, want)
			}
			return
		}
	}
	t.Errorf("%s was not judged", id)
}

func left(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(path string) bool { // it is kept, for the ports of all runs
		return filepath.Base(path) == "countersign-ports"
	})
}

func TestSweepOverAFakeTarget(t *testing.T) {
	longtest.Skip(t)
	folder, cache, temporary := fakeTarget(t)
	path := filepath.Join(t.TempDir(), "sweep.json")
	got := call(t, nil, "sweep", "--target", folder, "--versions", "1.1.0..1.4.9", "--case", "keys.fallback-accepted", "--report", "json="+path)
	got.want(t, 3, "Passes from 1.2.0 on", "Not installed", "1.4.0 was withdrawn", "[4/4] fake@1.4.0: not installed", "COULD NOT JUDGE", "1 pre-release")
	s := readSweep(t, path)
	wantFinding(t, s, "keys.fallback-accepted", "passes from 1.2.0 on; unknown in 1.4.0")
	wantFinding(t, s, "receiving.unsigned", "passes up to 1.2.0, fails from 1.3.0 on; unknown in 1.4.0")
	if versions := left(t, filepath.Join(cache, "fake", "[0-9]*")); len(versions) > 0 {
		t.Errorf("left in the cache: %v", versions)
	}
	if files := left(t, filepath.Join(temporary, "countersign-*")); len(files) > 0 {
		t.Errorf("left among temporary files: %v", files)
	}
}

func TestSweepsKeepWhatTheyAreToldTo(t *testing.T) {
	longtest.Skip(t)
	folder, cache, _ := fakeTarget(t)
	call(t, nil, "sweep", "--target", folder, "--versions", "1.2.0", "--case", "receiving.signed", "--keep").want(t, 0, "JUDGED")
	got := call(t, nil, "sweep", "--target", folder, "--versions", "1.2.0", "--case", "receiving.signed", "--quiet", "--report", "csv=-")
	got.want(t, 0, "JUDGED")
	if !strings.HasPrefix(got.out, "case,level,1.2.0,finding\n") || strings.Contains(got.out, "JUDGED") || strings.Contains(got.errors, "[1/1]") {
		t.Errorf("standard output:\n%s\nstandard error:\n%s", got.out, got.errors)
	}
	if versions := left(t, filepath.Join(cache, "fake", "[0-9]*-*[0-9a-f]")); len(versions) != 1 || !strings.HasPrefix(filepath.Base(versions[0]), "1.2.0-") {
		t.Errorf("in the cache: %v", versions)
	}
	call(t, nil, "targets", "clean", folder+"@1.1.0").want(t, 0, "fake 1.1.0 is not installed; there are 1.2.0")
	call(t, nil, "targets", "clean", folder+"@1.2.0").want(t, 0, "1 MB", "fake/1.2.0-", "removed")
	call(t, nil, "targets", "clean").want(t, 0, "nothing is installed")
}

func TestSweepsBisect(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	got := call(t, nil, "sweep", "--target", folder, "--versions", ">=1.2.0-beta.1 <1.3.0", "--pre", "--bisect", "--case", "receiving.signed")
	got.want(t, 0, "[2] fake@1.2.0: ", "Always passes", "assumes that nothing changes")
}

func TestAVersionInWhichNothingRunsIsVoid(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	call(t, nil, "sweep", "--target", folder, "--versions", "1.4.0,1.5.0", "--case", "receiving.signed").want(t, 4, "VOID", "1.5.0: no valid request", "observed: status 418", "likely cause")
}

func TestAVersionThatDoesNotStartIsNotJudged(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	call(t, nil, "sweep", "--target", folder, "--versions", "1.2.0,1.6.0", "--case", "receiving.signed").
		want(t, 3, "1.6.0: starting the target: it exited with status 1", "no such module", "COULD NOT JUDGE")
}

func TestInterruptedSweepsWriteNothing(t *testing.T) {
	folder, _, _ := fakeTarget(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := callIn(t, ctx, nil, "sweep", "--target", folder, "--versions", "1.1.0,1.2.0")
	got.want(t, 3, "interrupted")
	if got.out != "" {
		t.Errorf("a partial table is printed:\n%s", got.out)
	}
}

func TestUsageErrorsOfSweep(t *testing.T) {
	longtest.Skip(t)
	folder, _, _ := fakeTarget(t)
	for name, test := range map[string]struct {
		args  []string
		words []string
	}{
		"no target":               {[]string{"--versions", "1.0.0"}, []string{"--target"}},
		"no versions":             {[]string{"--target", folder}, []string{"--versions"}},
		"a version in the target": {[]string{"--target", "inngest-js@3.18.0", "--versions", "3.18.0"}, []string{"--target inngest-js --versions 3.18.0"}},
		"an unknown target":       {[]string{"--target", "inngest", "--versions", "3.18.0"}, []string{"inngest-js"}},
		"a range gone wrong":      {[]string{"--target", folder, "--versions", "1.2.0..1.0.0"}, []string{"1.0.0..1.2.0?"}},
		"nothing in the range":    {[]string{"--target", folder, "--versions", "1.6.0..1.9.0"}, []string{"from 1.0.0 to 2.0.0"}},
		"only pre-releases":       {[]string{"--target", folder, "--versions", "1.1.1..1.1.9 || 1.2.0-beta.1"}, []string{"not a version"}},
		"an unsupported version":  {[]string{"--target", folder, "--versions", "2.0.0"}, []string{"not supported"}},
		"an unsupported range":    {[]string{"--target", folder, "--versions", "2.0.0.."}, []string{"not supported"}},
		"too many versions":       {[]string{"--target", folder, "--versions", "1.0.0..1.5.0", "--max", "3"}, []string{"--max 6", "--bisect"}},
		"no time":                 {[]string{"--target", folder, "--versions", "1.0.0", "--timeout", "0s"}, []string{"--timeout"}},
		"no case":                 {[]string{"--target", folder, "--versions", "1.0.0", "--case", "receiving.expird"}, []string{"receiving.expired?"}},
		"an unknown tier":         {[]string{"--target", folder, "--versions", "1.0.0", "--tier", "all"}, []string{"smoke, default, deep"}},
		"an unknown format":       {[]string{"--target", folder, "--versions", "1.0.0", "--report", "xml=a"}, []string{"csv, json"}},
		"a report without a file": {[]string{"--target", folder, "--versions", "1.0.0", "--report", "csv"}, []string{"csv=FILE"}},
		"a report into nowhere":   {[]string{"--target", folder, "--versions", "1.0.0", "--report", "csv=" + filepath.Join(folder, "no", "s.csv")}, []string{"no folder"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(t, nil, append([]string{"sweep", "--quiet"}, test.args...)...)
			got.want(t, 2, append(test.words, "countersign: ", "hint: ")...)
		})
	}
}

// TestSweepFindsWhereRotationBegins looks at the real registry and installs a
// few small releases of the SDK from it.
func TestSweepFindsWhereRotationBegins(t *testing.T) {
	longtest.Skip(t)
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("SKIPPED: the real SDK is NOT swept, because %s is not installed", program)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	path := filepath.Join(t.TempDir(), "sweep.json")
	got := callIn(t, ctx, nil, "sweep", "--target", "inngest-js", "--versions", "3.17.0..3.19.0", "--report", "json="+path,
		"--case", "keys.fallback-accepted", "--case", "keys.fallback-after-refusal", "--case", "sending.use-api-fallback")
	got.want(t, 0, "Passes from 3.18.0 on")
	s := readSweep(t, path)
	wantFinding(t, s, "keys.fallback-accepted", "passes from 3.18.0 on")
	for _, id := range []string{"keys.fallback-after-refusal", "sending.use-api-fallback"} { // they rest on the first
		wantFinding(t, s, id, "passes from 3.18.0 on; blocked in 3.17.0")
	}
}
