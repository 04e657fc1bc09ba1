package rotate

import (
	"bufio"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/runner/report"
)

// The colours of a terminal.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

var colours = map[int]string{report.ExitConforms: green, report.ExitCouldNotJudge: yellow}

// page is a text while it is set. Its writer keeps the first error for Flush.
type page struct {
	out *bufio.Writer
	report.Style
}

func (p *page) line(text string) {
	_, _ = p.out.WriteString(strings.TrimRight(text, " ") + "\n")
}

func (p *page) paint(text string, codes ...string) string {
	if !p.Colour || text == "" {
		return text
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + "\x1b[0m"
}

// clean keeps what a target says from steering the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// columns is how wide the page is.
func (p *page) columns() int {
	const usual, most = 80, 120
	return min(max(p.Width, usual), most)
}

// wrap breaks a text between words.
func wrap(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(clean(text)) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}
