package page

import (
	"errors"
	"strings"
	"testing"
)

func set(style Style, write func(*Page)) string {
	var out strings.Builder
	p := New(&out, style)
	write(p)
	_ = p.Flush("a test") // a strings.Builder never fails
	return out.String()
}

func TestNothingReachesAPageUncleaned(t *testing.T) {
	for name, write := range map[string]func(*Page){
		"Line":      func(p *Page) { p.Line(Text(hostile, Bold), Text(hostile)) },
		"Heading":   func(p *Page) { p.Heading(hostile) },
		"Paragraph": func(p *Page) { p.Paragraph(hostile, Dim) },
		"Labelled":  func(p *Page) { p.Labelled(hostile, hostile, Red) },
		"Command":   func(p *Page) { p.Command("reproduce", hostile) },
		"Beside":    func(p *Page) { p.Beside(10, hostile, hostile) },
		"Output":    func(p *Page) { p.Output(hostile) },
		"Verdict":   func(p *Page) { p.Line(Verdict(hostile, ExitVoid)) },
	} {
		if got := set(Style{}, write); strings.ContainsAny(got, "\x1b\u009b\x07\r\u202e\u2066\u200b\u2028") || !strings.Contains(strings.ToLower(got), "evil") {
			t.Errorf("%s writes %q", name, got)
		}
		if got := set(Style{Colour: true}, write); strings.Contains(got, "\x1b[2J") {
			t.Errorf("%s, in colour, writes %q", name, got)
		}
	}
}

func TestColourIsOnlyWhereItIsWanted(t *testing.T) {
	write := func(p *Page) { p.Line(Text("a"), Text("b", Bold, Red), Text("", Bold), Space(3)) }
	if got := set(Style{}, write); got != "ab\n" {
		t.Errorf("plain: %q", got)
	}
	if got := set(Style{Colour: true}, write); got != "a\x1b[1;31mb\x1b[0m\n" {
		t.Errorf("in colour: %q", got)
	}
}

func TestVerdictsHaveTheColourOfTheirExitCode(t *testing.T) {
	for code, colour := range map[int]Code{ExitConforms: Green, ExitViolates: Red, ExitVoid: Red, ExitCouldNotJudge: Yellow, ExitStaleBaseline: Yellow} {
		got := set(Style{Colour: true}, func(p *Page) { p.Line(Verdict("word", code)) })
		if !strings.Contains(got, ";"+string(colour)+"m WORD \x1b[0m\n") {
			t.Errorf("exit code %d: %q", code, got)
		}
	}
}

func TestLinesEndWithoutSpaces(t *testing.T) {
	write := func(p *Page) { p.Line(Text("a "), Text("b  ", Dim), Space(3)) }
	if got := set(Style{}, write); got != "a b\n" {
		t.Errorf("plain: %q", got)
	}
	if got := set(Style{Colour: true}, write); got != "a \x1b[2mb\x1b[0m\n" {
		t.Errorf("in colour: %q", got)
	}
	if got := set(Style{}, func(p *Page) { p.Line(Verdict("word", 0)) }); got != " WORD\n" {
		t.Errorf("a verdict: %q", got)
	}
}

func TestPagesStayInTheirWidth(t *testing.T) {
	long := strings.Repeat("word ", 60)
	for _, test := range []struct{ terminal, want int }{{0, 80}, {20, 40}, {60, 60}, {100, 100}, {200, 120}} {
		got := set(Style{Width: test.terminal}, func(p *Page) {
			p.Heading(long)
			p.Paragraph(long)
			p.Labelled("label", long)
			p.Beside(20, "left", long)
		})
		widest := 0
		for line := range strings.Lines(got) {
			widest = max(widest, Columns(strings.TrimRight(line, "\n")))
		}
		if widest > test.want || widest < test.want-5 {
			t.Errorf("%d columns wide on a terminal of %d, want %d", widest, test.terminal, test.want)
		}
	}
}

func TestLabelsAndColumns(t *testing.T) {
	got := set(Style{Width: 40}, func(p *Page) {
		p.Labelled("label", "a text that takes more than one line here")
		p.Labelled("empty", "")
		p.Beside(6, "left", "a   b")
		p.Command("reproduce", "a command that is longer than the page is wide")
	})
	want := "   label        a text that takes more\n                than one line here\n   left  a   b\n   reproduce    a command that is longer than the page is wide\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestFlushGivesTheErrorOfTheWriter(t *testing.T) {
	p := New(broken{}, Style{})
	p.Paragraph(strings.Repeat("word ", 2000))
	if err := p.Flush("the summary"); err == nil || err.Error() != "writing the summary: the disk is full" {
		t.Errorf("got %v", err)
	}
}

func TestErrorsAreASentenceAndAHint(t *testing.T) {
	for name, test := range map[string]struct {
		err  *Error
		code int
		want string
	}{
		"usage":      {Usage("do that", "%d is wrong", 3), ExitUsage, "me: 3 is wrong\n  hint: do that\n"},
		"no hint":    {CouldNotJudge("", "it is gone"), ExitCouldNotJudge, "me: it is gone\n"},
		"a process":  {&Error{Sentence: "it died", Output: "one\r\ntwo\n", Hint: "look"}, 0, "me: it died\n  | one\n  | two\n  hint: look\n"},
		"from a SDK": {&Error{Sentence: "it said \x1b[2J\u202e", Output: "\x07"}, 0, "me: it said \uFFFD[2J\uFFFD\n  | \uFFFD\n"},
	} {
		var out strings.Builder
		if err := test.err.Write(&out, "me"); err != nil {
			t.Fatal(err)
		}
		if out.String() != test.want || test.err.Code != test.code {
			t.Errorf("%s: exit code %d, %q; want %d, %q", name, test.err.Code, out.String(), test.code, test.want)
		}
	}
}
