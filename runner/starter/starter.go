// Package starter writes a target to start from: a commented target.yaml and a
// small app that keeps the contract of runner/targets/README.md with the published
// SDK of a language. An author replaces that SDK by another one.
package starter

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/targets"
)

//go:embed templates
var templates embed.FS

// suffix is added to the names of files that would otherwise make their folder a
// Go module, or be built as part of ours.
const suffix = ".tmpl"

// placeholder is the name of the target in every template.
const placeholder = "name: my-sdk\n"

// sharedFiles are files of a template that a built-in target has, too.
var sharedFiles = map[string]map[string]string{
	"rust": {"app/Cargo.lock": "inngest-rs/app/Cargo.lock"},
}

// also are other names of the languages.
var also = map[string]string{
	"javascript": "node", "js": "node", "typescript": "node", "ts": "node", "nodejs": "node", "golang": "go", "py": "python", "python3": "python", "rs": "rust",
}

// Languages are the languages that there is a template for.
func Languages() []string {
	entries, err := templates.ReadDir("templates")
	if err != nil {
		panic("what is embedded can be read: " + err.Error())
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Write writes a target into a folder, which it makes if there is none, and
// returns the files, by their paths in it. It replaces no file. The error is a
// [*page.Error].
func Write(language, folder string) (written []string, err error) {
	files, err := load(language)
	if err != nil {
		return nil, err
	}
	for name := range files {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
			return nil, page.Usage("name a folder that does not exist yet", "%s is there already, or cannot be looked at, and is not replaced", at)
		}
		written = append(written, name)
	}
	files["target.yaml"] = bytes.Replace(files["target.yaml"], []byte(placeholder), []byte("name: "+nameOf(folder)+"\n"), 1)
	slices.Sort(written)
	for _, name := range written {
		if err := writeFile(filepath.Join(folder, filepath.FromSlash(name)), files[name]); err != nil {
			return nil, page.CouldNotJudge("check the permissions of the folder", "%v", err)
		}
	}
	return written, nil
}

func writeFile(at string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return fmt.Errorf("making a folder for the target: %w", err)
	}
	if err := os.WriteFile(at, text, 0o644); err != nil {
		return fmt.Errorf("writing the target: %w", err)
	}
	return nil
}

// load reads the files of a template, by the paths that they will have.
func load(language string) (map[string][]byte, error) {
	known := Languages()
	if other := also[strings.ToLower(language)]; other != "" {
		language = other
	}
	if !slices.Contains(known, language) {
		return nil, page.NoSuch("template for the language", language, known)
	}
	root := path.Join("templates", language)
	files := map[string][]byte{}
	err := fs.WalkDir(templates, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, root+"/"), suffix)
		files[name], err = templates.ReadFile(file)
		return err
	})
	for name, from := range sharedFiles[language] {
		if err == nil {
			files[name], err = targets.Files.ReadFile(from)
		}
	}
	if err != nil {
		return nil, page.CouldNotJudge("", "reading the template for %s: %v", language, err)
	}
	return files, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf makes the name of a target from that of its folder.
func nameOf(folder string) string {
	whole, err := filepath.Abs(folder)
	if err != nil {
		whole = folder
	}
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(filepath.Base(whole)), "-"), "-")
	if name == "" {
		return "my-sdk"
	}
	return name
}
