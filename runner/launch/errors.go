package launch

import (
	"fmt"
	"strings"
)

// UsageError says what is wrong with what the user asked for, and what to do.
type UsageError struct {
	Sentence string
	Hint     string // may be empty
}

func (e *UsageError) Error() string { return e.Sentence }

func misuse(hint, format string, args ...any) *UsageError {
	return &UsageError{Sentence: fmt.Sprintf(format, args...), Hint: hint}
}

// SetupError says that a version of a target could not be installed.
type SetupError struct {
	Reason string
	Output string // the last lines of the command
}

func (e *SetupError) Error() string {
	if e.Output == "" {
		return e.Reason
	}
	return e.Reason + "\n" + e.Output
}

// shownLines is how much of a process's output stands in an error.
const shownLines = 20

// lastLines gives the end of an output.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimRight(output, " \t\r\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-shownLines):], "\n")
}

// lastWords gives the very end of an output in one line.
func lastWords(output string) string {
	const shown = 5
	lines := strings.FieldsFunc(output, func(r rune) bool { return r == '\n' || r == '\r' })
	return strings.Join(lines[max(0, len(lines)-shown):], " / ")
}
