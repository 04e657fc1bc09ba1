package report

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
)

// HTMLPage is a result that is no run's, as one page that needs nothing besides and no
// network: a rotation, a matrix. It looks as the report of a run does.
type HTMLPage struct {
	Title      string
	Conclusion Conclusion
	Intro      []string
	Parts      []HTMLPart
}

// HTMLPart is a part of a page, with what it has of these.
type HTMLPart struct {
	Heading string
	Picture []byte // SVG
	Alt     string // of the picture, for those who do not see it
	Table   *HTMLTable
	Lines   []string
}

// HTMLTable is a table whose first column names its rows.
type HTMLTable struct {
	Head []string
	Rows [][]HTMLCell
}

// HTMLCell is a text, and the verdict whose colour it has; empty for none.
type HTMLCell struct {
	Text    string
	Verdict string // "pass", "fail" or "warn"
}

// Write writes the page.
func (p HTMLPage) Write(w io.Writer) error {
	style, policy := inline("style", "html/report.css")
	var out bytes.Buffer
	err := htmlPage.ExecuteTemplate(&out, "page", struct {
		HTMLPage
		Style  template.HTML
		Policy string
	}{p, style, "default-src 'none'; img-src data:; style-src " + policy + "; base-uri 'none'; form-action 'none'"})
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	if _, err := io.WriteString(w, page.Clean(out.String())); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// Source is the picture as the source of an image, in which no script runs.
func (p HTMLPart) Source() template.URL {
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(p.Picture)) //nolint:gosec // an image
}
