package evidence

import (
	"bytes"
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
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/strictjson"
)

// asWritten is the hint for a folder that is refused.
const asWritten = "judge a folder just as `countersign run --evidence` wrote it; nothing in it is repaired"

// Read reads a folder. One that is not as it was written, or whose run did not end, is
// an error that says so in a sentence. Nothing outside of the folder is read.
func Read(path string) (Contents, error) {
	path = filepath.Clean(path) // a slash at its end would follow a link
	found, err := os.Lstat(path)
	switch {
	case err != nil:
		return Contents{}, page.Usage("`countersign run --evidence DIR` writes one", "there is no evidence to judge: %v", err)
	case !found.IsDir():
		return Contents{}, page.Usage(asWritten, "%s is %s, not a folder with evidence", path, kindOf(found.Mode()))
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return Contents{}, page.Usage("name a folder that can be read", "the evidence cannot be read: %v", err)
	}
	defer func() { _ = root.Close() }() // it was only read
	r := reader{root: root, path: path, files: map[string][]byte{}, left: limits.Evidence}
	return r.read()
}

// reader reads the files of one folder.
type reader struct {
	root  *os.Root
	path  string
	files map[string][]byte
	left  int64 // how many bytes more may be read
}

func (r *reader) read() (c Contents, err error) {
	names, err := r.names()
	if err != nil {
		return c, err
	}
	if err := r.manifest(names, &c.Manifest); err != nil {
		return c, err
	}
	for _, name := range append([]string{sumsFile}, summed...) {
		if !slices.Contains(names, name) {
			return c, page.Usage(asWritten, "%s has changed since it was written: %s is missing", r.path, name)
		}
		if err := r.file(name); err != nil {
			return c, err
		}
	}
	for _, name := range names {
		if name != sumsFile && !slices.Contains(summed, name) {
			return c, page.Usage(asWritten, "%s has changed since it was written: %q was added", r.path, name)
		}
	}
	if err := r.check(); err != nil {
		return c, err
	}
	c.Digest = digestOf(r.files[sumsFile])
	if err := r.decode(&c); err != nil {
		return c, page.Usage(asWritten, "%s is not as this version writes it: %v", r.path, err)
	}
	return c, nil
}

// names are the files of the folder. Whatever is no file is refused.
func (r *reader) names() (names []string, err error) {
	entries, err := fs.ReadDir(r.root.FS(), ".")
	if err != nil {
		return nil, page.Usage("name a folder that can be read", "the evidence cannot be read: %v", err)
	}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			return nil, page.Usage(asWritten, "%s is refused: %q in it is %s", r.path, entry.Name(), kindOf(entry.Type()))
		}
		names = append(names, entry.Name())
	}
	return names, nil
}

// manifest reads the manifest, and says whether the rest can be read.
func (r *reader) manifest(names []string, into *Manifest) error {
	if !slices.Contains(names, manifestFile) {
		return page.Usage("`countersign run --evidence DIR` writes one", "%s has no evidence: there is no %s in it", r.path, manifestFile)
	}
	if err := r.file(manifestFile); err != nil {
		return err
	}
	schema, is := schemaOf(r.files[manifestFile])
	switch {
	case !is:
		return page.Usage(asWritten, "%s has changed since it was written: its %s is no JSON of evidence", r.path, manifestFile)
	case schema != schemaName:
		return page.Usage("judge it with the version of Countersign that wrote it, or a later one", "%s is of the format %q, and this version reads %q", r.path, schema, schemaName)
	}
	if err := strictjson.Unmarshal(r.files[manifestFile], into); err != nil {
		return page.Usage(asWritten, "%s has changed since it was written: %s: %v", r.path, manifestFile, err)
	}
	if !into.Complete {
		return page.CouldNotJudge("run it again; one that is interrupted with Ctrl-C keeps what it has seen",
			"%s is incomplete: the run that began %s did not end, so there is nothing to judge", r.path, into.Started.Format("2006-01-02 15:04:05 MST"))
	}
	return nil
}

// schemaOf is the format that a manifest names, whatever else is in it.
func schemaOf(text []byte) (schema string, is bool) {
	var head struct {
		Schema string `json:"schema"`
	}
	err := json.Unmarshal(text, &head)
	return head.Schema, err == nil && strings.HasPrefix(head.Schema, "urn:countersign:evidence:")
}

// file reads one file, which has to be one still when it is open.
func (r *reader) file(name string) error {
	if r.files[name] != nil {
		return nil
	}
	text, err := r.regular(name)
	switch {
	case errors.Is(err, errTooLarge):
		return page.Usage(asWritten, "%s is refused: it has more than the %d MiB that a run writes", r.path, limits.Evidence>>20)
	case err != nil:
		return page.Usage("name a folder whose files can be read", "the evidence cannot be read: %v", err)
	}
	r.files[name] = text
	return nil
}

var errTooLarge = errors.New("too large")

func (r *reader) regular(name string) ([]byte, error) {
	before, err := r.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s", name, kindOf(before.Mode()))
	}
	file, err := r.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	if opened, err := file.Stat(); err != nil || !os.SameFile(before, opened) {
		return nil, fmt.Errorf("%s was replaced meanwhile", name)
	}
	text, err := io.ReadAll(io.LimitReader(file, r.left+1))
	if r.left -= int64(len(text)); r.left < 0 {
		return nil, errTooLarge
	}
	return text, err
}

// check compares the files with their digests.
func (r *reader) check() error {
	want := sums(r.files)
	if bytes.Equal(r.files[sumsFile], want) {
		return nil
	}
	stated := bytes.SplitAfter(r.files[sumsFile], []byte("\n"))
	for i, line := range bytes.SplitAfter(want, []byte("\n")) {
		if len(line) > 0 && (i >= len(stated) || !bytes.Equal(line, stated[i])) {
			if len(stated) != len(summed)+1 {
				break
			}
			return page.Usage(asWritten, "%s has changed since it was written: %s is not what %s says", r.path, summed[i], sumsFile)
		}
	}
	return page.Usage(asWritten, "%s has changed since it was written: %s has not one line for each file", r.path, sumsFile)
}

// decode reads the files, strictly.
func (r *reader) decode(c *Contents) (err error) {
	if err := strictjson.Unmarshal(r.files[runFile], &c.Run); err != nil {
		return fmt.Errorf("%s: %w", runFile, err)
	}
	e := &c.Run.Observed
	if e.Cases, err = decoded[engine.CaseEvidence](r.files[casesFile]); err != nil {
		return fmt.Errorf("%s: %w", casesFile, err)
	}
	if e.Processes, err = decoded[engine.ProcessEvidence](r.files[processesFile]); err != nil {
		return fmt.Errorf("%s: %w", processesFile, err)
	}
	if e.Exchanges, err = decoded[engine.ExchangeEvidence](r.files[exchangesFile]); err != nil {
		return fmt.Errorf("%s: %w", exchangesFile, err)
	}
	return nil
}

// decoded reads a value from each line.
func decoded[T any](text []byte) (values []T, err error) {
	for line := range bytes.Lines(text) {
		if len(values) == limits.EvidenceLines {
			return nil, fmt.Errorf("it has more than %d lines", limits.EvidenceLines)
		}
		var value T
		if err := strictjson.Unmarshal(line, &value); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(values)+1, err)
		}
		values = append(values, value)
	}
	return values, nil
}
