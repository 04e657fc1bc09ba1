package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
)

// Formats are the formats for files, by name.
var Formats = map[string]func(io.Writer, Report) error{
	"badge":    Badge,
	"html":     HTML,
	"json":     JSON,
	"junit":    JUnit,
	"markdown": Markdown,
	"sarif":    SARIF,
	"tap":      TAP,
	"v1alpha1": Upstream,
}

// JSON writes a report as report.schema.json describes it: indented, in the
// order of the catalogue, equal reports as equal bytes.
func JSON(w io.Writer, r Report) error {
	if err := page.JSON(w, r); err != nil {
		return fmt.Errorf("writing the report as JSON: %w", err)
	}
	return nil
}

// ReadJSON reads a report that [JSON] wrote. One of another version is an error.
func ReadJSON(r io.Reader) (Report, error) {
	var read Report
	if err := json.NewDecoder(r).Decode(&read); err != nil {
		return Report{}, fmt.Errorf("reading a report: %w", err)
	}
	if read.Schema != schemaName {
		return Report{}, fmt.Errorf("reading a report: it is of the format %q, not %q", read.Schema, schemaName)
	}
	return read, nil
}
