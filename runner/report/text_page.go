package report

import (
	"fmt"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
)

// text is the state of a page that is being written.
type text struct{ *page.Page }

// name is the first line of a finding.
func (t text) name(c Case) { t.nameAnd(c, "") }

func (t text) nameAnd(c Case, more string) {
	t.Line()
	t.nameLine(c, more)
}

func (t text) nameLine(c Case, more string) {
	word, colour := word(c)
	t.Line(page.Text(word, page.Bold, colour), page.Space(2), page.Text(c.ID, page.Bold), page.Text(fmt.Sprintf("  %s, %s%s", c.Level, c.Risk, more), page.Dim))
}

// word is a verdict as a finding begins with it, and its colour.
func word(c Case) (string, page.Code) {
	colour := map[engine.Verdict]page.Code{engine.Fail: page.Red, engine.Warn: page.Yellow, engine.Surprising: page.Cyan}[c.Verdict]
	return strings.ToUpper(string(c.Verdict)), colour
}
