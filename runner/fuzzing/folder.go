package fuzzing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/wire"
)

// The files of a finding's folder.
const (
	FindingFile = "finding.json"
	requestFile = "request.http"
	bodyFile    = "request.body"
	scriptFile  = "request.sh"
	readmeFile  = "README.md"
)

// SaveFinding writes a finding's folder below another one and gives its path.
// A finding that is there already is written anew.
func SaveFinding(folder string, f live.Finding) (string, error) {
	place := filepath.Join(folder, f.Name())
	if err := os.MkdirAll(place, 0o755); err != nil {
		return "", fmt.Errorf("making the folder of a finding: %w", err)
	}
	encoded, err := indented(f)
	if err != nil {
		return "", fmt.Errorf("encoding a finding: %w", err)
	}
	for name, text := range map[string][]byte{
		FindingFile: encoded, requestFile: wire.Bytes(f.Request.Sent()), bodyFile: f.Request.Body, scriptFile: f.Script(bodyFile), readmeFile: f.Readme(),
	} {
		if err := replace(filepath.Join(place, name), text); err != nil {
			return "", fmt.Errorf("writing a finding: %w", err)
		}
	}
	return place, nil
}

// ReadFinding reads a finding from its folder, or from its finding.json.
func ReadFinding(path string) (live.Finding, error) {
	if there, err := os.Stat(path); err == nil && there.IsDir() {
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

// Findings reads all findings below a folder.
func Findings(folder string) (found []live.Finding, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the findings: %w", err)
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name(), FindingFile)
		if _, err := os.Stat(path); err != nil {
			continue // something else than a finding
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
	encoded, err := json.MarshalIndent(value, "", "  ")
	return append(encoded, '\n'), err
}

// replace writes a file whole or not at all.
func replace(path string, text []byte) error {
	return page.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// corpusSchema names the format of a corpus.
const corpusSchema = "urn:countersign:fuzz-corpus:1"

// corpusLimit is how many exchanges a corpus holds: the newest.
const corpusLimit = 2000

// Corpus is the exchanges that made a target behave in different ways.
type Corpus struct {
	Schema    string          `json:"schema"`
	Target    string          `json:"target"`
	Exchanges []live.Exchange `json:"exchanges"`
}

// CorpusFile is the file of a target's corpus in a folder.
func CorpusFile(folder, target string) string {
	safe := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:?*"<>| `, r) {
			return '_'
		}
		return r
	}, target)
	return filepath.Join(folder, safe+".json")
}

// ReadCorpus reads a corpus; one that is not there is empty.
func ReadCorpus(path string) (Corpus, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Corpus{Schema: corpusSchema}, nil
	}
	if err != nil {
		return Corpus{}, fmt.Errorf("reading the corpus: %w", err)
	}
	var c Corpus
	if err := strictly(text, &c); err != nil || c.Schema != corpusSchema {
		return Corpus{}, fmt.Errorf("reading the corpus %s: it is none of this version: %v", path, err)
	}
	for _, e := range c.Exchanges {
		if err := e.Check(); err != nil {
			return Corpus{}, fmt.Errorf("reading the corpus %s: %w", path, err)
		}
	}
	return c, nil
}

// Save writes the corpus, without what stands in it twice.
func (c Corpus) Save(path string) error {
	seen := map[string]bool{}
	c.Exchanges = slices.DeleteFunc(slices.Clone(c.Exchanges), func(e live.Exchange) bool {
		key := e.String()
		known := seen[key]
		seen[key] = true
		return known
	})
	c.Exchanges = c.Exchanges[max(0, len(c.Exchanges)-corpusLimit):]
	c.Schema = corpusSchema
	encoded, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding the corpus: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("making the folder of the corpus: %w", err)
	}
	if err := replace(path, append(encoded, '\n')); err != nil {
		return fmt.Errorf("writing the corpus: %w", err)
	}
	return nil
}
