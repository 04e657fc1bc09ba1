package launch

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/countersign-dev/countersign/runner/page"
)

const appFolder = "app"

// placeApp finds the folder of the target's app. A built-in app is extracted into
// a folder whose name is a hash of its files, so a folder that exists is current.
func (l *Lab) placeApp(ctx context.Context) error {
	d := l.target
	if d.files == nil {
		l.app = filepath.Join(d.folder, appFolder)
		if found, err := os.Stat(l.app); err != nil || !found.IsDir() {
			l.app = d.folder
		}
		return nil
	}
	files, err := d.appFiles("")
	if err != nil {
		return err
	}
	name, err := contentName(files)
	if err != nil {
		return fmt.Errorf("reading the app of %s: %w", d.Name, err)
	}
	l.app = filepath.Join(l.store, appFolder+"-"+name)
	if err := os.MkdirAll(l.store, page.FolderMode); err != nil {
		return fmt.Errorf("making the cache folder of %s: %w", d.Name, err)
	}
	if err := l.hold(ctx, l.app); err != nil {
		return fmt.Errorf("using the app of %s: %w", d.Name, err)
	}
	if _, err := os.Stat(l.app); err == nil {
		return nil
	}
	if err := extract(files, l.app); err != nil {
		return fmt.Errorf("writing the app of %s: %w", d.Name, err)
	}
	return nil
}

// appFiles are the files of the app, which of a target on disk are in a folder.
func (d Description) appFiles(folder string) (fs.FS, error) {
	if d.files == nil {
		return os.DirFS(folder), nil
	}
	files, err := fs.Sub(d.files, appFolder)
	if err != nil {
		return nil, fmt.Errorf("finding the app of %s: %w", d.Name, err)
	}
	return files, nil
}

// extract writes files to a temporary folder and renames it. If another run has
// done so in the meantime, its files are the same.
func extract(files fs.FS, folder string) error {
	unfinished, err := draftOf(folder)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := os.CopyFS(unfinished, files); err != nil {
		return err
	}
	if err := os.Chmod(unfinished, page.FolderMode); err != nil {
		return err
	}
	err = os.Rename(unfinished, folder)
	if _, missing := os.Stat(folder); missing == nil {
		return nil
	}
	return err
}
