package rotate

import (
	"bytes"
	"fmt"
	"html"

	"github.com/countersign-dev/countersign/runner/page"
)

// drawing is the state of a picture that is being drawn.
type drawing struct {
	bytes.Buffer
	r    Rotation
	from int64
	to   int64
	y    int // of the next row's middle
}

func (d *drawing) put(format string, args ...any) { fmt.Fprintf(d, format, args...) }

// text writes a text, escaped. Every text of the picture is written by it.
func (d *drawing) text(x, y int, class, text string) {
	d.put(`<text x="%d" y="%d" class="%s">%s</text>`+"\n", x, y, class, html.EscapeString(page.CleanLine(text)))
}

// x is where a time stands, in tenths of a unit for what lies close together.
func (d *drawing) x(at int64) float64 {
	at = min(max(at, d.from), d.to)
	return plotLeft + float64(at-d.from)*(plotRight-plotLeft)/float64(d.to-d.from)
}
