package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/targets"
)

// Builtin returns the built-in targets, by name.
func Builtin() []Description {
	files, err := fs.Glob(targets.Files, "*/"+descriptionFile)
	if err != nil {
		panic("the pattern is well-formed: " + err.Error())
	}
	var all []Description
	for _, file := range files {
		text, err := fs.ReadFile(targets.Files, file)
		if err != nil {
			panic("what is embedded can be read: " + err.Error())
		}
		d, err := read(text, file)
		if err != nil {
			panic("built-in targets are tested: " + err.Error())
		}
		if d.files, err = fs.Sub(targets.Files, path.Dir(file)); err != nil {
			panic("the folder of an embedded file is there: " + err.Error())
		}
		all = append(all, d)
	}
	return all
}

// IsBuiltin reports whether a name, with or without a variant, is that of a built-in
// target.
func IsBuiltin(name string) bool {
	builtin, _, _ := strings.Cut(name, "/")
	return slices.ContainsFunc(Builtin(), func(d Description) bool { return d.Name == builtin })
}

// Find returns a target by the name of a built-in one, or by the path of a folder
// with a target.yaml, or of that file. A variant is named behind a slash:
// "inngest-js/express", "./my-sdk/express".
func Find(name string) (Description, error) {
	var known []string
	builtin, variant, _ := strings.Cut(name, "/")
	for _, d := range Builtin() {
		if d.Name == name || d.Name == builtin && variant != "" {
			return d.choose(variant)
		}
		known = append(known, d.Name)
	}
	if looksLikePath(name) {
		return findOnDisk(name)
	}
	hint := "name a target of your own by the path of its folder, like ./" + filepath.Join("my-sdk", descriptionFile)
	switch near := page.Nearest(name, append([]string{"reference"}, known...)); near {
	case "":
	case "reference":
		hint = "did you mean reference? It is embedded: `matrix` and `explain` take its name, all others judge it without --target"
	default:
		hint = "did you mean " + near + "?"
	}
	return Description{}, page.Usage(hint, "there is no target %q; there are %s", name, list(known))
}

func looksLikePath(name string) bool {
	if strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") || isYAML(name) {
		return true
	}
	found, err := os.Stat(name)
	return err == nil && found.IsDir()
}

func isYAML(name string) bool {
	extension := filepath.Ext(name)
	return extension == ".yaml" || extension == ".yml"
}

// findOnDisk reads the target.yaml that a path names. Where there is none, the
// last word of the path may be a variant.
func findOnDisk(name string) (Description, error) {
	d, err := readAt(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return d, err
	}
	if parent, variant := filepath.Split(name); parent != "" && variant != "" && !isYAML(name) {
		if d, err := readAt(filepath.Clean(parent)); err == nil {
			return d.choose(variant)
		}
	}
	return d, page.Usage("a target is a folder with a "+descriptionFile+"; `countersign init` writes one", "there is no %s", fileAt(name))
}

// readAt reads a description at a path; the error is fs.ErrNotExist where there is
// none.
func readAt(name string) (Description, error) {
	file := fileAt(name)
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return Description{}, fs.ErrNotExist
	case err != nil:
		return Description{}, page.Usage("check its permissions", "reading %s: %v", file, err)
	}
	return readFolder(filepath.Dir(file), text)
}

func fileAt(name string) string {
	if isYAML(name) {
		return name
	}
	return filepath.Join(name, descriptionFile)
}

// String names a target and where it comes from.
func (d Description) String() string {
	if d.folder != "" {
		return fmt.Sprintf("%s (%s)", d.FullName(), d.folder)
	}
	return d.FullName()
}
