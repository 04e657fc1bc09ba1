package fuzzing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/strictjson"
)

// corpusSchema names the format of a corpus.
const corpusSchema = "urn:countersign:fuzz-corpus:2"

// Corpus is the inputs that made a target show distinct behaviours.
type Corpus struct {
	Schema string       `json:"schema"`
	Target string       `json:"target"`
	Inputs []live.Input `json:"inputs"`
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

// ReadCorpus reads a corpus; one that does not exist is empty.
func ReadCorpus(path string) (Corpus, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Corpus{Schema: corpusSchema}, nil
	}
	if err != nil {
		return Corpus{}, fmt.Errorf("reading the corpus: %w", err)
	}
	var c Corpus
	if err := checkSchema(text, corpusSchema); err != nil {
		return Corpus{}, fmt.Errorf("reading the corpus %s: %w", path, err)
	}
	if err := strictjson.Unmarshal(text, &c); err != nil {
		return Corpus{}, fmt.Errorf("reading the corpus %s: %w", path, err)
	}
	for _, in := range c.Inputs {
		if err := in.Check(); err != nil {
			return Corpus{}, fmt.Errorf("reading the corpus %s: %w", path, err)
		}
	}
	return c, nil
}

// Save writes the corpus, without duplicates.
func (c Corpus) Save(path string) error {
	seen := map[string]bool{}
	c.Inputs = slices.DeleteFunc(slices.Clone(c.Inputs), func(in live.Input) bool {
		key := in.String()
		known := seen[key]
		seen[key] = true
		return known
	})
	c.Inputs = c.Inputs[max(0, len(c.Inputs)-limits.Corpus):]
	c.Schema = corpusSchema
	encoded, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encoding the corpus: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), page.FolderMode); err != nil {
		return fmt.Errorf("making the folder of the corpus: %w", err)
	}
	if err := write(path, append(page.Escaped(encoded), '\n')); err != nil {
		return fmt.Errorf("saving the corpus: %w", err)
	}
	return nil
}
