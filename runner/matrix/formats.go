package matrix

import (
	"fmt"
	"io"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// Formats are the formats for files, by name. The JSON always has the cases.
func Formats(rows Rows) map[string]func(io.Writer, Matrix) error {
	return map[string]func(io.Writer, Matrix) error{
		"html":     func(w io.Writer, m Matrix) error { return writeHTML(w, m, rows) },
		"json":     writeJSON,
		"markdown": func(w io.Writer, m Matrix) error { return writeMarkdown(w, m, rows) },
	}
}

// writeJSON writes a matrix as matrix.schema.json describes it.
func writeJSON(w io.Writer, m Matrix) error {
	if err := encode(w, m); err != nil {
		return fmt.Errorf("writing the matrix as JSON: %w", err)
	}
	return nil
}

// writeMarkdown writes the table of targets, the table, and why targets were not
// judged.
func writeMarkdown(w io.Writer, m Matrix, rows Rows) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** – %s\n\n%s by %s %s\n\n", m.Conclusion.Verdict, escaped(m.Conclusion.Why), m.scope(), m.Plan.Tool.Name, escaped(m.Plan.Tool.Version))
	markdownHead(&b, summaryHead)
	for _, c := range m.Columns {
		markdownLine(&b, c.summary())
	}
	b.WriteByte('\n')
	titles := []string{""}
	for _, c := range m.Columns {
		titles = append(titles, c.title())
	}
	markdownHead(&b, titles)
	for _, r := range m.rows(rows) {
		line := []string{r.title}
		for _, c := range r.cells {
			line = append(line, c.text)
		}
		markdownLine(&b, line)
	}
	for _, c := range m.Columns {
		if len(c.Results) == 0 {
			fmt.Fprintf(&b, "\n- %s, %s: %s\n", escaped(c.title()), c.Conclusion.Verdict, escaped(c.Conclusion.Why))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the matrix as Markdown: %w", err)
	}
	return nil
}

func markdownHead(b *strings.Builder, words []string) {
	markdownLine(b, words)
	b.WriteString("|" + strings.Repeat(" --- |", len(words)) + "\n")
}

func markdownLine(b *strings.Builder, words []string) {
	for _, word := range words {
		b.WriteString("| " + escaped(word) + " ")
	}
	b.WriteString("|\n")
}

// escaped is a text in one line, in which nothing is a mark of Markdown.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range page.CleanLine(strings.ReplaceAll(text, "\n", " ")) {
		if strings.ContainsRune("\\`*_[]<>|#~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
