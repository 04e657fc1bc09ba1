package page

import (
	"fmt"
	"io"
	"strings"
)

// The exit codes of every command. Where several apply the order is 2, 4, 1, 3,
// 5, 0.
const (
	ExitConforms      = 0
	ExitViolates      = 1
	ExitUsage         = 2 // a usage or configuration error; there is no report
	ExitCouldNotJudge = 3 // the target did not start, an internal error, or a MUST that could not be judged
	ExitVoid          = 4 // the results can't be trusted
	ExitStaleBaseline = 5
)

// Error is an error for people: one sentence, a hint on what to do, and the exit
// code that it leads to.
type Error struct {
	Code     int
	Sentence string
	Cause    string // the likely one; may be empty
	Hint     string // may be empty
	Output   string // the last lines of the process that failed, if there is one
}

func (e *Error) Error() string {
	if e.Cause == "" {
		return e.Sentence
	}
	return e.Sentence + "; likely cause: " + e.Cause
}

// Usage is a usage error.
func Usage(hint, format string, args ...any) *Error {
	return &Error{Code: ExitUsage, Sentence: fmt.Sprintf(format, args...), Hint: hint}
}

// CouldNotJudge is an error that keeps a command from a result.
func CouldNotJudge(hint, format string, args ...any) *Error {
	return &Error{Code: ExitCouldNotJudge, Sentence: fmt.Sprintf(format, args...), Hint: hint}
}

// Write writes the error after the name of the program, the hint below it.
func (e *Error) Write(w io.Writer, program string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", program, Clean(e.Error()))
	for line := range strings.Lines(Clean(e.Output)) {
		fmt.Fprintf(&text, "  | %s\n", strings.TrimRight(line, " \n"))
	}
	if e.Hint != "" {
		fmt.Fprintf(&text, "  hint: %s\n", Clean(e.Hint))
	}
	_, err := io.WriteString(w, text.String())
	return err
}
