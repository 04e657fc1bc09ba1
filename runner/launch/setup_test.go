package launch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
)

// installable is a target whose set-up is a shell script.
func installable(t *testing.T, cache, script string) *Lab {
	t.Helper()
	d := Description{
		Name: "installable", Title: "a fake", Path: "/", DefaultVersion: "1.0.0", Start: []string{"false"},
		Setup: []string{"sh", "-c", script, "sh", "{version}", "{cache}"}, folder: t.TempDir(),
	}
	lab, err := New(d, "", Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lab.Close)
	return lab
}

func files(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// installed are the versions and keys that a part of the cache holds, without locks.
func installed(t *testing.T, store string) []string {
	t.Helper()
	return slices.DeleteFunc(files(t, store), func(name string) bool { return strings.HasSuffix(name, lockName("")) })
}

func TestSetupHappensOnce(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("COUNTERSIGN_CACHE", cache)
	t.Setenv("INNGEST_SIGNING_KEY", "mine")
	log := filepath.Join(t.TempDir(), "log")
	const script = `sleep 0.2; echo "$1 $INNGEST_SIGNING_KEY" >> LOG; echo done > "$2/file"`
	var installing sync.WaitGroup
	for range 5 { // runs at the same time: one of them installs
		lab := installable(t, cache, strings.Replace(script, "LOG", log, 1))
		if lab.Installed(t.Context()) {
			t.Error("it is installed before it was")
		}
		installing.Go(func() {
			if err := lab.Prepare(t.Context()); err != nil || !lab.Installed(t.Context()) {
				t.Errorf("installed: %v, %v", lab.Installed(t.Context()), err)
			}
		})
	}
	installing.Wait()
	if ran, err := os.ReadFile(log); string(ran) != "1.0.0 \n" {
		t.Errorf("the command wrote %q, %v; want one line without a key", ran, err)
	}
	store := filepath.Join(cache, "installable")
	got := installed(t, store)
	if version, is := versionIn(strings.Join(got, " ")); !is || version != "1.0.0" {
		t.Fatalf("the cache holds %v", got)
	}
	if got := files(t, filepath.Join(store, got[0])); !slices.Contains(got, "file") {
		t.Errorf("the version's folder holds %v", got)
	}
	if got := Cached(Description{Name: "installable"}); !slices.Equal(got, []string{"1.0.0"}) {
		t.Errorf("cached: %v", got)
	}
}

// An installation is used again only where everything that it depends on is the
// same.
func TestSetupHappensAnewWhenAnythingChanges(t *testing.T) {
	app := func(content string) (folder string) {
		folder = t.TempDir()
		for name, text := range map[string]string{"main": content, "README": "", "node_modules/left": content, "built/CACHEDIR.TAG": content} {
			write(t, filepath.Join(folder, name), text)
		}
		return folder
	}
	first := app("1")
	lab := func(change func(*Description)) *Lab {
		d := Description{
			Name: "installable", Title: "a fake", Path: "/", DefaultVersion: "1.0.0", Start: []string{"false"}, folder: first,
			Setup: []string{"true"}, Requires: []Program{{Command: "echo", Args: []string{"1"}}}, Variants: []Variant{{Name: "a"}, {Name: "b"}},
		}
		change(&d)
		lab, err := New(d, "", Options{Cache: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		lab.Installed(t.Context())
		return lab
	}
	key := func(change func(*Description)) string { return filepath.Base(lab(change).cache) }
	plain := key(func(*Description) {})
	for name, test := range map[string]struct {
		change func(*Description)
		same   bool
	}{
		"nothing":             {func(*Description) {}, true},
		"the command":         {func(d *Description) { d.Setup = []string{"true", "x"} }, false},
		"the version":         {func(d *Description) { d.DefaultVersion = "1.0.1" }, false},
		"a tool":              {func(d *Description) { d.Requires[0].Args = []string{"2"} }, false},
		"the start":           {func(d *Description) { d.Start = []string{"true"} }, true},
		"a variant":           {func(d *Description) { d.variant = "b" }, true},
		"another folder":      {func(d *Description) { d.folder = app("1") }, true},
		"the app":             {func(d *Description) { d.folder = app("2") }, false},
		"a file that is read": {func(d *Description) { d.folder, d.SetupReads = app("2"), &[]string{"main"} }, false},
	} {
		if got := key(test.change); (got == plain) != test.same {
			t.Errorf("%s: %s, and %s before", name, got, plain)
		}
	}
	reads := func(folder string) string {
		return key(func(d *Description) { d.folder, d.SetupReads = folder, &[]string{"README"} })
	}
	if reads(first) != reads(app("2")) {
		t.Error("a file that the set-up does not read makes a difference")
	}
	inPlace := func(folder string) string {
		return key(func(d *Description) { d.folder, d.Setup = folder, []string{"true", "{app}"} })
	}
	if inPlace(first) == inPlace(app("1")) {
		t.Error("a set-up that may leave links to the app's folder is used for another folder")
	}
	for name, change := range map[string]func(*Description){
		"named": func(d *Description) { d.Setup = []string{"true", "{variant}"} }, "added to": func(d *Description) { d.Variants[1].SetupAdds = []string{"x"} },
	} {
		ofVariant := func(name string) string { return lab(func(d *Description) { d.variant = name; change(d) }).cache }
		if a, b := ofVariant("a"), ofVariant("b"); filepath.Base(a) == filepath.Base(b) || filepath.Base(filepath.Dir(b)) != "b" {
			t.Errorf("%s: the variants are installed in %s and %s", name, a, b)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheSetupReadsIsThere(t *testing.T) {
	lab := installable(t, t.TempDir(), "true")
	lab.target.SetupReads = &[]string{"package.json"}
	var wrong *page.Error
	if err := lab.Prepare(t.Context()); !errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, "there is no package.json in ") {
		t.Errorf("got %v", err)
	}
}

// What another set-up of a version has installed is removed, unless it is in use.
func TestSupersededInstallationsAreRemoved(t *testing.T) {
	cache := t.TempDir()
	first, second, third := installable(t, cache, "true"), installable(t, cache, "true; true"), installable(t, cache, "true; true; true")
	prepare := func(lab *Lab) {
		t.Helper()
		if err := lab.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	prepare(first)
	prepare(second)
	if !isInstalled(first.cache) || !isInstalled(second.cache) {
		t.Error("an installation was removed while a lab used it")
	}
	first.Close()
	prepare(third)
	if isInstalled(first.cache) || !isInstalled(second.cache) || !isInstalled(third.cache) {
		t.Errorf("the cache holds %v", files(t, filepath.Dir(first.cache)))
	}
}

func TestBrokenSetupLeavesNothing(t *testing.T) {
	cache := t.TempDir()
	lab := installable(t, cache, `echo half > "$2/half"; echo no such version >&2; exit 9`)
	err := lab.Prepare(t.Context())
	var broken *page.Error
	if !errors.As(err, &broken) || broken.Code != page.ExitCouldNotJudge || !strings.Contains(broken.Sentence, "installing installable@1.0.0: sh exited with status 9") || broken.Output != "no such version" {
		t.Errorf("got %v", err)
	}
	if got := installed(t, filepath.Join(cache, "installable")); len(got) > 0 || lab.Installed(t.Context()) {
		t.Errorf("the cache holds %v", got)
	}
	if _, err := lab.Start(t.Context(), suite.Setup{}); !errors.As(err, &broken) {
		t.Errorf("starting: %v", err)
	}
}

func TestSetupIsCalledOff(t *testing.T) {
	lab := installable(t, t.TempDir(), `sleep 60`)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	started := time.Now()
	if err := lab.Prepare(ctx); err == nil || time.Since(started) > 2*time.Second {
		t.Errorf("after %s: %v", time.Since(started), err)
	}
}

func TestSetupTakesTooLong(t *testing.T) {
	lab := installable(t, t.TempDir(), `echo downloading; sleep 60`)
	lab.options.SetupLimit = 200 * time.Millisecond
	err := lab.Prepare(t.Context())
	var slow *page.Error
	if !errors.As(err, &slow) || slow.Code != page.ExitCouldNotJudge || !strings.Contains(slow.Sentence, "did not end within") || !strings.Contains(slow.Hint, "--setup-limit") || slow.Output != "downloading" {
		t.Errorf("got %v", err)
	}
}

func TestBuiltinAppsAreWrittenOut(t *testing.T) {
	cache := t.TempDir()
	for _, d := range Builtin() {
		var places sync.Map
		var writing sync.WaitGroup
		for range 5 {
			writing.Go(func() {
				lab, err := New(d, "", Options{Cache: cache})
				if err != nil {
					t.Error(err)
					return
				}
				if err := lab.placeApp(t.Context()); err != nil {
					t.Error(err)
				}
				places.Store(lab.app, true)
			})
		}
		writing.Wait()
		places.Range(func(place, _ any) bool {
			if len(files(t, place.(string))) == 0 {
				t.Errorf("%s is empty", place)
			}
			return true
		})
		if got := installed(t, filepath.Join(cache, d.Name)); len(got) != 1 {
			t.Errorf("%s: the cache holds %v", d.Name, got)
		}
	}
}

// What the system gives to others by itself is never a target's port.
func TestPortsOfTargetsAreTheirs(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		port, release, err := leasePort()
		if err != nil {
			t.Fatal(err)
		}
		defer release()
		n, err := strconv.Atoi(port)
		if err != nil || n < firstPort || n >= firstPort+ports || n >= 32_768 || seen[port] {
			t.Fatalf("%s: %v, seen %v", port, err, seen[port])
		}
		seen[port] = true
	}
}
