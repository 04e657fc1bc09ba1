package fuzzing

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/countersign-dev/countersign/fuzz/live"
)

// The files of a candidate.
const (
	CandidateFile = "candidate.json"
	LiteralFile   = "candidate.go.txt"
)

// SaveCandidate writes a candidate and its case as Go into a folder.
func SaveCandidate(folder string, c live.Candidate) error {
	encoded, err := indented(c)
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil {
		err = replace(filepath.Join(folder, CandidateFile), encoded)
	}
	if err == nil {
		err = replace(filepath.Join(folder, LiteralFile), c.Literal())
	}
	if err != nil {
		return fmt.Errorf("writing a candidate: %w", err)
	}
	return nil
}

// Save writes a joined campaign into a folder.
func (m Merged) Save(folder string) error {
	for _, f := range m.Findings {
		if _, err := SaveFinding(folder, f); err != nil {
			return err
		}
	}
	if err := m.Corpus.Save(CorpusFile(folder, "corpus")); err != nil {
		return err
	}
	return m.Record.Save(folder)
}
