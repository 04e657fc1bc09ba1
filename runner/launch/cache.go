package launch

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/runner/page"
)

// The cache holds one folder for each target, in which are
//
//	VERSION-KEY        what was installed of a version (in VARIANT/ where variants differ)
//	app-KEY            the app of a built-in target
//	unfinished-…       either of them while it is made
//	….lock             the lock of a folder, held by whoever uses or changes it
const (
	keyLength  = 16 // hexadecimal digits
	unfinished = "unfinished-"
	// markFile is in a folder once the version is installed.
	markFile = ".countersign-setup"
	// noVersion stands for the version of a target that has none.
	noVersion = "unversioned"
)

// cacheRoot is where versions are installed and apps are extracted.
func cacheRoot(chosen string) (string, error) {
	if chosen == "" {
		chosen = os.Getenv("COUNTERSIGN_CACHE")
	}
	if chosen == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", page.Usage("set COUNTERSIGN_CACHE to a folder", "there is no cache folder: %v", err)
		}
		chosen = filepath.Join(user, "countersign")
	}
	root, err := filepath.Abs(chosen)
	if err != nil {
		return "", fmt.Errorf("finding the cache folder: %w", err)
	}
	return root, nil
}

// draftOf makes a folder beside the one that it will be renamed to.
func draftOf(folder string) (string, error) {
	return os.MkdirTemp(filepath.Dir(folder), unfinished+filepath.Base(folder)+"-*")
}

// versionIn is the version that a folder of the cache has installed.
func versionIn(name string) (version string, ok bool) {
	cut := len(name) - keyLength - 1
	if cut < 1 || name[cut] != '-' || !isKey(name[cut+1:]) || name[:cut] == appFolder {
		return "", false
	}
	return name[:cut], true
}

func isKey(text string) bool {
	return len(text) == keyLength && strings.Trim(text, "0123456789abcdef") == ""
}

func isInstalled(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, markFile))
	return err == nil
}

// Cached lists the versions of a target that are installed, oldest first.
func Cached(d Description) []string {
	root, err := cacheRoot("")
	if err != nil {
		return nil
	}
	var versions semver.Collection
	for _, folder := range folders(filepath.Join(root, d.Name)) {
		name, _ := versionIn(filepath.Base(folder))
		if version, err := semver.StrictNewVersion(name); err == nil && isInstalled(folder) {
			versions = append(versions, version)
		}
	}
	slices.SortFunc(versions, func(a, b *semver.Version) int { return a.Compare(b) })
	var names []string
	for _, version := range versions {
		names = append(names, version.String())
	}
	return slices.Compact(names)
}

// folders are the folders in a target's part of the cache, and in those of its
// variants.
func folders(store string) []string {
	var found []string
	for _, folder := range foldersIn(store) {
		found = append(found, folder)
		if targetName.MatchString(filepath.Base(folder)) {
			found = append(found, foldersIn(folder)...)
		}
	}
	return found
}

func foldersIn(folder string) []string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []string
	for _, entry := range entries {
		if entry.IsDir() {
			found = append(found, filepath.Join(folder, entry.Name()))
		}
	}
	return found
}
