package rotate

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/runner/report"
)

// Text sets a result for a terminal: what the drill came to, the three counts
// that must be 0, the timeline, and what went as it must not.
func Text(w io.Writer, r Result, style report.Style) error {
	p := &page{bufio.NewWriter(w), style}
	p.headline(r)
	for _, line := range wrap(r.Conclusion.Why, p.columns()-3) {
		p.line("   " + line)
	}
	p.line("")
	p.totals(r)
	p.line("")
	p.timeline(r)
	p.line("")
	p.stages(r)
	p.wrong(r)
	p.died(r)
	p.line("")
	p.line("   " + p.paint(closing(r), dim))
	p.line("")
	p.line("  " + p.badge(r))
	if err := p.out.Flush(); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	return nil
}

func (p *page) badge(r Result) string {
	colour, known := colours[r.Conclusion.ExitCode]
	if !known {
		colour = red
	}
	return p.paint(" "+strings.ToUpper(r.Conclusion.Verdict)+" ", bold, "7", colour)
}

func (p *page) headline(r Result) {
	p.line("")
	p.line(p.paint(clean(r.title()), bold) + p.paint(fmt.Sprintf("  rotation of the signing key, seed %d", r.RandomSeed), dim))
	p.line("")
	p.line("  " + p.badge(r) + fmt.Sprintf("  %d requests in %d stages", len(r.Requests), len(r.Stages)))
}

func (r Result) title() string {
	if r.Target.Kind == report.Embedded {
		return "the embedded reference " + r.Target.Version
	}
	return strings.TrimSpace(r.Target.Name + " " + r.Target.Version)
}

// totals are the counts that must be 0, and when the old key stopped working.
func (p *page) totals(r Result) {
	count := func(what string, n int, of string) {
		number := p.paint(fmt.Sprintf("%4d", n), green)
		if n > 0 {
			number = p.paint(fmt.Sprintf("%4d", n), bold, red)
		}
		p.line("   " + pad(what, 34) + number + "  " + p.paint(of, dim))
	}
	t := r.Totals
	count("authentic requests refused", t.AuthenticRefused, fmt.Sprintf("of %d", t.Authentic))
	count("forged requests accepted", t.ForgedAccepted, fmt.Sprintf("of %d", t.Forged))
	count("API requests finally refused", t.APIRefused, fmt.Sprintf("of %d; the other key saved %d", t.API, t.APISaved))
	count("requests with the old key accepted", t.OldKeyAccepted, fmt.Sprintf("of %d at the last stage", t.OldKey))
	p.line("   " + pad("the old key was last accepted", 34) + r.OldKey.relative(r.OldKey.LastAccepted))
	p.line("   " + pad("and first refused at stage 3", 34) + r.OldKey.relative(r.OldKey.FirstRefused))
}

// relative says when something was, seen from the beginning of the last stage.
func (o OldKeyEnd) relative(at *int64) string {
	switch {
	case at == nil:
		return "   never"
	case *at < o.Expected:
		return fmt.Sprintf("%4d ms before stage 3 began", o.Expected-*at)
	}
	return fmt.Sprintf("%4d ms after stage 3 began", *at-o.Expected)
}

// stages is a table of what each stage saw.
func (p *page) stages(r Result) {
	row := func(cells ...string) string {
		text := "   "
		for i, width := range []int{17, 19, 8, 11, 11, 16} {
			text += pad(cells[i], width)
		}
		return text
	}
	p.line(p.paint(row("STAGE", "TARGET HOLDS", "SERVER", "AUTHENTIC", "FORGED", "API"), dim))
	for _, s := range r.Stages {
		t := s.Totals
		p.line(row(
			fmt.Sprintf("%d %s", s.Number, s.Name), s.Holds, "key "+s.Server,
			fmt.Sprintf("%d/%d in", t.Authentic-t.AuthenticRefused-s.failedReads(), t.Authentic), fmt.Sprintf("%d/%d out", t.Forged-t.ForgedAccepted, t.Forged),
			fmt.Sprintf("%d/%d taken", t.API-t.APIRefused, t.API),
		))
	}
	for _, h := range r.Handovers {
		p.line("   " + p.paint(h.String(), dim))
	}
}

// failedReads are the authentic requests that failed because the API refused.
func (s Stage) failedReads() int {
	failed := 0
	for kind, sum := range s.Counts {
		if kind.authentic() {
			failed += sum.Refused + sum.Unanswered
		}
	}
	return failed - s.Totals.AuthenticRefused
}

// String says how long a hand-over took.
func (h Handover) String() string {
	text := fmt.Sprintf("%d to %d: the new process started in %d ms; ", h.From, h.To, h.MovedMS-h.StartedMS)
	if !h.Drained {
		return text + fmt.Sprintf("of %d in flight some were never answered", h.InFlight)
	}
	return text + fmt.Sprintf("%d in flight ended within %d ms", h.InFlight, h.DrainedMS-h.MovedMS)
}

// shown is how many violations are told one by one.
const shown = 8

func (p *page) wrong(r Result) {
	told, more := 0, 0
	for _, q := range r.Requests {
		switch {
		case q.Wrong == "":
			continue
		case told == shown:
			more++
			continue
		case told == 0:
			p.line("")
		}
		told++
		for i, line := range wrap(fmt.Sprintf("stage %d, %d ms: %s: %s", q.Stage, q.AtMS, q.what(), q.Wrong), p.columns()-5) {
			mark := " "
			if i == 0 {
				mark = p.paint("!", bold, red)
			}
			p.line("   " + mark + " " + line)
		}
	}
	if more > 0 {
		p.line(fmt.Sprintf("     and %d more; --report json=FILE has them all", more))
	}
}

// what is a request in words.
func (q Request) what() string {
	switch {
	case q.Kind.authentic() && q.Kind != Call:
		return fmt.Sprintf("a %s signed with key %s", q.Kind, q.Key)
	case q.Kind == Call || q.Kind == OldKey:
		return fmt.Sprintf("a call signed with key %s", q.Key)
	case q.Kind == Unknown:
		return "a call signed with an unknown key"
	}
	return fmt.Sprintf("an authentic call made %s", q.Kind)
}

func (p *page) died(r Result) {
	for _, process := range r.Processes {
		if process.Died != "" {
			p.line("")
			p.line(fmt.Sprintf("   process %d ended by itself:", process.Number))
			for line := range strings.Lines(process.Died) {
				p.line("   | " + clean(strings.TrimRight(line, "\n")))
			}
		}
	}
}

func closing(r Result) string {
	took := (time.Duration(r.TookMS) * time.Millisecond).Round(10 * time.Millisecond)
	text := fmt.Sprintf("%d processes in %s", len(r.Processes), took)
	var known []string
	for _, check := range r.SelfCheck {
		known = append(known, check.Endpoint+" "+check.Verdict)
	}
	if len(known) > 0 {
		text += " · self-check: " + strings.Join(known, ", ")
	}
	return text
}
