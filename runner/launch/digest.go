package launch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"github.com/countersign-dev/countersign/suite/limits"
)

// errTooMuch is the error where a folder holds more.
var errTooMuch = fmt.Errorf("it holds more than %d MB", limits.App>>20)

// digest is a hash of files: their paths, what may be executed, and their contents.
type digest struct {
	hash.Hash
	files fs.FS
	left  int64 // bytes that may still be read
}

func newDigest(files fs.FS) *digest { return &digest{sha256.New(), files, limits.App} }

// contentName is a name for the contents of files.
func contentName(files fs.FS) (string, error) {
	sum := newDigest(files)
	err := sum.add(".")
	return sum.name(), err
}

func (d *digest) name() string { return hex.EncodeToString(d.Sum(nil)[:keyLength/2]) }

// add hashes a file, or everything in a folder but what tools put there.
func (d *digest) add(root string) error {
	return fs.WalkDir(d.files, root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && d.generated(path, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			return d.addLink(path)
		case !entry.Type().IsRegular(): // a socket or a device
			return nil
		}
		return d.addFile(path)
	})
}

// generated reports whether a folder holds what a tool can write anew: versions,
// packages, compiled files. See https://bford.info/cachedir/ for the tag.
func (d *digest) generated(path, name string) bool {
	switch name {
	case ".git", ".hg", ".svn", "node_modules", "__pycache__":
		return true
	}
	for _, mark := range []string{"CACHEDIR.TAG", "pyvenv.cfg"} {
		if _, err := fs.Stat(d.files, path+"/"+mark); err == nil {
			return true
		}
	}
	return false
}

// addLink hashes where a link leads to, and the file that is there. What is in a
// folder behind a link is not read.
func (d *digest) addLink(path string) error {
	target, err := fs.ReadLink(d.files, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(d, "link %q to %q ", path, target)
	if found, err := fs.Stat(d.files, path); err != nil || !found.Mode().IsRegular() {
		return nil // it leads nowhere, or to a folder
	}
	return d.addFile(path)
}

func (d *digest) addFile(path string) error {
	file, err := d.files.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(d, "%q %o %d ", path, info.Mode()&0o111, info.Size())
	read, err := io.Copy(d, io.LimitReader(file, d.left+1))
	if d.left -= read; d.left < 0 {
		return errors.Join(errTooMuch, err)
	}
	return err
}

// Digest is a hash of the target's folder: its description and its app. It changes
// where anything may that is judged.
func (d Description) Digest() (string, error) {
	files := d.files
	if files == nil {
		files = os.DirFS(d.folder)
	}
	name, err := contentName(files)
	if err != nil {
		return "", fmt.Errorf("reading the folder of %s: %w", d.Name, err)
	}
	return name, nil
}
