package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// Folder is a folder that a run writes its evidence to.
type Folder struct {
	path     string
	manifest Manifest
}

// Check finds out before a run that its evidence cannot be written: a folder is made,
// used if it is empty, or used again if evidence is all that is in it.
func Check(path string) error {
	path = filepath.Clean(path)
	found, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if parent, err := os.Stat(filepath.Dir(path)); err != nil || !parent.IsDir() {
			return page.Usage("create the folder around it first", "the evidence cannot be written: there is no folder %s", filepath.Dir(path))
		}
		return nil
	case err != nil:
		return page.Usage("name a folder that can be read", "the evidence cannot be written: %v", err)
	case !found.IsDir():
		return page.Usage("name a folder itself, or one that is not there yet", "the evidence cannot be written: %s is %s", path, kindOf(found.Mode()))
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return page.Usage("name a folder that can be read", "the evidence cannot be written: %v", err)
	}
	if len(entries) > 0 && !isEvidence(path, entries) {
		return page.Usage("name an empty folder, or one that is not there yet", "the evidence cannot be written: %s is not empty, and is no evidence", path)
	}
	return nil
}

// isEvidence reports whether a folder has nothing but evidence.
func isEvidence(path string, entries []fs.DirEntry) bool {
	for _, entry := range entries {
		known := entry.Name() == sumsFile || slices.Contains(summed, entry.Name()) || isDraft(entry.Name())
		if !known || !entry.Type().IsRegular() {
			return false
		}
	}
	text, err := os.ReadFile(filepath.Join(path, manifestFile))
	schema, isManifest := schemaOf(text)
	return err == nil && isManifest && schema == schemaName
}

// isDraft: what [page.WriteFile] was writing when it was killed.
func isDraft(name string) bool { return strings.HasPrefix(name, ".countersign-") }

// kindOf is what a file is that is no folder.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode.IsRegular():
		return "a file"
	case mode.IsDir():
		return "a folder"
	}
	return "neither a file nor a folder"
}

// Begin makes a folder, or empties one, and marks it as incomplete.
func Begin(path string, m Manifest) (*Folder, error) {
	if err := Check(path); err != nil {
		return nil, err
	}
	f := &Folder{path: filepath.Clean(path), manifest: m}
	f.manifest.Schema, f.manifest.Complete = schemaName, false
	if err := f.begin(); err != nil {
		return nil, page.Usage("name a folder that can be written to", "the evidence cannot be written: %v", err)
	}
	return f, nil
}

func (f *Folder) begin() error {
	if err := os.Mkdir(f.path, page.FolderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Chmod(f.path, page.FolderMode); err != nil {
		return err
	}
	manifest, err := document(f.manifest)
	if err == nil {
		err = f.write(manifestFile, manifest) // before the others are gone, so that what is left is never taken for complete
	}
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(f.path)
	for _, entry := range entries {
		if err == nil && entry.Name() != manifestFile {
			err = os.Remove(filepath.Join(f.path, entry.Name()))
		}
	}
	return err
}

// Finish writes everything, and the manifest and the digests last. digest is the
// SHA-256 of SHA256SUMS.
func (f *Folder) Finish(r Run) (digest string, err error) {
	f.manifest.Complete = true
	files := map[string][]byte{}
	for name, encode := range map[string]func() ([]byte, error){
		manifestFile:  func() ([]byte, error) { return document(f.manifest) },
		runFile:       func() ([]byte, error) { return document(r) },
		casesFile:     func() ([]byte, error) { return lines(r.Observed.Cases) },
		processesFile: func() ([]byte, error) { return lines(r.Observed.Processes) },
		exchangesFile: func() ([]byte, error) { return lines(r.Observed.Exchanges) },
	} {
		if files[name], err = encode(); err != nil {
			return "", fmt.Errorf("encoding %s of the evidence: %w", name, err)
		}
	}
	files[sumsFile] = sums(files)
	for _, name := range []string{casesFile, processesFile, exchangesFile, runFile, manifestFile, sumsFile} {
		if err := f.write(name, files[name]); err != nil {
			return "", fmt.Errorf("writing the evidence: %w", err)
		}
	}
	return digestOf(files[sumsFile]), nil
}

// write writes a file whole or not at all.
func (f *Folder) write(name string, text []byte) error {
	return page.WriteFile(filepath.Join(f.path, name), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// document is a value as a JSON text.
func document(value any) ([]byte, error) {
	var text bytes.Buffer
	err := page.JSON(&text, value)
	return text.Bytes(), err
}

// lines has a JSON text in a line for each value.
func lines[T any](values []T) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			return nil, err
		}
	}
	return page.Escaped(text.Bytes()), nil
}

// sums are the digests of files, as sha256sum writes them.
func sums(files map[string][]byte) []byte {
	var text bytes.Buffer
	for _, name := range summed {
		fmt.Fprintf(&text, "%s  %s\n", digestOf(files[name]), name)
	}
	return text.Bytes()
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
