package report

import (
	"fmt"
	"math"

	"github.com/countersign-dev/countersign/suite/engine"
)

// htmlMeasurements are the measurements as the page shows them.
type htmlMeasurements struct {
	NotMeasured string
	Windows     htmlWindows
	Bodies      []htmlBody
	Malleable   string
	Captured    []htmlCaptured
}

type (
	htmlBody     struct{ Class, Canonical, Raw, Lenient string }
	htmlCaptured struct{ What, Result string }
)

func htmlMeasured(m *engine.Measurements) *htmlMeasurements {
	if m == nil {
		return nil
	}
	h := &htmlMeasurements{NotMeasured: m.NotMeasured}
	if m.NotMeasured != "" {
		return h
	}
	h.Windows, h.Malleable = drawWindows(m.Windows), malleable(*m)
	for _, b := range m.Bodies {
		h.Bodies = append(h.Bodies, htmlBody{b.Class, cell(b, engine.OverCanonical), cell(b, engine.OverRaw), lenient(b)})
	}
	for _, c := range m.Captured {
		h.Captured = append(h.Captured, htmlCaptured{c.What, reused(c)})
	}
	return h
}

// htmlWindows are replay windows drawn over one axis, with now in the middle.
type htmlWindows struct {
	Scale string
	Rows  []htmlWindow
}

// htmlWindow is a bar; its members are in hundredths of the width of the axis.
type htmlWindow struct {
	Of, Text           string
	Drawn              bool
	From, Width, Limit string
}

// specified is the replay window that the specification requires, in seconds.
const specified = 300

// drawWindows draws windows of minutes on a linear axis, wider ones on a logarithmic
// one, on which a year and five minutes can both be seen.
func drawWindows(windows []engine.Window) htmlWindows {
	farthest := int64(specified)
	for _, w := range windows {
		farthest = max(farthest, w.Past.Seconds, w.Future.Seconds)
	}
	axis := float64(farthest) * 1.25
	at := func(seconds int64) float64 { return 50 + 50*float64(seconds)/axis }
	drawn := htmlWindows{Scale: fmt.Sprintf("From %d s ago on the left to %d s ahead on the right; the dark line is now, the red one five minutes ago.", int64(axis), int64(axis))}
	if farthest > 4*specified {
		at = func(seconds int64) float64 {
			return 50 + math.Copysign(50*math.Log1p(math.Abs(float64(seconds)))/math.Log1p(axis), float64(seconds))
		}
		drawn.Scale = "Past on the left, future on the right, on a logarithmic axis; the dark line is now, the red one five minutes ago."
	}
	for _, w := range windows {
		row := htmlWindow{Of: w.Of, Text: windowText(w), Drawn: w.NotMeasured == "", Limit: fmt.Sprintf("%.2f", at(-specified)-0.15)}
		from, to := at(-w.Past.Seconds), at(w.Future.Seconds)
		if w.Past.Unbounded {
			from = 0
		}
		if w.Future.Unbounded {
			to = 100
		}
		row.From, row.Width = fmt.Sprintf("%.2f", from), fmt.Sprintf("%.2f", max(0.3, to-from))
		drawn.Rows = append(drawn.Rows, row)
	}
	return drawn
}
