package sweep

import (
	"bufio"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/runner/report"
)

// The colours, as a terminal knows them.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

const (
	usualWidth = 80
	narrowest  = 40
	widest     = 160
)

// page is a text while it is set. Its writer keeps the first error for Flush.
type page struct {
	out   *bufio.Writer
	style report.Style
}

func (p *page) width() int {
	if p.style.Width == 0 {
		return usualWidth
	}
	return max(narrowest, min(p.style.Width, widest))
}

func (p *page) paint(text string, codes ...string) string {
	if !p.style.Colour || text == "" {
		return text
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + "\x1b[0m"
}

func (p *page) line(parts ...string) {
	_, _ = p.out.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n")
}

func (p *page) heading(text string) {
	p.line()
	p.wrap(0, strings.ToUpper(text[:1])+text[1:], bold)
}

func (p *page) paragraph(text string, codes ...string) { p.wrap(margin, text, codes...) }

// wrap sets a text across the page, indented and broken between words.
func (p *page) wrap(margin int, text string, codes ...string) {
	indent := strings.Repeat(" ", margin)
	line := ""
	for _, word := range strings.Fields(clean(text)) {
		if line != "" && margin+length(line)+1+length(word) > min(p.width(), usualWidth) {
			p.line(indent, p.paint(line, codes...))
			line = ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	p.line(indent, p.paint(line, codes...))
}

// clean keeps what others wrote from steering the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) && r != '\r' {
			return r
		}
		return utf8.RuneError
	}, text)
}

func length(text string) int            { return utf8.RuneCountInString(text) }
func pad(text string, n int) string     { return text + strings.Repeat(" ", max(0, n-length(text))) }
func padLeft(text string, n int) string { return strings.Repeat(" ", max(0, n-length(text))) + text }
