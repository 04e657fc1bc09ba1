package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite/engine"
)

func watch(p *report.ProgressPrinter) {
	p.Say("preparing %s", "sdk@1.2.3")
	for done := 1; done <= 60; done++ {
		p.Watch(engine.Progress{Case: "receiving.signed", Done: done, Total: 60})
	}
	p.Done()
}

func TestProgressInPlainLines(t *testing.T) {
	var out bytes.Buffer
	watch(&report.ProgressPrinter{Out: &out})
	want := "preparing sdk@1.2.3\n  1/60  cloud mode, one key\n 25/60  cloud mode, one key\n 50/60  cloud mode, one key\n 60/60  cloud mode, one key\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// TestProgressShowsACountOnce: it does not move while cases are judged once more.
func TestProgressShowsACountOnce(t *testing.T) {
	var out bytes.Buffer
	p := &report.ProgressPrinter{Out: &out}
	for range 5 {
		p.Watch(engine.Progress{Case: "receiving.expired", Done: 2, Total: 2})
	}
	if want := "  2/2  cloud mode, one key\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	watch(&report.ProgressPrinter{Out: &out, Live: true, Width: 30})
	lines := strings.Split(out.String(), "\r\x1b[K")
	if len(lines) != 1+1+60+1 || lines[len(lines)-1] != "" {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
	for _, line := range lines {
		if len([]rune(line)) >= 30 || strings.Contains(line, "\n") {
			t.Errorf("%q does not fit into one line of 30 columns", line)
		}
	}
}

// What has to be known stays on a terminal: the next line does not replace it.
func TestWhatIsToldStays(t *testing.T) {
	var out bytes.Buffer
	p := &report.ProgressPrinter{Out: &out, Live: true, Width: 50}
	p.Say("connecting")
	p.Announce("about %d requests will be sent to http://127.0.0.1:3000/api/inngest", 392)
	p.Say("judging")
	want := "\r\x1b[Kconnecting\r\x1b[Kabout 392 requests will be sent to\nhttp://127.0.0.1:3000/api/inngest\n\r\x1b[Kjudging"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	(&report.ProgressPrinter{Out: &out}).Announce("about %d requests\x1b", 3)
	if want := "about 3 requests\ufffd\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestNoProgress(t *testing.T) {
	watch(&report.ProgressPrinter{}) // has nowhere to write to
}
