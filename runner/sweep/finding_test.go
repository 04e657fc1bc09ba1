package sweep

import (
	"strconv"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// letters write rows of verdicts: "xx++" fails twice, then passes twice. A
// version whose letter is a dot was skipped.
var letters = map[rune]engine.Verdict{
	'+': engine.Pass, 'x': engine.Fail, 'w': engine.Warn, 'o': engine.Observed, 'b': engine.Blocked, 'n': engine.NotApplicable,
	'?': engine.Inconclusive, 'e': engine.Error, '-': notJudged,
}

// row makes versions 1.0.0, 1.1.0, … of one case from letters.
func row(text string) []Version { return rows(map[string]string{"a": text}) }

func rows(texts map[string]string) []Version {
	var versions []Version
	for id, text := range texts {
		for i, letter := range text {
			if i == len(versions) {
				versions = append(versions, Version{Version: "1." + strconv.Itoa(i) + ".0", State: Judged})
			}
			switch v := &versions[i]; letter {
			case '.':
				v.State = Skipped
			case '-':
				v.State = NotInstalled
			default:
				verdict := letters[letter]
				v.Results = append(v.Results, Cell{Case: id, Verdict: verdict, open: verdict == engine.Error || verdict == engine.Inconclusive})
			}
		}
	}
	return versions
}

func TestFindings(t *testing.T) {
	for text, want := range map[string]struct {
		kind              Change
		from, until, text string
	}{
		"++++":  {AlwaysPasses, "", "", "always passes"},
		"+":     {AlwaysPasses, "", "", "always passes"},
		"xxxx":  {NeverPasses, "", "", "never passes"},
		"xwxw":  {NeverPasses, "", "", "never passes"},
		"xx++":  {PassesFrom, "1.2.0", "", "passes from 1.2.0 on"},
		"ww+":   {PassesFrom, "1.2.0", "", "passes from 1.2.0 on"},
		"++xx":  {PassesUntil, "", "1.1.0", "passes up to 1.1.0, fails from 1.2.0 on"},
		"x++x+": {NotMonotone, "1.1.0", "1.2.0", "not monotone: passes in 1.1.0–1.2.0, 1.4.0; fails in 1.0.0, 1.3.0"},
		"+x+":   {NotMonotone, "1.2.0", "1.0.0", "not monotone: passes in 1.0.0, 1.2.0; fails in 1.1.0"},
		"x-+":   {PassesFrom, "1.2.0", "", "passes from 1.2.0 on; unknown in 1.1.0"},
		"+??+":  {AlwaysPasses, "", "", "always passes; unknown in 1.1.0–1.2.0"},
		"nn++":  {AlwaysPasses, "", "", "always passes; not applicable to 1.0.0–1.1.0"},
		"nx+":   {PassesFrom, "1.2.0", "", "passes from 1.2.0 on; not applicable to 1.0.0"},
		"nn":    {NotApplicable, "", "", "not applicable"},
		"n-":    {NotApplicable, "", "", "not applicable; unknown in 1.1.0"},
		"oo":    {NotScored, "", "", "not scored: `countersign run` reports the behaviour"},
		"bb":    {NotKnown, "", "", "unknown; blocked in 1.0.0–1.1.0"},
		"xb+":   {PassesFrom, "1.2.0", "", "passes from 1.2.0 on; blocked in 1.1.0"},
		"bb+":   {PassesFrom, "1.2.0", "", "passes from 1.2.0 on; blocked in 1.0.0–1.1.0"},
		"+b":    {PassesUntil, "", "1.0.0", "passes up to 1.0.0; blocked in 1.1.0"},
		"+xb":   {PassesUntil, "", "1.0.0", "passes up to 1.0.0, fails from 1.1.0 on; blocked in 1.2.0"},
		"xbx":   {NeverPasses, "", "", "never passes; blocked in 1.1.0"},
		"+b+":   {NotMonotone, "1.2.0", "1.0.0", "not monotone: passes in 1.0.0, 1.2.0; blocked in 1.1.0"},
		"-e?":   {NotKnown, "", "", "unknown"},
		"":      {NotKnown, "", "", "unknown"},
		// bisected
		"x..x+..+": {PassesFrom, "1.4.0", "", "passes from 1.4.0 on"},
		"+....+":   {AlwaysPasses, "", "", "always passes"},
		"x....w":   {NeverPasses, "", "", "never passes"},
		"x.-.+":    {PassesFrom, "1.4.0", "", "passes from 1.4.0 on; unknown in 1.1.0–1.3.0"},
		"n..n+":    {AlwaysPasses, "", "", "always passes; not applicable to 1.0.0–1.3.0"},
	} {
		got := find(row(text), "a")
		if got != (Finding{want.kind, want.from, want.until, want.text}) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func TestFolding(t *testing.T) {
	for name, test := range map[string]struct {
		rows map[string]string
		want string
	}{
		"all alike":        {map[string]string{"a": "++++"}, "1.0.0–1.3.0 (4 versions)"},
		"one change":       {map[string]string{"a": "xx++", "b": "++++"}, "1.0.0–1.1.0 (2 versions) | 1.2.0–1.3.0 (2 versions)"},
		"two changes":      {map[string]string{"a": "xx++", "b": "x+++"}, "1.0.0 | 1.1.0 | 1.2.0–1.3.0 (2 versions)"},
		"there and back":   {map[string]string{"a": "+x+"}, "1.0.0 | 1.1.0 | 1.2.0"},
		"bisected":         {map[string]string{"a": "x..x+..+"}, "1.0.0–1.3.0 (2 of 4) | 1.4.0–1.7.0 (2 of 4)"},
		"bisected, alone":  {map[string]string{"a": "x..+"}, "1.0.0 | 1.3.0"},
		"not installed":    {map[string]string{"a": "+-+"}, "1.0.0 | 1.1.0 | 1.2.0"},
		"nothing to judge": {map[string]string{"a": ""}, ""},
	} {
		s := Sweep{Versions: rows(test.rows)}
		for _, id := range []string{"a", "b"} {
			if test.rows[id] != "" {
				s.Cases = append(s.Cases, CaseHistory{ID: id})
			}
		}
		var got []string
		for _, c := range fold(s) {
			got = append(got, c.label())
		}
		if strings.Join(got, " | ") != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}

func TestExitCodes(t *testing.T) {
	for text, want := range map[string]int{
		"+xwon": 0, "x..+": 3, "x.x+": 0, "+-+": 3, "+e": 3, "+?": 3, "+..+": 0, "+.": 3,
	} {
		s := Sweep{Versions: row(text), Cases: []CaseHistory{{ID: "a", Level: suite.Must}}, Bisected: strings.Contains(text, ".")}
		if got := s.conclude(); got.ExitCode != want || got.Why == "" {
			t.Errorf("%s: %+v, want exit code %d", text, got, want)
		}
	}
	s := Sweep{Versions: row("+?"), Cases: []CaseHistory{{ID: "a", Level: suite.Should}}}
	s.Versions[1].Results[0].open = false
	if got := s.conclude(); got.ExitCode != 0 {
		t.Errorf("a recommendation left open: %+v", got)
	}
	s.Versions[1].State, s.Versions[1].Reason = Void, "nothing responded"
	s.Versions = append(s.Versions, row("-")...)
	if got := s.conclude(); got.ExitCode != 4 || !strings.Contains(got.Why, "nothing responded") {
		t.Errorf("void, and not installed: %+v", got)
	}
	s = Sweep{}
	s.SelfCheck.Misjudged = "the reference is wrong"
	if got := s.conclude(); got.ExitCode != 4 {
		t.Errorf("a suite that is wrong: %+v", got)
	}
}
