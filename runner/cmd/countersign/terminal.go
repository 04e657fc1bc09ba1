package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"github.com/countersign-dev/countersign/runner/page"
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

// style is how to set text for a stream: in colour only on a terminal, unless
// colours are switched off (https://no-color.org).
func (a *app) style(stream io.Writer, plain bool) page.Style {
	width, is := terminal(stream)
	colour := is && !plain && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
	return page.Style{Colour: colour, Width: width}
}

func (a *app) progress(quiet bool) *report.ProgressPrinter {
	if quiet {
		return &report.ProgressPrinter{}
	}
	width, is := terminal(a.stderr)
	return &report.ProgressPrinter{Out: a.stderr, Live: is && a.getenv("TERM") != "dumb", Width: width}
}
