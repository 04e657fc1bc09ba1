package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Markdown writes the summary of a report, for the page of a workflow run or a
// comment on a pull request. Findings beyond its limit are counted, not shown.
func Markdown(w io.Writer, r Report) error {
	m := markdown{}
	m.line("## %s %s: %s", sign(r.Conclusion.ExitCode), plain(r.Target.Title()), plain(r.Conclusion.Verdict))
	m.line("%s.", plain(page.Capital(r.Conclusion.Why)))
	m.setup(r)
	if r.Void {
		m.void(r)
	} else {
		m.line("Judged %d of %s: %s.", r.Judged, page.Count(r.Total, "case"), r.account())
		m.findings(r)
		m.rest(r)
	}
	for _, sentence := range r.remarks() {
		m.line("%s", plain(sentence))
	}
	m.line("<sub>%s, %s tier, seed %d. %s</sub>", plain(r.Tool.Name+" "+r.Tool.Version), r.Tier, r.RandomSeed, plain(page.Sentence(r.SelfCheck.String())))
	if _, err := w.Write(m.Bytes()); err != nil {
		return fmt.Errorf("writing the report as Markdown: %w", err)
	}
	return nil
}

type markdown struct{ bytes.Buffer }

// line writes a paragraph.
func (m *markdown) line(format string, args ...any) { fmt.Fprintf(m, format+"\n\n", args...) }

func (m *markdown) void(r Report) {
	m.line("No verdict of this run can be trusted.")
	if d := r.Diagnosis; d != nil {
		text := "- observed: " + code(d.Observed)
		if len(r.Setup) == 0 { // otherwise the cause is above
			text += fmt.Sprintf("\n- likely cause: %s\n- remedy: %s", plain(page.Sentence(d.Cause)), plain(page.Sentence(d.Remedy)))
		}
		m.line("%s", text)
	}
}

// setup is what is wrong with the set-up, which is what to look at first.
func (m *markdown) setup(r Report) {
	for _, mistake := range r.Setup {
		m.line("### Look at the set-up first: %s", plain(mistake.Title()))
		for _, evidence := range mistake.Evidence {
			fmt.Fprintf(m, "- evidence: %s\n", code(evidence))
		}
		m.line("- fix: %s", plain(page.Sentence(mistake.Fix)))
	}
}

func (m *markdown) findings(r Report) {
	shared, others := r.blocks()
	left := len(others)
	for _, b := range shared {
		left += len(b)
	}
	room := func(entry string, n int) bool {
		if m.Len()+len(entry) > limits.Markdown {
			return false
		}
		m.WriteString(entry)
		left -= n
		return true
	}
	for _, b := range shared {
		var entry markdown
		entry.line("### %d findings, one likely cause: %s", len(b), plain(b[0].causes[0].Text))
		entry.finding(b[0].Case)
		if len(b) > 1 {
			entry.line("<details><summary>%s</summary>\n\n| | case | sent | observed |\n| --- | --- | --- | --- |\n%s\n</details>", page.Count(len(b)-1, "more finding"), rows(b[1:]))
		}
		if !room(entry.String(), len(b)) {
			break
		}
	}
	for _, f := range others {
		var entry markdown
		entry.line("### %s: %s", f.ID, plain(f.Title))
		entry.finding(f.Case)
		if len(f.causes) > 0 {
			entry.line("Likely cause: %s", plain(page.Sentence(f.causes[0].Text)))
		}
		if !room(entry.String(), 1) {
			break
		}
	}
	if left > 0 {
		m.line("%s more in the JSON and HTML reports.", page.Count(left, "finding"))
	}
}

func (m *markdown) finding(c Case) {
	m.line("**%s** `%s`, %s, %s. %s (%s)", strings.ToUpper(string(c.Verdict)), c.ID, c.Level, c.Risk, plain(page.Sentence(c.Title)), plain(c.Clause))
	m.line("- sent: %s\n- expected: %s\n- observed: %s\n- impact: %s\n- reproduce: %s", code(c.Sent), plain(c.Expected), code(c.Observed), plain(page.Sentence(c.Why)), code(c.Reproduce))
}

func rows(b block) string {
	var out strings.Builder
	for _, f := range b {
		cell := func(text string) string { return strings.ReplaceAll(code(text), "|", `\|`) }
		fmt.Fprintf(&out, "| %s | `%s` | %s | %s |\n", f.Verdict, f.ID, cell(f.Sent), cell(f.Observed))
	}
	return out.String()
}

// rest is what was not judged, and what the baseline says.
func (m *markdown) rest(r Report) {
	var lines []string
	for _, c := range r.Cases {
		switch c.Verdict {
		case engine.Excused, engine.Surprising, engine.Inconclusive, engine.Error, engine.Blocked:
			lines = append(lines, fmt.Sprintf("- `%s` %s", c.ID, code(c.short())))
		}
	}
	if r.Baseline != nil {
		for _, id := range r.Baseline.Stale {
			lines = append(lines, fmt.Sprintf("- stale %s: the baseline excuses a case that does not exist", code(id)))
		}
	}
	const most = 40
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("- and %d more", len(lines)-most))
	}
	if len(lines) > 0 {
		m.line("### Excused, stale or not judged\n\n%s", strings.Join(lines, "\n"))
	}
}

// plain is a text in which nothing is markup: no tag, no link, no mention.
func plain(text string) string {
	var out strings.Builder
	for _, r := range page.CleanLine(strings.ReplaceAll(text, "\n", " ")) {
		switch {
		case strings.ContainsRune("&<>@#", r):
			fmt.Fprintf(&out, "&#%d;", r)
		case strings.ContainsRune("\\`*_[]|~!", r):
			out.WriteString(`\` + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return strings.NewReplacer("://", "&#58;//", "www.", "www&#46;").Replace(out.String())
}

// code is a text as code, whatever backticks it has.
func code(text string) string {
	text = page.CleanLine(strings.ReplaceAll(text, "\n", " "))
	if text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

func sign(exitCode int) string {
	switch exitCode {
	case page.ExitConforms:
		return "✅"
	case page.ExitViolates:
		return "❌"
	}
	return "⚠️"
}
