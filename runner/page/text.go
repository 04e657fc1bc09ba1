package page

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean replaces every character that could control a terminal: control characters,
// escape sequences, characters that reverse the direction of text or that are
// invisible. Line breaks stay, a tab becomes two spaces.
func Clean(text string) string {
	var clean strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			clean.WriteByte('\n')
		}
		clean.WriteString(CleanLine(strings.TrimSuffix(line, "\r")))
	}
	return clean.String()
}

// CleanLine is [Clean] for a text that must stay in one line.
func CleanLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) { // of spaces only U+0020; no character of the categories C and Z
			return utf8.RuneError
		}
		return r
	}, strings.ReplaceAll(text, "\t", "  "))
}

// CleanCode is [Clean] for a text whose tabs matter.
func CleanCode(text string) string {
	parts := strings.Split(text, "\t")
	for i := range parts {
		parts[i] = Clean(parts[i])
	}
	return strings.Join(parts, "\t")
}

// escapeSequence is a control sequence, such as a colour, or an operating system
// command, such as a link or a title (ECMA-48).
var escapeSequence = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)`)

// Uncoloured removes the escape sequences that programs write for a terminal.
func Uncoloured(text string) string { return escapeSequence.ReplaceAllString(text, "") }

// Wrap cleans a text and breaks it between words into lines of at most width
// columns. Lines that the text already has are kept.
func Wrap(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(Clean(text), "\n"), "\n") {
		lines = append(lines, wrapLine(line, width)...)
	}
	return lines
}

func wrapLine(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case Columns(line)+1+Columns(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// Columns is how many columns a text takes.
func Columns(text string) int { return utf8.RuneCountInString(text) }

// Pad fills a text with spaces on the right, up to a width.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Columns(text)))
}

// PadLeft fills a text with spaces on the left, up to a width.
func PadLeft(text string, width int) string {
	return strings.Repeat(" ", max(0, width-Columns(text))) + text
}

// Sentence adds a capital letter and a full stop to a text.
func Sentence(text string) string {
	if text == "" {
		return ""
	}
	return Capital(text) + "."
}

// Capital makes the first letter of a text a capital.
func Capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Count is a number of things: "1 case", "2 cases".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Quote writes a word of a command so that a shell reads it as one.
func Quote(word string) string {
	special := func(r rune) bool {
		return !strings.ContainsRune("/.:@-_=+,%", r) && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	if word != "" && strings.IndexFunc(word, special) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
