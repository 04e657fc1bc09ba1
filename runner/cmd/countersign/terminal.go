package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/countersign-dev/countersign/runner/report"
)

// terminal reports whether a stream is one, and how wide it is.
func terminal(stream io.Writer) (width int, is bool) {
	file, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	return width, err == nil
}

// style is how to set text for a stream: in colour only on a terminal that
// wants it (https://no-color.org).
func (a *app) style(stream io.Writer, plain bool) report.Style {
	width, is := terminal(stream)
	colour := is && !plain && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
	return report.Style{Colour: colour, Width: width}
}

func (a *app) progress(quiet bool) *report.Progress {
	if quiet {
		return &report.Progress{}
	}
	width, is := terminal(a.stderr)
	return &report.Progress{Out: a.stderr, Live: is && a.getenv("TERM") != "dumb", Width: width}
}

// quote writes a word so that a shell reads it as one.
func quote(word string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("/.:@-_=+,%", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if word != "" && strings.IndexFunc(word, special) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
