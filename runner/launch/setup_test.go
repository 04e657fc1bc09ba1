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

func TestSetupHappensOnce(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("COUNTERSIGN_CACHE", cache)
	t.Setenv("INNGEST_SIGNING_KEY", "mine")
	log := filepath.Join(t.TempDir(), "log")
	const script = `sleep 0.2; echo "$1 $INNGEST_SIGNING_KEY" >> LOG; echo done > "$2/file"`
	var installing sync.WaitGroup
	for range 5 { // runs at the same time: one of them installs
		lab := installable(t, cache, strings.Replace(script, "LOG", log, 1))
		if lab.Installed() {
			t.Error("it is installed before it was")
		}
		installing.Go(func() {
			if err := lab.Prepare(t.Context()); err != nil || !lab.Installed() {
				t.Errorf("installed: %v, %v", lab.Installed(), err)
			}
		})
	}
	installing.Wait()
	if ran, err := os.ReadFile(log); string(ran) != "1.0.0 \n" {
		t.Errorf("the command wrote %q, %v; want one line without a key", ran, err)
	}
	if got := files(t, filepath.Join(cache, "installable")); !slices.Equal(got, []string{"1.0.0", "1.0.0.lock"}) {
		t.Errorf("the cache holds %v", got)
	}
	if got := files(t, filepath.Join(cache, "installable", "1.0.0")); !slices.Contains(got, "file") {
		t.Errorf("the version's folder holds %v", got)
	}
	other := installable(t, cache, `echo other > "$2/other"`)
	if got := Cached(installable(t, cache, strings.Replace(script, "LOG", log, 1)).target); !slices.Equal(got, []string{"1.0.0"}) {
		t.Errorf("cached: %v", got)
	}
	if len(Cached(other.target)) != 0 {
		t.Error("what another command installed counts")
	}
	if err := other.Prepare(t.Context()); err != nil {
		t.Error(err)
	}
	if got := files(t, filepath.Join(cache, "installable", "1.0.0")); slices.Contains(got, "file") || !slices.Contains(got, "other") {
		t.Errorf("after another command the folder holds %v", got)
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
	if got := files(t, filepath.Join(cache, "installable")); !slices.Equal(got, []string{"1.0.0.lock"}) || lab.Installed() {
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

func TestRequirements(t *testing.T) {
	programs := map[string]struct {
		program Program
		found   string
		wrong   string
	}{
		"there":      {Program{"sh", []string{"-c", "echo v20.3.1-x"}, "20"}, "20.3.1", ""},
		"any":        {Program{"sh", []string{"-c", "true"}, ""}, "", ""},
		"too old":    {Program{"sh", []string{"-c", "echo 18.1"}, "20"}, "18.1", "needs sh 20 or newer, but found 18.1"},
		"not there":  {Program{"countersign-no-such", nil, "20"}, "", "needs countersign-no-such 20 or newer, but countersign-no-such does not run here"},
		"no version": {Program{"sh", []string{"-c", "exit 1"}, ""}, "", "needs sh, which does not run here"},
	}
	for name, test := range programs {
		t.Run(name, func(t *testing.T) {
			lab := installable(t, t.TempDir(), "true")
			lab.target.Requires = []Program{test.program}
			found := CheckRequirements(t.Context(), lab.target)
			if len(found) != 1 || found[0].Found != test.found || found[0].OK != (test.wrong == "") {
				t.Errorf("found %+v", found)
			}
			err := lab.Prepare(t.Context())
			var wrong *page.Error
			if test.wrong == "" && err != nil || test.wrong != "" && (!errors.As(err, &wrong) || wrong.Code != page.ExitUsage || !strings.Contains(wrong.Sentence, test.wrong)) {
				t.Errorf("preparing: %v; want %q", err, test.wrong)
			}
		})
	}
}

func TestBuiltinAppsAreWrittenOut(t *testing.T) {
	cache := t.TempDir()
	for _, d := range Builtin() {
		var places sync.Map
		var writing sync.WaitGroup
		for range 5 {
			writing.Go(func() {
				place, err := d.placeApp(filepath.Join(cache, d.Name))
				if err != nil {
					t.Error(err)
				}
				places.Store(place, true)
			})
		}
		writing.Wait()
		places.Range(func(place, _ any) bool {
			if len(files(t, place.(string))) == 0 {
				t.Errorf("%s is empty", place)
			}
			return true
		})
		if got := files(t, filepath.Join(cache, d.Name)); len(got) != 1 {
			t.Errorf("%s: the cache holds %v", d.Name, got)
		}
	}
}

// What the system gives to others by itself is never a target's port.
func TestPortsOfTargetsAreTheirs(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(port)
		if err != nil || n < firstPort || n >= firstPort+ports || n >= 32_768 || seen[port] {
			t.Fatalf("%s: %v, seen %v", port, err, seen[port])
		}
		seen[port] = true
	}
}
