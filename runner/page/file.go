package page

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The permissions of what is written: reports and findings may say more of an endpoint
// than others on this machine are to know.
const (
	FileMode   os.FileMode = 0o600
	FolderMode os.FileMode = 0o700
)

// WriteFile writes a file whole or not at all: what write gives goes into a draft
// beside it, which takes its place at the end. A pipe or a device cannot be
// replaced and is written to as it is.
func WriteFile(path string, write func(io.Writer) error) error {
	if found, err := os.Stat(path); err == nil && !found.Mode().IsRegular() {
		return writeInPlace(path, write)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".countersign-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() { _ = os.Remove(draft.Name()) }() // is gone already where all went well
	for _, step := range []func() error{
		func() error { return write(draft) },
		func() error { return draft.Chmod(FileMode) },
		draft.Close,
		func() error { return os.Rename(draft.Name(), path) },
	} {
		if err := step(); err != nil {
			_ = draft.Close()
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	return nil
}

func writeInPlace(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := write(file); err != nil {
		_ = file.Close()
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return file.Close()
}
