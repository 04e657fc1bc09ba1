package report_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// measured is a report with the reference's measurements.
func measured(t *testing.T) report.Report {
	t.Helper()
	lab := inprocess.Memory{KeysUsed: suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))}
	m, err := engine.Measure(context.Background(), lab, suite.Default, 7)
	if err != nil {
		t.Fatal(err)
	}
	r := made(t, nil, facts(), suite.Core...)
	r.Measurements = &m
	return r
}

func TestMeasurementsInText(t *testing.T) {
	r := measured(t)
	w := &r.Measurements.Windows[1]
	w.Interval, w.Odd, w.Past.Unbounded = false, []string{"accepted again when 1 day old"}, true
	r.Measurements.Windows[2].NotMeasured = "nothing \x1b[2Jcame"
	died := &r.Measurements.Bodies[1].Covers[1]
	died.Accepted, died.Observed = false, "died: exited with status 1"
	r.Measurements.Captured[2].Forged, r.Measurements.Captured[2].Observed, r.Measurements.Captured[2].Works = "401", "500", false
	var out bytes.Buffer
	if err := report.Text(&out, r, page.Style{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Measurements (not scored)", "[-300, +60] s, within 1 s", "not an interval", "more than 5 minutes old", "white space                 yes        died       -",
		"8 of 8 encodings", "500, a forged one 401", "the same call again                               works",
		"far in the future   500",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing:\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if len([]rune(line)) > 81 && !strings.Contains(line, "reproduce") || strings.Contains(line, "\x1b") {
			t.Errorf("wider than 80 columns, or not clean: %q", line)
		}
	}
}

func TestMeasurementsFollowTheSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	left := made(t, nil, facts(), suite.Core...)
	left.Measurements = &engine.Measurements{NotMeasured: "skipped in the smoke tier"}
	empty := left
	empty.Measurements = &engine.Measurements{}
	for name, example := range map[string]struct {
		r     report.Report
		valid bool
	}{"measured": {measured(t), true}, "left out": {left, true}, "without a reason": {empty, false}} {
		var out bytes.Buffer
		if err := report.JSON(&out, example.r); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); (err == nil) != example.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
