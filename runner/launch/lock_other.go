//go:build !unix

package launch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

const lockPause = 100 * time.Millisecond

// lockFile locks by creating a file. Where a run was killed the file stays; the
// error names it.
func lockFile(ctx context.Context, name string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, lockLimit)
	defer cancel()
	for {
		file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			return func() { _ = file.Close(); _ = os.Remove(name) }, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("locking %s: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s stayed locked: %w", name, ctx.Err())
		case <-time.After(lockPause):
		}
	}
}
