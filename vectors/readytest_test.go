package vectors_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readyTest is a ready test of one language, and how to run it with a verifier.
type readyTest struct {
	tool, test, extension string
	// prepare writes what the test needs besides itself; module is the folder of an
	// installed SDK, or empty.
	prepare func(t *testing.T, folder, module string)
	command []string
}

// readyTests are the ready tests, by the language of their folder.
var readyTests = map[string]readyTest{
	"javascript": {"node", "inngest_signature.test.mjs", ".mjs", func(*testing.T, string, string) {}, []string{"node", "--test", "--test-reporter=tap", "inngest_signature.test.mjs"}},
	"python":     {"python3", "test_inngest_signature.py", ".py", preparePython, []string{"python3", "-B", "-m", "unittest", "-v", "test_inngest_signature"}},
	"go":         {"go", "inngest_signature_test.go", ".go.txt", prepareGo, []string{"go", "test", "-count=1", "-v", "./..."}},
	"rust":       {"cargo", "inngest_signature.rs", ".rs", prepareRust, []string{"cargo", "test", "--offline", "--quiet", "--lib", "--", "--nocapture"}},
}

func preparePython(t *testing.T, folder, _ string) {
	for _, name := range []string{"protocol.py", "canonical.py"} {
		write(t, filepath.Join(folder, name), read(t, "consumers/python/"+name))
	}
}

// prepareRust adds what the verifiers require to the crate. cargo takes it from its
// cache.
func prepareRust(t *testing.T, folder, _ string) {
	manifest := strings.Replace(read(t, "consumers/rust/Cargo.toml"), "[dev-dependencies]\n", "[dev-dependencies]\nhmac = \"=0.12.1\"\nsha2 = \"=0.10.9\"\n", 1)
	write(t, filepath.Join(folder, "Cargo.toml"), manifest)
}

// prepareGo writes a module that requires this one by its folder or, where there is
// one, the module of an installed SDK.
func prepareGo(t *testing.T, folder, module string) {
	if module != "" {
		write(t, filepath.Join(folder, "go.mod"), read(t, filepath.Join(module, "go.mod")))
		write(t, filepath.Join(folder, "go.sum"), read(t, filepath.Join(module, "go.sum")))
		return
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	const ours = "github.com/countersign-dev/countersign"
	canonicaliser := regexp.MustCompile(`\n\t(github\.com/go-json-experiment/json \S+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	write(t, filepath.Join(folder, "go.mod"), fmt.Sprintf("%s\nrequire %s v0.0.0\nrequire %s\nreplace %[2]s => %[4]s\n", read(t, "consumers/go/go.mod"), ours, canonicaliser, strconv.Quote(root)))
	write(t, filepath.Join(folder, "go.sum"), read(t, "../go.sum"))
}

// marked is the part of a ready test that its reader replaces.
var marked = regexp.MustCompile(`(?s)(\n[#/]+ ---- your verifier: begin\n).*(\n[#/]+ ---- your verifier: end\n)`)

// with copies a ready test into a folder, with a verifier in place of the marked
// function. Without a verifier it is left as it is.
func (r readyTest) with(t *testing.T, language, verifier, module string) string {
	t.Helper()
	folder := t.TempDir()
	text := read(t, filepath.Join("consumers", language, r.test))
	if len(marked.FindAllString(text, -1)) != 1 {
		t.Fatalf("%s does not mark one function", r.test)
	}
	if verifier != "" {
		code := read(t, filepath.Join("testdata/verifiers", verifier+r.extension))
		if language == "go" { // the imports of the verifier require a file of its own
			write(t, filepath.Join(folder, "verifier_test.go"), code)
			code = ""
		}
		text = marked.ReplaceAllStringFunc(text, func(whole string) string {
			parts := marked.FindStringSubmatch(whole)
			return parts[1] + code + parts[2]
		})
	}
	write(t, filepath.Join(folder, r.test), text)
	r.prepare(t, folder, module)
	return folder
}

// run runs the ready test in a folder on the vectors here.
func (r readyTest) run(t *testing.T, folder string, env ...string) (output string, passed bool) {
	t.Helper()
	data, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath(r.command[0])
	if err != nil {
		t.Skipf("NOT CHECKED: %s is not installed, so its ready test is not run", r.command[0])
	}
	command := exec.CommandContext(t.Context(), tool, r.command[1:]...)
	command.Dir = folder
	command.Env = append(os.Environ(), "COUNTERSIGN_VECTORS="+data, "COUNTERSIGN_STRICT=", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	if cache, err := os.UserCacheDir(); err == nil { // so that cargo builds its dependencies once
		command.Env = append(command.Env, "CARGO_TARGET_DIR="+filepath.Join(cache, "countersign-vectors", "target"))
	}
	command.Env = append(command.Env, env...)
	command.Env = slices.DeleteFunc(command.Env, func(v string) bool { return strings.HasPrefix(v, "NODE_TEST_CONTEXT=") })
	out, err := command.CombinedOutput()
	if strings.Contains(string(out), "--offline") {
		t.Skipf("NOT CHECKED: a crate is not in cargo's cache, so the ready test for Rust is not run:\n%s", out)
	}
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		t.Fatalf("running %s: %v", r.command[0], err)
	}
	return string(out), err == nil
}

// outcome is the line in which a ready test sums up.
var outcome = regexp.MustCompile(`agrees with (\d+) of (\d+) vectors; (\d+) SHOULD differ; (\d+) not counted; (\d+) unspecified`)

func summary(t *testing.T, output string) (agree, scored int) {
	t.Helper()
	found := outcome.FindStringSubmatch(output)
	if found == nil {
		t.Fatalf("there is no summary:\n%s", output)
	}
	agree, _ = strconv.Atoi(found[1])
	scored, _ = strconv.Atoi(found[2])
	return agree, scored
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
