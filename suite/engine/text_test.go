package engine_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// A response cannot control the terminal that shows it.
func TestTextIsPrintable(t *testing.T) {
	x := &engine.Exchange{Observation: suite.Observation{Response: suite.Response{
		Status: 200, Header: map[string][]string{"X": {"a\x1b[2Jb"}}, Body: []byte("\xff" + strings.Repeat("x", 2000)),
	}}}
	r := engine.Result{Case: suite.Catalogue()[0], Verdict: engine.Fail, Observed: "é\x1b[1m", Steps: []engine.Step{{Part: "the request", Exchange: x}}}
	got := r.Text("again")
	for _, want := range []string{`observed     é\x1b[1m`, `< X: a\x1b[2Jb`, "< 200 OK", "… (2001 bytes)", "reproduce    again"} {
		if !strings.Contains(got, want) {
			t.Errorf("the text lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") || !utf8.ValidString(got) || len(got) > 2500 {
		t.Errorf("%d bytes, or not printable:\n%q", len(got), got)
	}
}

func TestBaselineVerdicts(t *testing.T) {
	for verdict, want := range map[engine.Verdict]engine.Verdict{
		engine.Fail: engine.Excused, engine.Warn: engine.Excused, engine.Pass: engine.Surprising, engine.Observed: engine.Surprising,
		engine.Inconclusive: engine.Inconclusive, engine.Error: engine.Error, engine.NotApplicable: engine.NotApplicable,
	} {
		if got := (engine.Excuse{}).Apply(verdict); got != want {
			t.Errorf("%s under an excuse is %s, want %s", verdict, got, want)
		}
	}
}
