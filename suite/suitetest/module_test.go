package suitetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The files of a module that is not ours.
const (
	importerMod = `module example.com/importer

go 1.25

require github.com/countersign-dev/countersign v0.0.0

replace github.com/countersign-dev/countersign => `

	importerTest = `package importer

import (
	"net/http"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite/suitetest"
)

func TestReference(t *testing.T) {
	suitetest.Run(t, func(env map[string]string) http.Handler { return suitetest.Reference(env) })
}

func TestBroken(t *testing.T) {
	suitetest.Run(t, func(env map[string]string) http.Handler {
		e := suitetest.Reference(env)
		e.CheckWindow = func(at, now time.Time) error { return nil }
		return e
	})
}
`
)

// TestSeparateModule: a module that imports this package keeps its Go version,
// needs nothing that `go mod tidy` would not find, and gets both verdicts.
func TestSeparateModule(t *testing.T) {
	t.Parallel()
	folder := writeImporter(t)
	if output, err := runGo(t, folder, "mod", "tidy"); err != nil {
		t.Fatalf("tidying a module that imports suitetest: %v\n%s", err, output)
	}
	output, err := runGo(t, folder, "test", "-v", ".")
	if err == nil {
		t.Error("go test passed, though one of its endpoints accepts expired requests")
	}
	for _, want := range []string{
		"--- PASS: TestReference ", "--- FAIL: TestBroken ", "--- FAIL: TestBroken/receiving/expired ",
		"FAIL: receiving.expired  MUST, replay", "reproduce    go test -run '^TestBroken$/^receiving$/^expired$'",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the output lacks %q", want)
		}
	}
	if t.Failed() {
		t.Log(output)
	}
	wantUnchanged(t, folder)
}

func writeImporter(t *testing.T) (folder string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	for name, text := range map[string]string{"go.mod": importerMod + root + "\n", "importer_test.go": importerTest} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func runGo(t *testing.T, folder string, arguments ...string) (output string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	raw, err := command.CombinedOutput()
	return string(raw), err
}

// wantUnchanged: go.mod has its Go version still, and no toolchain.
func wantUnchanged(t *testing.T, folder string) {
	t.Helper()
	if output, err := runGo(t, folder, "mod", "tidy", "-diff"); err != nil {
		t.Errorf("the module is not tidy after its test: %v\n%s", err, output)
	}
	text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(text), "\n"); !slices.Contains(lines, "go 1.25") || strings.Contains(string(text), "toolchain") {
		t.Errorf("go.mod no longer says `go 1.25` alone:\n%s", text)
	}
}
