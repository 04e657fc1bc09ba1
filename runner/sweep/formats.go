package sweep

import (
	"encoding/csv"
	"fmt"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
)

// Formats are the formats for files, by name.
var Formats = map[string]func(io.Writer, Sweep) error{
	"csv":  writeCSV,
	"json": writeJSON,
}

// writeJSON writes a sweep as sweep.schema.json describes it.
func writeJSON(w io.Writer, s Sweep) error {
	if err := page.JSON(w, s); err != nil {
		return fmt.Errorf("writing the sweep as JSON: %w", err)
	}
	return nil
}

// writeCSV writes one line for each case: its verdict in every version, and what was
// found. A version that was not judged has empty cells.
func writeCSV(w io.Writer, s Sweep) error {
	head := []string{"case", "level"}
	for _, v := range s.Versions {
		head = append(head, v.Version)
	}
	lines := [][]string{append(head, "finding")}
	for _, c := range s.Cases {
		line := []string{c.ID, string(c.Level)}
		for _, v := range s.Versions {
			line = append(line, string(v.verdict(c.ID)))
		}
		lines = append(lines, append(line, page.CleanLine(c.Finding.Text)))
	}
	if err := csv.NewWriter(w).WriteAll(lines); err != nil {
		return fmt.Errorf("writing the sweep as CSV: %w", err)
	}
	return nil
}
