package rotate

import (
	"fmt"
	"html"
	"io"

	"github.com/countersign-dev/countersign/runner/page"
)

// The dimensions of the picture, in its own units.
const (
	pageWidth  = 1080
	plotLeft   = 132
	plotRight  = 1056
	plotTop    = 150 // of the first row
	rowHeight  = 26
	groupSpace = 10 // between what is authentic, forged and old
	barHeight  = 14
)

// drawSVG draws a result as a timeline: bands for the stages, a row for every kind
// of request, a mark for every request, bars for the processes. It needs no
// font and no file besides, and is readable on light and dark.
func drawSVG(w io.Writer, r Rotation) error {
	d := &drawing{r: r, from: r.Stages[0].BeganMS, to: max(r.last().EndedMS, r.Stages[0].BeganMS+1), y: plotTop}
	rows := &drawing{r: r, from: d.from, to: d.to, y: plotTop}
	rows.rows()
	rows.bars()
	bottom := rows.y - rowHeight/2
	d.open(bottom + 84)
	d.heading()
	d.bands(bottom)
	_, _ = d.Write(rows.Bytes())
	d.axis(bottom)
	d.legend(bottom + 50)
	d.put("</svg>\n")
	if _, err := w.Write(d.Bytes()); err != nil {
		return fmt.Errorf("writing the drill as SVG: %w", err)
	}
	return nil
}

func (d *drawing) open(height int) {
	d.put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title description">`+"\n", pageWidth, height, pageWidth, height)
	d.put("<title id=\"title\">%s</title>\n", html.EscapeString(page.CleanLine("Rotation of the signing key: "+d.r.title())))
	d.put("<desc id=\"description\">%s</desc>\n", html.EscapeString(page.CleanLine(d.r.Conclusion.Verdict+": "+d.r.Conclusion.Why)))
	d.put("<style>%s</style>\n", stylesheet)
	d.put(`<rect class="page" width="%d" height="%d"/>`+"\n", pageWidth, height)
}

const stylesheet = `
:root { color-scheme: light dark; --page: #ffffff; --ink: #1d2433; --soft: #5b6577; --line: #c5ccd8; --band: #f1f4f9; --in: #1f6feb; --out: #7a8496; --bad: #d1242f; --bar: #b9c9e6; --b: #2da44e; }
@media (prefers-color-scheme: dark) { :root { --page: #11151c; --ink: #e6eaf2; --soft: #9aa5b8; --line: #3a4352; --band: #1a202b; --in: #58a6ff; --out: #8f9bb0; --bad: #ff6b6b; --bar: #2c4468; --b: #3fb950; } }
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
.page { fill: var(--page); } .band { fill: var(--band); }
.title { font-size: 19px; font-weight: 600; } .soft { fill: var(--soft); } .small { font-size: 11.5px; fill: var(--soft); }
.name { text-anchor: end; } .tick { font-size: 11.5px; fill: var(--soft); text-anchor: middle; }
.stage { font-weight: 600; } .holds { fill: var(--in); font-weight: 600; } .fails { fill: var(--bad); font-weight: 600; }
.edge { stroke: var(--line); } .move { stroke: var(--ink); stroke-dasharray: 5 4; } .change { stroke: var(--ink); stroke-dasharray: 1 4; stroke-width: 2; stroke-linecap: round; }
.row { stroke: var(--line); stroke-width: .6; }
.in { fill: var(--in); fill-opacity: .75; } .out { fill: var(--page); stroke: var(--out); stroke-width: 1.4; }
.none { stroke: var(--out); stroke-width: 1.6; } .bad { stroke: var(--bad); stroke-width: 2.4; stroke-linecap: round; }
.bar { fill: var(--bar); } .wait { fill: none; stroke: var(--out); stroke-width: 1.2; stroke-dasharray: 3 3; }
`

// heading shows the verdict and the counts that must be 0.
func (d *drawing) heading() {
	r, t := d.r, d.r.Totals
	d.text(24, 36, "title", "Rotation of the signing key: "+r.title())
	class := "fails"
	if r.Conclusion.ExitCode == 0 {
		class = "holds"
	}
	d.put(`<text x="24" y="60"><tspan class="%s">%s</tspan><tspan class="soft" dx="12">%s</tspan></text>`+"\n", class, r.Conclusion.Verdict,
		html.EscapeString(fmt.Sprintf("authentic refused %d of %d · forged accepted %d of %d · API finally refused %d of %d · old key accepted at the end %d of %d · expired accepted %d of %d",
			t.AuthenticRefused, t.Authentic, t.ForgedAccepted, t.Forged, t.APIRefused, t.API, t.OldKeyAccepted, t.OldKey, t.ExpiredAccepted, t.Expired)))
}

// bands draws the stages, and a line where each begins.
func (d *drawing) bands(bottom int) {
	const top = 82
	for _, s := range d.r.Stages {
		from, to := d.x(s.BeganMS), d.x(s.EndedMS)
		if s.Number%2 == 0 {
			d.put(`<rect class="band" x="%.1f" y="%d" width="%.1f" height="%d"/>`+"\n", from, top, to-from, bottom-top)
		}
		d.caption(int(from)+8, top, int(to-from), s)
		if s.Number > 0 {
			d.put(`<line class="%s" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", d.lineInto(s.Number), from, top, from, bottom)
		}
	}
}

// caption names a stage, as far as there is room.
func (d *drawing) caption(x, top, room int, s Stage) {
	const forName, forKeys = 110, 158
	name := fmt.Sprint(s.Number)
	if room >= forName {
		name += " " + s.Name
	}
	d.text(x, top+18, "stage", name)
	if room >= forKeys {
		d.text(x, top+34, "small", "target: "+s.Holds)
		d.text(x, top+49, "small", "server: key "+s.Server)
	}
}

// lineInto is the kind of line at which a stage begins.
func (d *drawing) lineInto(stage int) string {
	for _, h := range d.r.Handovers {
		if h.To == stage {
			return "move"
		}
	}
	return "change"
}
