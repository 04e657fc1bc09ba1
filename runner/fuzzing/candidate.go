package fuzzing

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/runner/page"
)

// The files of a candidate.
const (
	CandidateFile = "candidate.json"
	LiteralFile   = "candidate.go.txt"
)

// SaveCandidate writes a candidate, and its case as Go, into a folder.
func SaveCandidate(folder string, c live.Candidate) error {
	encoded, err := indented(c)
	if err == nil {
		err = os.MkdirAll(folder, page.FolderMode)
	}
	if err == nil {
		err = write(filepath.Join(folder, CandidateFile), encoded)
	}
	if err == nil {
		err = write(filepath.Join(folder, LiteralFile), c.Literal())
	}
	if err != nil {
		return fmt.Errorf("saving a candidate: %w", err)
	}
	return nil
}
