package matrix

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

const (
	narrowest   = 34 // of columns beside each other
	headerLines = 2  // that a header field may take
	bodyLines   = 8  // that a body may take; `run --report` writes all of it
)

// Comparison is what one case showed in several targets.
type Comparison struct {
	ID      string
	Reports []report.Report // one for each target, with the case
}

// ExitCode is that of the worst target, in this case alone.
func (c Comparison) ExitCode() int {
	var codes []int
	for _, r := range c.Reports {
		codes = append(codes, c.exitCode(r))
	}
	if len(codes) == 0 {
		return page.ExitCouldNotJudge
	}
	return slices.MinFunc(codes, func(a, b int) int { return slices.Index(severity, a) - slices.Index(severity, b) })
}

func (c Comparison) exitCode(r report.Report) int {
	switch c.in(r).Verdict {
	case engine.Fail:
		if !r.Void {
			return page.ExitViolates
		}
	case engine.Inconclusive, engine.Error, engine.Blocked, notJudged:
		if !r.Void {
			return page.ExitCouldNotJudge
		}
	}
	if r.Void {
		return page.ExitVoid
	}
	return page.ExitConforms
}

// in is the case in a report.
func (c Comparison) in(r report.Report) report.Case {
	i := slices.IndexFunc(r.Cases, func(other report.Case) bool { return other.ID == c.ID })
	if i < 0 {
		return report.Case{ID: c.ID}
	}
	return r.Cases[i]
}

// block is lines that begin at the same height in every column.
type block []page.Span

// Text sets a comparison for a terminal: the exchanges of the targets beside each
// other or, where there is no room, below each other.
func (c Comparison) Text(w io.Writer, style page.Style) error {
	p := page.New(w, style)
	room := p.Within(widest) - margin
	width := room/max(1, len(c.Reports)) - space
	each := len(c.Reports)
	if width < narrowest {
		width, each = room-space, 1
	}
	for from := 0; from < len(c.Reports); from += each {
		var columns [][]block
		for _, r := range c.Reports[from:min(from+each, len(c.Reports))] {
			columns = append(columns, c.blocks(r, width))
		}
		beside(p, columns, width)
	}
	return p.Flush("the comparison")
}

// beside sets columns of blocks beside each other.
func beside(p *page.Page, columns [][]block, width int) {
	blocks := 0
	for _, column := range columns {
		blocks = max(blocks, len(column))
	}
	for n := range blocks {
		height := 0
		for _, column := range columns {
			if n < len(column) {
				height = max(height, len(column[n]))
			}
		}
		p.Line()
		for line := range height {
			spans := []page.Span{page.Space(margin)}
			for _, column := range columns {
				span := page.Text("")
				if n < len(column) && line < len(column[n]) {
					span = column[n][line]
				}
				spans = append(spans, span, page.Space(width+space-span.Columns()))
			}
			p.Line(spans...)
		}
	}
}

// blocks are those of one target: its verdict, then every exchange.
func (c Comparison) blocks(r report.Report, width int) []block {
	found := c.in(r)
	head := block{page.Text(r.Target.Title(), page.Bold)}
	head = append(head, page.Text(strings.ToUpper(string(found.Verdict)), page.Bold, colourOf(c.exitCode(r))))
	head = head.add("observed: "+found.Observed, width)
	if found.Note != "" {
		head = head.add("note: "+found.Note, width)
	}
	if r.Void {
		head = head.add("void: "+r.VoidReason, width, page.Yellow)
	}
	blocks := []block{head}
	for _, e := range found.Exchanges {
		request := block{page.Text(e.Part, page.Bold)}
		blocks = append(blocks, request.message("> ", e.Request.Method+" "+e.Request.Target, e.Request.Header, e.Request.Content, width), response(e, width))
	}
	return blocks
}

// response is the response of an exchange, and its effects.
func response(e report.Exchange, width int) block {
	b := block{}
	if e.Response == nil {
		b = b.add("no response: "+e.NoResponse, width, page.Yellow)
	} else {
		b = b.message("< ", fmt.Sprintf("status %d", e.Response.Status), e.Response.Header, e.Response.Content, width)
	}
	b = b.add("function runs: "+fmt.Sprint(e.Runs), width)
	for _, a := range e.APIRequests {
		b = b.add(fmt.Sprintf("to the API: %s %s, status %d", a.Method, a.Path, a.Status), width)
	}
	return b
}

// message adds a request or a response.
func (b block) message(mark, first string, header report.Header, content report.Content, width int) block {
	b = b.part(mark, first, width, headerLines, page.Cyan)
	for _, field := range header {
		b = b.part(mark, field[0]+": "+field[1], width, headerLines)
	}
	if content.Body != "" {
		b = b.part(mark, "", width, 1).part(mark, content.Body, width, bodyLines)
	}
	return b
}

// part adds a part of a message, of which only the first lines are shown.
func (b block) part(mark, text string, width, most int, codes ...page.Code) block {
	lines := cut(page.Clean(text), width-page.Columns(mark)-1)
	for i, line := range lines[:min(len(lines), most)] {
		if i == most-1 && len(lines) > most {
			line += "…"
		}
		b = append(b, page.Text(mark+line, codes...))
	}
	return b
}

// add adds a text between whose words lines can be broken.
func (b block) add(text string, width int, codes ...page.Code) block {
	for _, line := range page.Wrap(text, width) {
		for _, part := range cut(line, width) {
			b = append(b, page.Text(part, codes...))
		}
	}
	return b
}

// cut breaks a text into lines of at most width columns, in the middle of words.
func cut(text string, width int) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		runes := []rune(line)
		for len(runes) > width {
			lines, runes = append(lines, string(runes[:width])), runes[width:]
		}
		lines = append(lines, string(runes))
	}
	return lines
}
