// Package engine tests the path from the native targets to the
// distributed engine that runs them, as far as it goes without containers.
package engine

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is where the build script is run, in a container as here.
const root = "../../.."

var funcFuzz = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(\w+ \*testing\.F\)`)

// target is one native fuzz target, found in the source, unlike
// the script finds it.
type target struct{ name, folder, file string }

func targets(t *testing.T) (all []target) {
	t.Helper()
	for _, pattern := range []string{"fuzz/native/*_test.go", "fuzz/native/*/*_test.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, found := range funcFuzz.FindAllStringSubmatch(read(t, file), -1) {
				all = append(all, target{found[1], filepath.Dir(file), file})
			}
		}
	}
	if len(all) < 5 {
		t.Fatalf("only %d targets: %v", len(all), all)
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// builder is a stand-in for the engine's: it takes the same arguments, and
// builds the target with Go's own engine. Like the engine's it sees no other test
// file than the target's. %s is what else it does.
const builder = `#!/bin/bash
set -euo pipefail
[[ $# == 3 && $SANITIZER == address ]]
%s
echo "$2 $1" >>"$OUT/built"
unseen=$(grep -L "^func $2(" "$(go list -f '{{.Dir}}' "$1")"/*_test.go | sed 's/.*/"&": ""/' | paste -sd ,) || true
echo "{\"Replace\": {$unseen}}" >"$OUT/overlay.json"
go test -c -overlay "$OUT/overlay.json" -o "$OUT/$3" "$1"
`

// offline is a stand-in for Go that gets nothing and says so.
const offline = `#!/bin/bash
if [[ $1 == get ]]; then echo "$2" >>"$OUT/got"; exit; fi
exec %q "$@"
`

// build runs the build script with the stand-ins and gives what is in $OUT.
func build(t *testing.T, extra string) (out, output string, err error) {
	t.Helper()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin, out := t.TempDir(), t.TempDir()
	for name, script := range map[string]string{
		"compile_native_go_fuzzer": fmt.Sprintf(builder, extra), "go": fmt.Sprintf(offline, goTool),
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	script := exec.CommandContext(t.Context(), "bash", ".clusterfuzzlite/build.sh")
	script.Dir = root
	script.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "OUT="+out, "SANITIZER=address")
	combined, err := script.CombinedOutput()
	return out, string(combined), err
}

func TestBuildScriptBuildsEveryTarget(t *testing.T) {
	out, output, err := build(t, "")
	if err != nil {
		t.Fatalf("%v:\n%s", err, output)
	}
	var want []string
	for _, each := range targets(t) {
		path := "github.com/countersign-dev/countersign/fuzz/native" + strings.TrimPrefix(filepath.ToSlash(each.folder), root+"/fuzz/native")
		want = append(want, each.name+" "+path)
		has(t, filepath.Join(out, each.name), each.name)
		if read(t, filepath.Join(out, each.name+".dict")) == "" {
			t.Errorf("%s has no dictionary", each.name)
		}
	}
	built := strings.Split(strings.TrimSpace(read(t, filepath.Join(out, "built"))), "\n")
	slices.Sort(built)
	slices.Sort(want)
	if !slices.Equal(built, want) {
		t.Errorf("built %q, want %q", built, want)
	}
	if got := strings.TrimSpace(read(t, filepath.Join(out, "got"))); got != "github.com/AdamKorcz/go-118-fuzz-build/testing" {
		t.Errorf("got %q", got)
	}
}

// has checks which targets a binary has.
func has(t *testing.T, binary, name string) {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), binary, "-test.list", "^"+name+"$").CombinedOutput()
	if err != nil || strings.TrimSpace(string(list)) != name {
		t.Errorf("what was built for %s has %q: %v", name, list, err)
	}
}

func TestBuildScriptReportsATargetThatIsNotBuilt(t *testing.T) {
	_, output, err := build(t, `if [[ $2 == *Key ]]; then echo "Could not find the function"; else echo built >"$OUT/$3"; fi; exit`)
	if err == nil || !strings.Contains(output, "Key of github.com/countersign-dev/countersign/fuzz/native was not built") {
		t.Errorf("%v:\n%s", err, output)
	}
}

// The engine's builder looks for a target by its name alone, in all files below
// its folder: it must stand in one, and be the beginning of no other name.
func TestTheBuilderFindsEveryTarget(t *testing.T) {
	for _, each := range targets(t) {
		err := filepath.WalkDir(each.folder, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && strings.Contains(read(t, file), each.name) != (file == each.file) {
				t.Errorf("%s is named in %s", each.name, file)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if n := strings.Count(read(t, each.file), "func "+each.name); n != 1 {
			t.Errorf("%d functions of %s begin with %s", n, each.file, each.name)
		}
	}
}

// Actions are pinned by commit, because a tag can be moved.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^\s*(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d`)
	files, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	for _, file := range files {
		for line := range strings.Lines(read(t, file)) {
			if strings.Contains(line, "uses:") && !pinned.MatchString(line) {
				t.Errorf("%s: %s", file, line)
			}
		}
	}
}
