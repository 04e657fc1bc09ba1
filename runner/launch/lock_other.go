//go:build !unix

package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// tryLock takes a lock by creating a file, or gives errLocked. A shared one is
// always granted: such a file can't be shared. Where a run was killed the file
// stays; the error that is given in the end names it.
func tryLock(name string, kind lockKind) (unlock func(), err error) {
	if kind == shared {
		return func() {}, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, errLocked
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", name, err)
	}
	return func() { _ = file.Close(); _ = os.Remove(name) }, nil
}

// lockFile locks nothing here, so what other runs have left is not looked for.
func lockFile(*os.File) error { return errLocked }
