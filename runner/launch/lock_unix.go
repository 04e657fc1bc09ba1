//go:build unix

package launch

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// tryLock takes a lock, or gives errLocked.
func tryLock(name string, kind lockKind) (unlock func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	how := map[lockKind]int{shared: syscall.LOCK_SH, exclusive: syscall.LOCK_EX}[kind]
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, syscall.EINTR), err == nil && !isAt(file, name):
		_ = file.Close()
		return nil, errLocked
	case err != nil:
		_ = file.Close()
		return nil, fmt.Errorf("locking %s: %w", name, err)
	}
	return func() { _ = file.Close() }, nil
}

// isAt reports whether an open file is still the one with this name: its lock is
// worth nothing once it was removed.
func isAt(file *os.File, name string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(ours, there)
}

// lockFile locks an open file until it is closed, or gives an error where somebody
// else has.
func lockFile(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
