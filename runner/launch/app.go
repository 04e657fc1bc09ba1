package launch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const appFolder = "app"

// placeApp returns the folder of a target's app. A built-in app is extracted into
// a folder whose name is a hash of its files, so a folder that exists is current.
func (d Description) placeApp(cache string) (string, error) {
	if d.files == nil {
		app := filepath.Join(d.folder, appFolder)
		if found, err := os.Stat(app); err == nil && found.IsDir() {
			return app, nil
		}
		return d.folder, nil
	}
	app, err := fs.Sub(d.files, appFolder)
	if err != nil {
		return "", fmt.Errorf("finding the app of %s: %w", d.Name, err)
	}
	name, err := contentName(app)
	if err != nil {
		return "", fmt.Errorf("reading the app of %s: %w", d.Name, err)
	}
	placed := filepath.Join(cache, appFolder+"-"+name)
	if _, err := os.Stat(placed); err == nil {
		return placed, nil
	}
	if err := extract(app, cache, placed); err != nil {
		return "", fmt.Errorf("writing the app of %s: %w", d.Name, err)
	}
	return placed, nil
}

func contentName(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%d %s %d ", len(path), path, len(content))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:8]), err
}

// extract writes files to a temporary folder and renames it. If another run was
// faster, its files are the same.
func extract(files fs.FS, parent, folder string) error {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(parent, "unfinished-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := os.CopyFS(unfinished, files); err != nil {
		return err
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return err
	}
	err = os.Rename(unfinished, folder)
	if _, missing := os.Stat(folder); missing == nil {
		return nil
	}
	return err
}
