package report

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
)

// badge is the JSON that an endpoint badge of shields.io is drawn from.
type badge struct {
	SchemaVersion int    `json:"schemaVersion"`
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
}

// Badge writes a report as the JSON of an endpoint badge.
func Badge(w io.Writer, r Report) error {
	b := badge{1, "countersign", r.Conclusion.Verdict, "yellow"}
	switch r.Conclusion.ExitCode {
	case page.ExitConforms:
		b.Color, b.Message = "brightgreen", fmt.Sprintf("%s, %d of %s", r.Conclusion.Verdict, r.Judged, page.Count(r.Total, "case"))
	case page.ExitViolates:
		b.Color, b.Message = "red", r.Conclusion.Why
	case page.ExitVoid:
		b.Color = "lightgrey"
	}
	if err := json.NewEncoder(w).Encode(b); err != nil {
		return fmt.Errorf("writing the report as a badge: %w", err)
	}
	return nil
}
