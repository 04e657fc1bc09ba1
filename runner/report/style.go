package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Style is how a text is set.
type Style struct {
	Colour bool
	Width  int // columns; the zero value is 80
}

const (
	usualWidth    = 80
	narrowest     = 40
	bold          = "1"
	dim           = "2"
	red           = "31"
	green         = "32"
	yellow        = "33"
	cyan          = "36"
	replacementCh = '\uFFFD'
)

func (s Style) width() int {
	if s.Width == 0 {
		return usualWidth
	}
	return max(narrowest, min(s.Width, usualWidth))
}

// paint colours a text, where there is colour.
func (s Style) paint(text string, codes ...string) string {
	if !s.Colour || text == "" {
		return text
	}
	return "\x1b[" + strings.Join(codes, ";") + "m" + text + "\x1b[0m"
}

// clean keeps what a target says from steering the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && !unicode.IsPrint(r) {
			return replacementCh
		}
		return r
	}, strings.ReplaceAll(text, "\t", "  "))
}

// wrap breaks a text between words into lines of at most width columns; lines
// that the text already has are kept.
func wrap(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(clean(text), "\n"), "\n") {
		lines = append(lines, wrapLine(line, width)...)
	}
	return lines
}

func wrapLine(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case length(line)+1+length(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// length is how many columns a text takes.
func length(text string) int { return utf8.RuneCountInString(text) }

// pad fills a text with blanks up to a width.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-length(text)))
}
