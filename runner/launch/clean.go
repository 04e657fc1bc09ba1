package launch

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// Cleaned is a folder of the cache that [Clean] removed, or that a run uses.
type Cleaned struct {
	Name  string // its path below the cache folder
	Bytes int64
	InUse bool
	Err   error // why it could not be removed
}

// Clean removes what was installed of a target, or of one of its versions; with an
// empty name of all targets, also of those that are no longer there. Only folders
// that a set-up has made are removed, and none that a run uses.
func Clean(target, version string) ([]Cleaned, error) {
	root, err := cacheRoot("")
	if err != nil {
		return nil, err
	}
	stores := []string{filepath.Join(root, target)}
	if target == "" {
		stores = foldersIn(root)
	}
	var cleaned []Cleaned
	for _, store := range stores {
		for _, folder := range folders(store) {
			if isOurs(folder) && (version == "" || version == versionOf(folder)) {
				cleaned = append(cleaned, clean(root, folder))
			}
		}
		removeLeftLocks(store, version)
	}
	return cleaned, nil
}

// clean removes a folder, and the folders around it that are empty then.
func clean(root, folder string) Cleaned {
	c := Cleaned{Name: strings.TrimPrefix(folder, root+string(filepath.Separator)), Bytes: sizeOf(folder)}
	removed, err := removeUnused(finished(folder))
	if err == nil && removed {
		err = os.RemoveAll(folder)
	}
	c.InUse, c.Err = err == nil && !removed, err
	removeEmpty(root, filepath.Dir(folder))
	return c
}

// isOurs reports whether a set-up, or the extraction of an app, made a folder.
func isOurs(folder string) bool {
	return isInstalled(folder) || isName(filepath.Base(finished(folder)))
}

// isName reports whether a name is that of an installed version or of an app.
func isName(name string) bool {
	version, is := versionIn(name)
	_, err := semver.StrictNewVersion(version)
	return is && (err == nil || version == noVersion) || strings.HasPrefix(name, appFolder+"-") && isKey(name[len(appFolder)+1:])
}

// finished is the folder that an unfinished one becomes; its lock protects both.
func finished(folder string) string {
	name, is := strings.CutPrefix(filepath.Base(folder), unfinished)
	if !is {
		return folder
	}
	return filepath.Join(filepath.Dir(folder), name[:max(0, strings.LastIndexByte(name, '-'))])
}

func versionOf(folder string) string {
	version, _ := versionIn(filepath.Base(finished(folder)))
	return version
}

// removeLeftLocks removes the locks of folders that are not there: a set-up failed.
func removeLeftLocks(store, version string) {
	for _, inside := range append([]string{store}, foldersIn(store)...) {
		locks, err := filepath.Glob(filepath.Join(inside, lockName("*")))
		if err != nil {
			continue
		}
		for _, name := range locks {
			folder := strings.TrimSuffix(name, lockName(""))
			_, missing := os.Stat(folder)
			if missing != nil && isName(filepath.Base(folder)) && (version == "" || version == versionOf(folder)) {
				_, _ = removeUnused(folder)
				removeEmpty(filepath.Dir(store), inside)
			}
		}
	}
}

func sizeOf(folder string) (bytes int64) {
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // it counts as nothing
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}

// removeEmpty removes a folder below the root, and those around it, where nothing
// is left in them.
func removeEmpty(root, folder string) {
	for ; folder != root && os.Remove(folder) == nil; folder = filepath.Dir(folder) {
	}
}
