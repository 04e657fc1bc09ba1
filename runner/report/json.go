package report

import (
	"encoding/json"
	"fmt"
	"io"
)

// Formats are the formats for files, by name.
var Formats = map[string]func(io.Writer, Report) error{
	"json": JSON,
}

// JSON writes a report as report.schema.json describes it: indented, in the
// order of the catalogue, equal reports as equal bytes.
func JSON(w io.Writer, r Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("writing the report as JSON: %w", err)
	}
	return nil
}
