package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

// markFile is in a version's folder when the version is installed. It contains the
// command that installed it, so that another command installs it again.
const markFile = ".countersign-setup"

// cacheRoot is where versions are installed and apps are extracted.
func cacheRoot(chosen string) (string, error) {
	if chosen == "" {
		chosen = os.Getenv("COUNTERSIGN_CACHE")
	}
	if chosen == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", page.Usage("set COUNTERSIGN_CACHE to a folder", "there is no cache folder: %v", err)
		}
		chosen = filepath.Join(user, "countersign")
	}
	root, err := filepath.Abs(chosen)
	if err != nil {
		return "", fmt.Errorf("finding the cache folder: %w", err)
	}
	return root, nil
}

// Cached lists the versions of a target that are installed, oldest first.
func Cached(d Description) []string {
	root, err := cacheRoot("")
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(root, d.Name))
	if err != nil {
		return nil
	}
	var versions semver.Collection
	for _, entry := range entries {
		version, err := semver.StrictNewVersion(entry.Name())
		if err == nil && d.installedIn(filepath.Join(root, d.Name, entry.Name())) {
			versions = append(versions, version)
		}
	}
	slices.SortFunc(versions, func(a, b *semver.Version) int { return a.Compare(b) })
	var names []string
	for _, version := range versions {
		names = append(names, version.String())
	}
	return names
}

func (d Description) mark() string { return strings.Join(d.Setup, "\n") + "\n" }

func (d Description) installedIn(folder string) bool {
	mark, err := os.ReadFile(filepath.Join(folder, markFile))
	return err == nil && string(mark) == d.mark()
}

// Installed reports whether the version is installed.
func (l *Lab) Installed() bool { return len(l.target.Setup) == 0 || l.target.installedIn(l.cache) }

// Prepare checks what the target requires and installs its version, once. It is
// a [*page.Error]: a usage error where a program is missing, and one with the
// output of the command that installs it where that fails.
func (l *Lab) Prepare(ctx context.Context) error {
	l.preparing.Lock()
	defer l.preparing.Unlock()
	if l.prepared {
		return nil
	}
	app, err := l.target.placeApp(filepath.Dir(l.cache))
	if err != nil {
		return err
	}
	l.app = app
	if err := l.require(ctx); err != nil {
		return err
	}
	if err := l.install(ctx); err != nil {
		return err
	}
	l.prepared = true
	return nil
}

// require checks the programs that are needed. Once a version is installed, only
// the one that starts it is.
func (l *Lab) require(ctx context.Context) error {
	needed := l.target.Requires
	if l.Installed() {
		needed = slices.DeleteFunc(slices.Clone(needed), func(p Program) bool { return p.Command != l.target.Start[0] })
	}
	for _, r := range check(ctx, needed) {
		if !r.OK {
			return r.missing(l.target)
		}
	}
	return nil
}

func (l *Lab) install(ctx context.Context) error {
	if l.Installed() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.cache), 0o755); err != nil {
		return fmt.Errorf("making the cache folder of %s: %w", l.target.Name, err)
	}
	unlock, err := lockFile(ctx, l.cache+".lock")
	if err != nil {
		return notInstalled("", "waiting for another run to install %s: %v", l.Name(), err)
	}
	defer unlock()
	if l.Installed() { // by that other run
		return nil
	}
	return l.installInto(ctx)
}

// installInto installs into a temporary folder, and renames it when everything went
// well.
func (l *Lab) installInto(ctx context.Context) error {
	unfinished, err := os.MkdirTemp(filepath.Dir(l.cache), "unfinished-*")
	if err != nil {
		return fmt.Errorf("making a folder to install %s in: %w", l.Name(), err)
	}
	defer func() { _ = os.RemoveAll(unfinished) }() // it was renamed where all went well
	if err := l.runSetup(ctx, unfinished); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(unfinished, markFile), []byte(l.target.mark()), 0o644); err != nil {
		return fmt.Errorf("marking %s as installed: %w", l.Name(), err)
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return fmt.Errorf("opening the folder of %s: %w", l.Name(), err)
	}
	if err := os.RemoveAll(l.cache); err != nil { // by another command
		return fmt.Errorf("removing what was installed of %s before: %w", l.Name(), err)
	}
	if err := os.Rename(unfinished, l.cache); err != nil {
		return fmt.Errorf("renaming the folder of %s: %w", l.Name(), err)
	}
	return nil
}

func (l *Lab) runSetup(ctx context.Context, folder string) error {
	limited, cancel := context.WithTimeout(ctx, setupLimit)
	defer cancel()
	argv := l.fillAll(l.target.Setup, folder)
	p, err := startProcess(argv, folder, ownEnvironment())
	if err != nil {
		return notInstalled("", "installing %s: running %s: %v", l.Name(), argv[0], err)
	}
	defer p.stop(stopLimit)
	started := time.Now()
	select {
	case <-limited.Done():
		if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("installing %s: %w", l.Name(), err)
		}
		return notInstalled(p.output.String(), "installing %s did not end within %s", l.Name(), time.Since(started).Round(time.Second))
	case <-p.exited:
	}
	if p.success {
		return nil
	}
	return notInstalled(p.output.String(), "installing %s: %s %s", l.Name(), argv[0], p.how)
}

// ownEnvironment is this process's environment without the INNGEST_ variables,
// which may be keys.
func ownEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "INNGEST_") })
}
