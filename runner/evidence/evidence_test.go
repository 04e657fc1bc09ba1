package evidence

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/limits"
)

// manifest is that of the tests' folders.
var manifest = Manifest{
	Tool: report.Tool{Name: "countersign", Version: "1"}, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Target: report.Target{Name: "reference", Kind: report.Embedded},
	Seed: 7, Catalogue: Catalogue{Digest: "d", Cases: 4},
}

// gathered is what a short run has.
func gathered(t *testing.T) Run {
	t.Helper()
	var cases []suite.Case
	for _, id := range append(slices.Clone(suite.Core), "calls.invalid-utf8", "keys.fallback-after-refusal") {
		c, err := suite.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, c)
	}
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	judged, err := engine.Judge(t.Context(), lab, cases, engine.Options{Jobs: 1, Seed: 7, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	return Run{Tier: "default", Command: "countersign run", Observed: judged.Evidence(), SelfCheck: report.SelfCheck{Endpoints: []report.KnownEndpoint{}}}
}

// written is a folder with evidence.
func written(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "evidence")
	f, err := Begin(path, manifest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Finish(gathered(t)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	path := written(t)
	c, err := Read(path + "/")
	if err != nil {
		t.Fatal(err)
	}
	if e := c.Run.Observed; len(e.Cases) < 6 || len(e.Exchanges) < 12 || len(e.Processes) < 2 || c.Manifest.Seed != 7 || len(c.Manifest.Schema) == 0 {
		t.Errorf("%d cases, %d exchanges, %d processes", len(e.Cases), len(e.Exchanges), len(e.Processes))
	}
	f, err := Begin(path, manifest) // evidence is replaced
	if err != nil {
		t.Fatal(err)
	}
	if digest, err := f.Finish(c.Run); err != nil || digest != c.Digest {
		t.Errorf("%v: it was read as something else", err)
	}
}

// Another program agrees on the digests, and nobody else can read anything.
func TestDigestsAndModes(t *testing.T) {
	path := written(t)
	check := exec.Command("sha256sum", "--check", "--strict", sumsFile)
	check.Dir = path
	if out, err := check.CombinedOutput(); err != nil && !errors.Is(err, exec.ErrNotFound) || strings.Count(string(out), ": OK") != len(summed) && err == nil {
		t.Errorf("%v\n%s", err, out)
	}
	folder, err := os.Stat(path)
	if err != nil || folder.Mode().Perm() != page.FolderMode {
		t.Errorf("%v: %v", err, folder.Mode())
	}
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) != len(summed)+1 {
		t.Fatalf("%v: %v", err, entries)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode() != page.FileMode {
			t.Errorf("%s: %v, %v", entry.Name(), err, info.Mode())
		}
	}
}

// change rewrites a file of a folder.
func change(name string, to func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		t.Helper()
		file := filepath.Join(path, name)
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, to(text), page.FileMode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func flip(at func(length int) int) func([]byte) []byte {
	return func(text []byte) []byte {
		text[at(len(text))] ^= 1
		return text
	}
}

// must fails a test whose preparation failed.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryChangeIsRefused: in one sentence, with a hint, as a usage error.
func TestEveryChangeIsRefused(t *testing.T) {
	changes := map[string]func(*testing.T, string){
		"a file is added":        func(t *testing.T, path string) { must(t, os.WriteFile(filepath.Join(path, "notes.txt"), nil, 0o600)) },
		"a hidden file is added": func(t *testing.T, path string) { must(t, os.WriteFile(filepath.Join(path, ".x"), nil, 0o600)) },
		"a draft is left": func(t *testing.T, path string) {
			must(t, os.WriteFile(filepath.Join(path, ".countersign-1"), nil, 0o600))
		},
		"a folder is added":    func(t *testing.T, path string) { must(t, os.Mkdir(filepath.Join(path, "more"), 0o700)) },
		"a pipe is added":      func(t *testing.T, path string) { must(t, syscall.Mkfifo(filepath.Join(path, "pipe"), 0o600)) },
		"a link is added":      func(t *testing.T, path string) { must(t, os.Symlink("/etc/passwd", filepath.Join(path, "more"))) },
		"a digest is left out": change(sumsFile, func(text []byte) []byte { return text[:len(text)-1-len(sums(nil))/len(summed)] }),
		"a digest is added":    change(sumsFile, func(text []byte) []byte { return append(text, text[:len(text)/len(summed)]...) }),
		"no digests":           change(sumsFile, func([]byte) []byte { return nil }),
		"a later format": change(manifestFile, func(text []byte) []byte {
			return []byte(strings.Replace(string(text), schemaName, "urn:countersign:evidence:2", 1))
		}),
		"not evidence": change(manifestFile, func(text []byte) []byte {
			return []byte(strings.Replace(string(text), schemaName, "urn:countersign:report:2", 1))
		}),
		"a manifest that is no JSON": change(manifestFile, func([]byte) []byte { return []byte("{") }),
	}
	for _, name := range append(slices.Clone(summed), sumsFile) {
		changes["the first byte of "+name] = change(name, flip(func(int) int { return 0 }))
		changes["a byte in "+name] = change(name, flip(func(length int) int { return length / 2 }))
		changes["the last byte of "+name] = change(name, flip(func(length int) int { return length - 1 }))
		changes["a truncated "+name] = change(name, func(text []byte) []byte { return text[:len(text)-1] })
		changes["half of "+name] = change(name, func(text []byte) []byte { return text[:len(text)/2] })
		changes["an empty "+name] = change(name, func([]byte) []byte { return nil })
		changes["a longer "+name] = change(name, func(text []byte) []byte { return append(text, '\n') })
		changes["no "+name] = func(t *testing.T, path string) { must(t, os.Remove(filepath.Join(path, name))) }
		changes["a link in place of "+name] = func(t *testing.T, path string) {
			outside := filepath.Join(t.TempDir(), "outside")
			must(t, os.Rename(filepath.Join(path, name), outside))
			must(t, os.Symlink(outside, filepath.Join(path, name)))
		}
		changes["a link in the folder in place of "+name] = func(t *testing.T, path string) {
			must(t, os.Rename(filepath.Join(path, name), filepath.Join(path, "moved")))
			must(t, os.Symlink("moved", filepath.Join(path, name)))
		}
		changes["a pipe in place of "+name] = func(t *testing.T, path string) {
			must(t, os.Remove(filepath.Join(path, name)))
			must(t, syscall.Mkfifo(filepath.Join(path, name), 0o600))
		}
	}
	whole := written(t)
	for says, apply := range changes {
		path := filepath.Join(t.TempDir(), "copy")
		must(t, os.CopyFS(path, os.DirFS(whole)))
		if _, err := Read(path); err != nil {
			t.Fatalf("a copy is refused: %v", err)
		}
		apply(t, path)
		_, err := Read(path)
		refused(t, says, err, page.ExitUsage)
	}
	for says, path := range map[string]string{
		"a link to the folder": link(t, whole), "a link with a slash": link(t, whole) + "/", "nothing": filepath.Join(t.TempDir(), "none"), "an empty folder": t.TempDir(),
		"a file": filepath.Join(whole, runFile),
	} {
		_, err := Read(path)
		refused(t, says, err, page.ExitUsage)
	}
}

func link(t *testing.T, to string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(to, path))
	return path
}

// refused checks an error for people.
func refused(t *testing.T, says string, err error, code int) {
	t.Helper()
	var described *page.Error
	if !errors.As(err, &described) || described.Code != code || described.Hint == "" || strings.Contains(described.Sentence, "\n") || len(described.Sentence) > 400 {
		t.Errorf("%s: %#v", says, err)
	}
}

// What is consistent, and not what a run writes, is refused, too.
func TestForgedContentsAreRefused(t *testing.T) {
	for says, forge := range map[string]func(string) string{
		"an unknown member": func(text string) string {
			return strings.Replace(text, `{"exchange":0,`, `{"exchange":0,"run":"rm",`, 1)
		},
		"two values":     func(text string) string { return strings.Replace(text, "\n", "{}\n", 1) },
		"no JSON":        func(string) string { return "{\n" },
		"a wrong type":   func(text string) string { return strings.Replace(text, `"runs":`, `"runs":"","x":`, 1) },
		"too many lines": func(string) string { return strings.Repeat("{}\n", limits.EvidenceLines+1) },
		"a text of nothing": func(text string) string {
			return strings.Replace(text, `"method":"POST"`, `"method":{"base64":null}`, 1)
		},
	} {
		path := written(t)
		change(exchangesFile, func(text []byte) []byte { return []byte(forge(string(text))) })(t, path)
		files := map[string][]byte{}
		for _, name := range summed {
			text, err := os.ReadFile(filepath.Join(path, name))
			must(t, err)
			files[name] = text
		}
		must(t, os.WriteFile(filepath.Join(path, sumsFile), sums(files), page.FileMode))
		_, err := Read(path)
		refused(t, says, err, page.ExitUsage)
	}
}

func TestTooMuchIsRefused(t *testing.T) {
	root, err := os.OpenRoot(written(t))
	must(t, err)
	r := reader{root: root, path: "x", files: map[string][]byte{}, left: 1000}
	_, err = r.read()
	refused(t, "more than a run writes", err, page.ExitUsage)
}

// A run that did not end leaves no evidence, and what was there before is gone.
func TestAnInterruptedRunIsIncomplete(t *testing.T) {
	path := written(t)
	must(t, os.WriteFile(filepath.Join(path, ".countersign-1"), nil, 0o600))
	if _, err := Begin(path, manifest); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path)
	refused(t, "incomplete", err, page.ExitCouldNotJudge)
	if entries, readErr := os.ReadDir(path); readErr != nil || len(entries) != 1 || !strings.Contains(err.Error(), "incomplete") {
		t.Errorf("%v, %v: %v", err, readErr, entries)
	}
}

