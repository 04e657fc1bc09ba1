package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// lockKind is how a file is locked.
type lockKind int

const (
	shared    lockKind = iota // by everybody who uses what it protects
	exclusive                 // by one who changes it
)

// errLocked is the error where somebody else holds a lock.
var errLocked = errors.New("somebody else holds the lock")

const lockPause = 100 * time.Millisecond

// lockName is the file whose lock protects a folder of the cache.
func lockName(folder string) string { return folder + ".lock" }

// never is for a lock that is always needed.
func never() bool { return false }

// lock waits for the lock of a folder, or until it is no longer needed. It is
// released when this process exits, at the latest.
func lock(ctx context.Context, folder string, kind lockKind, limit time.Duration, needless func() bool) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		unlock, err := tryLock(lockName(folder), kind)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		if needless() {
			return func() {}, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s stayed locked: %w", lockName(folder), ctx.Err())
		case <-time.After(lockPause):
		}
	}
}

// removeUnused removes a folder and its lock, unless somebody uses it.
func removeUnused(folder string) (removed bool, err error) {
	unlock, err := tryLock(lockName(folder), exclusive)
	if errors.Is(err, errLocked) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := os.RemoveAll(folder); err != nil {
		return false, err
	}
	return true, os.Remove(lockName(folder)) // whoever waits for it notices that it is gone
}
