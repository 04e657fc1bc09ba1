package launch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// hold keeps others from removing or changing a folder until the lab is closed.
func (l *Lab) hold(ctx context.Context, folder string) error {
	release, err := lock(ctx, folder, shared, l.lockLimit(), never)
	if err != nil {
		return err
	}
	l.keep(release)
	return nil
}

// keep keeps a lock until the lab is closed.
func (l *Lab) keep(release func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = append(l.held, release)
}

// setupKey names everything that an installation depends on: the command, the
// version, the variant where the command depends on it, what the tools print as their
// versions, and the files of the app that it reads. A command that is given the
// app's folder may leave links to it, so the path of a target on disk is part of
// it, too.
func (l *Lab) setupKey() (string, error) {
	files, err := l.target.appFiles(l.app)
	if err != nil {
		return "", err
	}
	sum := newDigest(files)
	fmt.Fprintf(sum, "%q %q %q ", l.target.Setup, l.Version(), l.setupVariant())
	for _, tool := range l.tools {
		fmt.Fprintf(sum, "%q %q ", tool.Name, tool.printed)
	}
	if l.target.files == nil && mentions(l.target.Setup, "{app}") {
		fmt.Fprintf(sum, "%q ", l.app)
	}
	for _, path := range l.target.reads() {
		if err := sum.add(path); err != nil {
			return "", l.unreadable(path, err)
		}
	}
	return sum.name(), nil
}

// reads are the paths in the app's folder that the set-up reads.
func (d Description) reads() []string {
	if d.SetupReads == nil {
		return []string{"."}
	}
	var paths []string
	for _, path := range *d.SetupReads {
		paths = append(paths, filepath.ToSlash(filepath.Clean(path)))
	}
	return paths
}

func (l *Lab) unreadable(path string, err error) error {
	const hint = "name what `setup` reads of the app's folder in `setupReads`; [] is nothing"
	switch {
	case errors.Is(err, errTooMuch):
		return page.Usage(hint, "reading the app of %s in %s: %v", l.target.Name, l.app, errTooMuch)
	case errors.Is(err, fs.ErrNotExist):
		return page.Usage(hint, "there is no %s in %s, the folder of the app of %s", path, l.app, l.target.Name)
	}
	return page.Usage(hint, "reading the app of %s: %v", l.target.Name, err)
}

// setupVariant is the variant, where what is installed depends on it.
func (l *Lab) setupVariant() string {
	if l.target.ownSetup {
		return l.target.variant
	}
	return ""
}

func mentions(words []string, placeholder string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(word, placeholder) })
}
