package fuzzing

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/wire"
)

// FindingFile is the name of the file in a finding's folder that holds all of it.
const FindingFile = "finding.json"

// The other files of a finding's folder.
const (
	requestFile = "request.http"
	bodyFile    = "request.body"
	scriptFile  = "request.sh"
	readmeFile  = "README.md"
)

// SaveFinding writes a finding's folder below another one and gives its path. A
// finding that is already there is replaced.
func SaveFinding(folder string, f live.Finding) (string, error) {
	place := filepath.Join(folder, f.Name())
	if err := os.MkdirAll(place, page.FolderMode); err != nil {
		return "", fmt.Errorf("making the folder of a finding: %w", err)
	}
	encoded, err := indented(f)
	if err != nil {
		return "", fmt.Errorf("encoding a finding: %w", err)
	}
	files := map[string][]byte{
		FindingFile: encoded, requestFile: wire.Bytes(f.Request.Sent()), bodyFile: f.Request.Body, scriptFile: f.Script(bodyFile), readmeFile: []byte(page.Clean(string(f.Readme()))),
	}
	for n, x := range f.Sequence {
		files[live.SequenceFile(n)] = wire.Bytes(x.Request.Sent())
	}
	for name, text := range files {
		if err := write(filepath.Join(place, name), text); err != nil {
			return "", fmt.Errorf("saving a finding: %w", err)
		}
	}
	return place, nil
}

// ReadFinding reads a finding from its folder, or from its finding.json.
func ReadFinding(path string) (live.Finding, error) {
	if isFolder(path) {
		path = filepath.Join(path, FindingFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return live.Finding{}, fmt.Errorf("reading a finding: %w", err)
	}
	f, err := live.ParseFinding(text)
	if err != nil {
		return live.Finding{}, fmt.Errorf("reading %s: %w", path, err)
	}
	return f, nil
}

// readFindings reads all findings below a folder.
func readFindings(folder string) (found []live.Finding, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the findings: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name(), FindingFile)
		if _, err := os.Stat(path); err != nil {
			continue // no finding
		}
		f, err := ReadFinding(path)
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}

func indented(value any) ([]byte, error) {
	var text bytes.Buffer
	err := page.JSON(&text, value)
	return text.Bytes(), err
}

// write writes a file whole or not at all.
func write(path string, text []byte) error {
	return page.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