// What is no evidence is never written to.
func TestOtherFoldersAreRefused(t *testing.T) {
	full, both := t.TempDir(), written(t)
	must(t, os.WriteFile(filepath.Join(full, "thesis.tex"), []byte("mine"), 0o600))
	must(t, os.WriteFile(filepath.Join(both, "thesis.tex"), []byte("mine"), 0o600))
	linked := written(t)
	must(t, os.Remove(filepath.Join(linked, runFile)))
	must(t, os.Symlink(filepath.Join(full, "thesis.tex"), filepath.Join(linked, runFile)))
	for says, path := range map[string]string{
		"a folder with something else": full, "evidence and something else": both, "evidence with a link": linked, "a link to an empty folder": link(t, t.TempDir()),
		"a file": filepath.Join(full, "thesis.tex"), "a folder in no folder": filepath.Join(full, "no", "evidence"),
	} {
		refused(t, says, Check(path), page.ExitUsage)
		_, err := Begin(path, manifest)
		refused(t, says, err, page.ExitUsage)
	}
	if text, err := os.ReadFile(filepath.Join(full, "thesis.tex")); err != nil || string(text) != "mine" {
		t.Error(err, string(text))
	}
	empty := t.TempDir()
	must(t, os.Chmod(empty, 0o755))
	if _, err := Begin(empty, manifest); err != nil {
		t.Error(err)
	}
	if folder, err := os.Stat(empty); err != nil || folder.Mode() != fs.ModeDir|page.FolderMode {
		t.Error(err, folder.Mode())
	}
}
