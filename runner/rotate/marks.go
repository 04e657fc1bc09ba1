package rotate

import "fmt"

// rows draws a row for every kind of request and a mark for every request.
func (d *drawing) rows() {
	for i, kind := range kinds {
		if i > 0 && (kinds[i-1].authentic() != kind.authentic() || kinds[i-1].forged() != kind.forged()) {
			d.y += groupSpace
		}
		d.text(plotLeft-14, d.y+4, "name", kind.plural())
		d.put(`<line class="row" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", plotLeft, d.y, plotRight, d.y)
		for _, wrong := range []bool{false, true} { // violations lie on top
			for _, q := range d.r.Requests {
				if q.Kind == kind && (q.Violation != "") == wrong {
					d.mark(d.x(q.AtMS), d.y, q)
				}
			}
		}
		d.y += rowHeight
	}
}

func (k kind) plural() string {
	switch k {
	case kindCall, kindSync:
		return string(k) + "s"
	case kindRead:
		return "use_api calls"
	}
	return string(k)
}

func (d *drawing) mark(x float64, y int, q RequestRecord) {
	switch q.sign() {
	case '!':
		d.cross(x, y)
	case '+':
		d.put(`<circle class="in" cx="%.1f" cy="%d" r="4"/>`+"\n", x, y)
	case '-':
		d.put(`<circle class="out" cx="%.1f" cy="%d" r="3.6"/>`+"\n", x, y)
	default:
		d.put(`<path class="none" d="M%.1f %dv8"/>`+"\n", x, y-4)
	}
}

func (d *drawing) cross(x float64, y int) {
	d.put(`<path class="bad" d="M%.1f %dl8 8m0 -8l-8 8"/>`+"\n", x-4, y-4)
}

// bars draws when each process runs: dashed while it starts and ends, full
// while new requests go to it.
func (d *drawing) bars() {
	d.y += groupSpace
	for _, p := range d.r.Processes {
		name := fmt.Sprintf("process %d", p.Number)
		d.text(plotLeft-14, d.y+4, "name", name)
		top := d.y - barHeight/2
		d.bar("wait", p.StartedMS, p.ReadyMS, top)
		d.bar("bar", p.ReadyMS, p.LeftMS, top)
		d.bar("wait", p.LeftMS, p.StoppedMS, top)
		d.text(int(d.x(p.ReadyMS))+8, d.y+4, "small", p.Holds)
		d.y += rowHeight
	}
}

func (d *drawing) bar(class string, from, to int64, top int) {
	if d.x(to) > d.x(from) {
		d.put(`<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d" rx="3"/>`+"\n", class, d.x(from), top, d.x(to)-d.x(from), barHeight)
	}
}

// axis shows the time since the traffic began.
func (d *drawing) axis(bottom int) {
	d.put(`<line class="edge" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", plotLeft, bottom, plotRight, bottom)
	step := tick(d.to - d.from)
	for at := int64(0); at <= d.to-d.from; at += step {
		x := d.x(d.from + at)
		d.put(`<line class="edge" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", x, bottom, x, bottom+5)
		d.text(int(x), bottom+20, "tick", span(at))
	}
}

// tick is a round step that gives at most ten of them.
func tick(length int64) int64 {
	for step := int64(10); ; step *= 10 {
		for _, factor := range []int64{1, 2, 5} {
			if length/(step*factor) <= 10 {
				return step * factor
			}
		}
	}
}

func span(ms int64) string {
	if ms%1000 != 0 && ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return fmt.Sprintf("%.4g s", float64(ms)/1000)
}

// legend explains every sign of the picture.
func (d *drawing) legend(y int) {
	entry := func(x int, draw func(x float64), text string) int {
		draw(float64(x))
		d.text(x+14, y+4, "small", text)
		return x + 34 + 6*len(text)
	}
	line := func(class string) func(float64) {
		return func(x float64) {
			d.put(`<line class="%s" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`+"\n", class, x+4, y-9, x+4, y+9)
		}
	}
	x := plotLeft
	x = entry(x, func(x float64) { d.mark(x+4, y, RequestRecord{Outcome: outcomeAccepted}) }, "accepted")
	x = entry(x, func(x float64) { d.mark(x+4, y, RequestRecord{Outcome: outcomeRefused}) }, "refused")
	x = entry(x, func(x float64) { d.mark(x+4, y, RequestRecord{Outcome: outcomeNoResponse}) }, "no response")
	x = entry(x, func(x float64) { d.cross(x+4, y) }, "violation")
	x = entry(x, line("move"), "a new process takes over")
	x = entry(x, line("change"), "the server changes to key B")
	entry(x, func(x float64) {
		d.put(`<rect class="wait" x="%.1f" y="%d" width="14" height="10" rx="3"/>`+"\n", x-6, y-5)
	}, "starting or ending")
}
