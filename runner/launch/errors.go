package launch

import (
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// notInstalled is the error where a version of a target could not be installed;
// output is what the command wrote.
func notInstalled(output, format string, args ...any) *page.Error {
	err := page.CouldNotJudge("`countersign doctor` checks what the targets need", format, args...)
	err.Output = lastLines(output)
	return err
}

// StartFailure says what a process did instead of responding.
type StartFailure struct {
	*engine.StartError
	Listening []string // the addresses that it listened on, where they are known
	Port      string   // the one that it should have listened on
}

// Unwrap is for [errors.As].
func (f *StartFailure) Unwrap() error { return f.StartError }

// tooSlow is notInstalled where the set-up took too long.
func tooSlow(output, format string, args ...any) *page.Error {
	err := notInstalled(output, format, args...)
	err.Hint = "allow more with --setup-limit, or `limits: {setup: …}` in target.yaml"
	return err
}

// lastLines returns the end of an output, without colours.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimRight(page.Uncoloured(output), " \t\r\n"), "\n")
	return end(strings.Join(lines[max(0, len(lines)-limits.OutputLines):], "\n"), limits.OutputShown)
}

// end returns the end of a text, after a mark where something is left out.
func end(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return "[…]" + strings.ToValidUTF8(text[len(text)-most:], "")
}

// lastLinesInOne returns the very end of an output in one line, without colours.
func lastLinesInOne(output string) string {
	const shown = 5
	lines := strings.FieldsFunc(page.Uncoloured(output), func(r rune) bool { return r == '\n' || r == '\r' })
	return end(strings.Join(lines[max(0, len(lines)-shown):], " / "), limits.OutputReason)
}
