package launch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Prepare checks what the target requires and installs its version, once. It is
// a [*page.Error]: a usage error where a program is missing, and one with the
// output of the command that installs it where that fails.
func (l *Lab) Prepare(ctx context.Context) error {
	l.preparing.Lock()
	defer l.preparing.Unlock()
	if l.prepared {
		return nil
	}
	if err := l.require(ctx); err != nil {
		return err
	}
	if err := l.locate(ctx); err != nil {
		return err
	}
	if err := l.install(ctx); err != nil {
		return err
	}
	l.prepared = true
	return nil
}

// Requirements are the programs that this version needs. The error is that of the
// first that is missing or too old.
func (l *Lab) Requirements(ctx context.Context) ([]Requirement, error) {
	l.preparing.Lock()
	defer l.preparing.Unlock()
	err := l.require(ctx)
	return slices.Clone(l.tools), err
}

// Installed reports whether the version is installed, as its set-up would install
// it now.
func (l *Lab) Installed(ctx context.Context) bool {
	l.preparing.Lock()
	defer l.preparing.Unlock()
	return l.require(ctx) == nil && l.locate(ctx) == nil && (len(l.target.Setup) == 0 || isInstalled(l.cache))
}

// require looks for the programs, once.
func (l *Lab) require(ctx context.Context) error {
	if l.tools == nil {
		l.tools = check(ctx, l.target.requires(l.version))
	}
	for _, r := range l.tools {
		if !r.OK {
			return r.missing(l.Name())
		}
	}
	return nil
}

// locate finds the folders of the app and of what is installed, once.
func (l *Lab) locate(ctx context.Context) error {
	if l.app != "" {
		return nil
	}
	if err := l.placeApp(ctx); err != nil {
		l.app = ""
		return err
	}
	if len(l.target.Setup) == 0 {
		return nil
	}
	key, err := l.setupKey()
	if err != nil {
		l.app = ""
		return err
	}
	l.cache = filepath.Join(l.store, l.setupVariant(), cmp.Or(l.Version(), noVersion)+"-"+key)
	return nil
}

// installAttempts is how often a version is installed that others remove at once.
const installAttempts = 3

// install makes sure that the version is installed, and that nobody removes it
// while this lab uses it.
func (l *Lab) install(ctx context.Context) error {
	if len(l.target.Setup) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.cache), page.FolderMode); err != nil {
		return fmt.Errorf("making the cache folder of %s: %w", l.target.Name, err)
	}
	for range installAttempts {
		if held, err := l.holdInstalled(ctx); held || err != nil {
			return err
		}
		if err := l.installAlone(ctx); err != nil {
			return err
		}
	}
	return notInstalled("", "installing %s: other runs remove it at once", l.Name())
}

// holdInstalled keeps what is installed from being removed; held is false where it
// is not installed.
func (l *Lab) holdInstalled(ctx context.Context) (held bool, err error) {
	if !isInstalled(l.cache) {
		return false, nil
	}
	release, err := lock(ctx, l.cache, shared, l.lockLimit(), never)
	if err != nil {
		return false, l.stillLocked(err)
	}
	if !isInstalled(l.cache) { // another run has removed it
		release()
		return false, nil
	}
	l.keep(release)
	return true, nil
}

func (l *Lab) stillLocked(err error) error {
	return notInstalled("", "waiting for another run to install %s: %v", l.Name(), err)
}

// installAlone installs while everybody else waits.
func (l *Lab) installAlone(ctx context.Context) error {
	unlock, err := lock(ctx, l.cache, exclusive, l.lockLimit(), func() bool { return isInstalled(l.cache) })
	if err != nil {
		return l.stillLocked(err)
	}
	defer unlock()
	if isInstalled(l.cache) { // by another run
		return nil
	}
	if err := l.installInto(ctx); err != nil {
		return err
	}
	l.removeSuperseded()
	return nil
}

// removeSuperseded removes what other set-ups of the same version have installed,
// unless it is in use.
func (l *Lab) removeSuperseded() {
	ours, _ := versionIn(filepath.Base(l.cache))
	for _, folder := range foldersIn(filepath.Dir(l.cache)) {
		if version, _ := versionIn(filepath.Base(folder)); version == ours && folder != l.cache && isInstalled(folder) {
			_, _ = removeUnused(folder) // `countersign targets clean` reports why it can't be removed
		}
	}
}

// installInto installs into a temporary folder, and renames it when everything went
// well.
func (l *Lab) installInto(ctx context.Context) error {
	draft, err := draftOf(l.cache)
	if err != nil {
		return fmt.Errorf("making a folder to install %s in: %w", l.Name(), err)
	}
	defer func() { _ = os.RemoveAll(draft) }() // it was renamed where all went well
	if err := l.runSetup(ctx, draft); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(draft, markFile), []byte(strings.Join(l.target.Setup, "\n")+"\n"), page.FileMode); err != nil {
		return fmt.Errorf("marking %s as installed: %w", l.Name(), err)
	}
	if err := os.Chmod(draft, page.FolderMode); err != nil {
		return fmt.Errorf("opening the folder of %s: %w", l.Name(), err)
	}
	if err := os.RemoveAll(l.cache); err != nil { // without a mark, so nobody uses it
		return fmt.Errorf("removing what is left of %s: %w", l.Name(), err)
	}
	if err := os.Rename(draft, l.cache); err != nil {
		return fmt.Errorf("renaming the folder of %s: %w", l.Name(), err)
	}
	return nil
}

func (l *Lab) runSetup(ctx context.Context, folder string) error {
	limited, cancel := context.WithTimeout(ctx, l.options.SetupLimit)
	defer cancel()
	argv := l.fillAll(l.target.Setup, folder)
	p, err := startProcess(argv, folder, ownEnvironment(), heirs{})
	if err != nil {
		return notInstalled("", "installing %s: running %s: %v", l.Name(), argv[0], err)
	}
	defer killAdopted()
	defer p.stop(limits.Stop)
	started := time.Now()
	select {
	case <-limited.Done():
		if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("installing %s: %w", l.Name(), err)
		}
		return tooSlow(p.output.String(), "installing %s did not end within %s", l.Name(), time.Since(started).Round(time.Second))
	case <-p.exited:
	}
	if p.success {
		return nil
	}
	return notInstalled(p.output.String(), "installing %s: %s %s", l.Name(), argv[0], p.how)
}
