package rotate

import (
	"fmt"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
)

// Formats are the formats for files, by name.
var Formats = map[string]func(io.Writer, Rotation) error{
	"html": writeHTML,
	"json": writeJSON,
	"svg":  drawSVG,
}

// writeJSON writes a result as rotation.schema.json describes it.
func writeJSON(w io.Writer, r Rotation) error {
	if err := page.JSON(w, r); err != nil {
		return fmt.Errorf("writing the result of the drill as JSON: %w", err)
	}
	return nil
}
