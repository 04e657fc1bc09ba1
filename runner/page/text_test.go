package page

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile contains what controls a terminal or misleads a reader: an escape sequence, the same in
// one C1 character, a bell, carriage returns, characters that reverse the direction
// of text, invisible ones, and invalid UTF-8.
const hostile = "a\x1b[2Jb\u009b2Jc\x07d\re\u202eevil\u2066f\u200bg\u2028h\ufeffi\xffj\u0085"

func TestCleanedTextSteersNoTerminal(t *testing.T) {
	for name, got := range map[string]string{
		"Clean": Clean(hostile), "CleanLine": CleanLine(hostile), "Wrap": strings.Join(Wrap(hostile, 10), ""),
	} {
		if strings.ContainsAny(got, "\x1b\u009b\x07\r\u202e\u2066\u200b\u2028\ufeff\u0085") || !utf8.ValidString(got) {
			t.Errorf("%s leaves %q", name, got)
		}
		for _, letter := range "abcdefghij" {
			if !strings.ContainsRune(got, letter) {
				t.Errorf("%s drops %q: %q", name, letter, got)
			}
		}
	}
}

func TestCleanKeepsWhatPeopleWrite(t *testing.T) {
	const text = "naïve – “quoted” 日本語 £ +·\n  indented\n\nlast"
	if got := Clean(text); got != text {
		t.Errorf("%q became %q", text, got)
	}
	if got := Clean("a\tb\r\nc"); got != "a  b\nc" {
		t.Errorf("tabs and line ends became %q", got)
	}
	if got := CleanLine("a\nb"); strings.Contains(got, "\n") {
		t.Errorf("a line break stays in a line: %q", got)
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"one":                    "one",
		"one two three":          "one two|three",
		"seven is a":             "seven|is a",
		"supercalifragilistic a": "supercalifragilistic|a",
		"one\ntwo three four":    "one|two|three|four",
		"é é é é":                "é é é é",
		"trailing\n\n":           "trailing",
	} {
		if got := strings.Join(Wrap(text, 7), "|"); got != want {
			t.Errorf("%q is wrapped as %q, want %q", text, got, want)
		}
	}
}

func TestSmallTexts(t *testing.T) {
	for got, want := range map[string]string{
		Count(1, "case"): "1 case", Count(0, "case"): "0 cases", Count(12, "case"): "12 cases",
		Sentence("an old call"): "An old call.", Sentence("über"): "Über.", Sentence(""): "",
		Pad("é", 3) + "|": "é  |", PadLeft("é", 3): "  é", Pad("long", 2): "long",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{"inngest-js@4.24.0": "inngest-js@4.24.0", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$(x)": "'$(x)'"} {
		if got := Quote(word); got != want {
			t.Errorf("%q is quoted as %s, not %s", word, got, want)
		}
	}
}
