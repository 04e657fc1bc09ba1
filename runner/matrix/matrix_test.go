package matrix

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// catalogue is made once, because that takes long.
var catalogue = suite.Catalogue()

var letters = map[rune]engine.Verdict{
	'+': engine.Pass, 'x': engine.Fail, 'w': engine.Warn, 'o': engine.Observed, 'b': engine.Blocked,
	'n': engine.NotApplicable, '?': engine.Inconclusive, 'e': engine.Error,
}

// columnOf is a column whose verdicts are written as letters; none is a target that
// was not installed.
func columnOf(target, verdicts string) Column {
	name, version := run.SplitVersion(target)
	c := Column{Target: target, Name: name, Version: version, Summary: map[engine.Verdict]int{}, Results: []Cell{}, SetupMS: 1200, RunMS: 3400}
	c.Conclusion = report.Conclusion{Verdict: "conforms", Why: "all judged requirements are met"}
	switch {
	case verdicts == "":
		c.Conclusion, c.Output = report.Conclusion{Verdict: couldNotJudge, ExitCode: page.ExitCouldNotJudge, Why: "installing it failed"}, "gone\x1b[31m"
	case strings.Contains(verdicts, "x"):
		c.Conclusion = report.Conclusion{Verdict: "violates", ExitCode: page.ExitViolates, Why: "1 violation"}
	}
	for i, letter := range []rune(verdicts) {
		c.Results = append(c.Results, Cell{Case: catalogue[i].ID, Verdict: letters[letter]})
		c.Summary[letters[letter]]++
	}
	return c
}

// made is a matrix over the first cases of the catalogue.
func made(t *testing.T, columns ...Column) Matrix {
	t.Helper()
	cases, err := casesOf(run.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	m := Matrix{Schema: schemaName, Plan: Options{Seed: 7, Tool: report.Tool{Name: "countersign", Version: "v0.0.0"}}.plan(), Shard: Shard{1, 1}, Targets: []string{}, Columns: columns}
	for _, c := range cases {
		if slices.ContainsFunc(catalogue[:8], func(known suite.Case) bool { return known.ID == c.ID }) {
			m.Cases = append(m.Cases, c)
		}
	}
	for _, c := range columns {
		m.Targets = append(m.Targets, c.Target)
	}
	m.Conclusion = m.conclude()
	return m
}

func rendered(t *testing.T, m Matrix, rows Rows, style page.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := Text(rows)(&out, m, style); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestText(t *testing.T) {
	m := made(t, columnOf("sdk/express@1.0.0", "++x+++wn"), columnOf("sdk@1.1.0", "++++++++"), columnOf("other@2.0.0", ""))
	want(t, rendered(t, m, Chapters, page.Style{}), "1 fail of 7", "8 pass", "/express", "1.1.0", "Could not judge: other 2.0.0", "| gone\uFFFD[31m", "VIOLATES", "3 targets; violates: 1, could not judge: 1, conforms: 1", "3.4")
	want(t, rendered(t, m, Cases, page.Style{}), catalogue[2].ID+" ", "fail", "n/a")
	if strings.Contains(rendered(t, m, Cases, page.Style{}), "\x1b") || !strings.Contains(rendered(t, m, Chapters, page.Style{Colour: true}), "\x1b[31m1 fail of 7") {
		t.Error("colour is not exactly where it is wanted")
	}
}

func want(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing:\n%s", word, text)
		}
	}
}

func TestManyTargetsAreSetInBlocks(t *testing.T) {
	var columns []Column
	for i := range 12 {
		columns = append(columns, columnOf("a-long-name@1.0."+string(rune('a'+i)), "+++xxx"))
	}
	got := rendered(t, made(t, columns...), Cases, page.Style{Width: 80})
	_, table, _ := strings.Cut(got, "violates\n\n")
	for line := range strings.Lines(table) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if n := strings.Count(got, "   "+catalogue[0].ID+" "); n < 2 {
		t.Errorf("%d blocks:\n%s", n, got)
	}
}

func TestMarkdown(t *testing.T) {
	var out bytes.Buffer
	m := made(t, columnOf("sdk@1.0.0", "++x+++++"), columnOf("a|b*", ""))
	if err := Formats(Chapters)["markdown"](&out, m); err != nil {
		t.Fatal(err)
	}
	want(t, out.String(), "**violates**", "| target | version |", "| keys | 1 fail of", `a\|b\*`, `- a\|b\*, could not judge: installing it failed`)
	if strings.Join(summaryHead, " ") != "target version set-up s run s processes pass fail warn blocked inconclusive result" {
		t.Error("the heading was changed")
	}
}

func TestHTML(t *testing.T) {
	m := made(t, columnOf("sdk@1.0.0", "++x+++++"), columnOf("<a> & b", ""))
	for rows, words := range map[Rows]string{Chapters: "1 fail of", Cases: `<td class="c-pass">pass</td>`} {
		var out bytes.Buffer
		if err := Formats(rows)["html"](&out, m); err != nil {
			t.Fatal(err)
		}
		want(t, out.String(), "violates", "default-src &#39;none&#39;", `class="c-fail"`, words, "&lt;a&gt; &amp; b", "could not judge: installing it failed")
		if strings.Contains(out.String(), "<a>") || strings.Contains(out.String(), "<script") || strings.Contains(out.String(), "://") {
			t.Errorf("something is not escaped, or comes from elsewhere:\n%s", out.String())
		}
	}
}

func TestJSONFollowsItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("matrix.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]Matrix{
		"plain": made(t, columnOf("sdk@1.0.0", "++x"), columnOf("reference", "+++")), "every verdict": made(t, columnOf("sdk@1.0.0", "+xwonb?e")),
		"not installed": made(t, columnOf("sdk@1.0.0", "")),
	} {
		var out bytes.Buffer
		if err := Formats(Cases)["json"](&out, m); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheWorstColumnDecides(t *testing.T) {
	column := func(code int) Column { return Column{Conclusion: report.Conclusion{Verdict: "v", ExitCode: code}} }
	missing := column(0)
	missing.Conclusion.Verdict = skipped
	for _, test := range []struct {
		columns []Column
		code    int
	}{
		{[]Column{column(0), column(0)}, 0},
		{[]Column{column(0), column(5)}, 5},
		{[]Column{column(5), column(3)}, 3},
		{[]Column{column(1), column(3)}, 1},
		{[]Column{column(1), column(4), column(3)}, 4},
		{[]Column{missing, column(1)}, 1},
		{[]Column{missing}, 3},
		{nil, 3},
	} {
		if got := (Matrix{Columns: test.columns}).conclude(); got.ExitCode != test.code {
			t.Errorf("%v: %+v", test.columns, got)
		}
	}
}

func TestShards(t *testing.T) {
	for _, text := range []string{"", "0/2", "3/2", "1", "1/2/3", "+1/2", "a/b", "1/2 "} {
		if s, err := ParseShard(text); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
	seen := make([]int, 7)
	for _, text := range []string{"1/3", "2/3", "3/3"} {
		s, err := ParseShard(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range seen {
			if s.has(i) {
				seen[i]++
			}
		}
	}
	if slices.ContainsFunc(seen, func(n int) bool { return n != 1 }) {
		t.Errorf("targets are in %v shards", seen)
	}
}

// shards are the two shards of a matrix of three targets.
func shards(t *testing.T) (one, two Matrix) {
	t.Helper()
	a, b, c := columnOf("a@1.0.0", "++"), columnOf("b@1.0.0", "+x"), columnOf("c@1.0.0", "++")
	one, two = made(t, a, c), made(t, b)
	one.Targets = []string{"a@1.0.0", "b@1.0.0", "c@1.0.0"}
	two.Targets = one.Targets
	one.Shard, two.Shard = Shard{1, 2}, Shard{2, 2}
	return one, two
}

func written(t *testing.T, shards ...Matrix) (files []string) {
	t.Helper()
	for _, m := range shards {
		file := filepath.Join(t.TempDir(), "shard.json")
		if err := page.WriteFile(file, func(w io.Writer) error { return writeJSON(w, m) }); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func TestMerge(t *testing.T) {
	one, two := shards(t)
	m, err := Merge(written(t, two, one))
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, c := range m.Columns {
		targets = append(targets, c.Target)
	}
	if !slices.Equal(targets, m.Targets) || m.Shard != (Shard{1, 1}) || m.Conclusion.ExitCode != page.ExitViolates {
		t.Errorf("%v, shard %v, %+v", targets, m.Shard, m.Conclusion)
	}
}

func TestShardsThatDoNotFitAreNotMerged(t *testing.T) {
	one, two := shards(t)
	seeded, others, third, short := two, two, two, two
	seeded.Plan.RandomSeed++
	others.Targets = []string{"a@1.0.0"}
	third.Shard = Shard{2, 3}
	short.Columns = nil
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for word, files := range map[string][]string{
		"different options":    written(t, one, seeded),
		"different targets":    written(t, one, others),
		"is shard 2/3":         written(t, one, third),
		"both shard 1/2":       written(t, one, one),
		"shard 2/2 is missing": written(t, one),
		"2 columns for 3":      written(t, one, short),
		"is not the JSON":      {broken},
		"cannot be read":       {broken + ".absent"},
	} {
		_, err := Merge(files)
		var described *page.Error
		if !errors.As(err, &described) || described.Code != page.ExitUsage || described.Hint == "" || !strings.Contains(described.Sentence, word) {
			t.Errorf("%s: %v", word, err)
		}
	}
}

func TestJudgedIsAboutTheMatrixItself(t *testing.T) {
	void := columnOf("v@1.0.0", "")
	void.Conclusion = report.Conclusion{Verdict: "void", ExitCode: page.ExitVoid, Why: "nothing ran"}
	missing := columnOf("m@1.0.0", "")
	missing.Conclusion = report.Conclusion{Verdict: skipped, Why: "no tool"}
	fails, open := columnOf("sdk@1.0.0", "+x+"), columnOf("sdk@2.0.0", "x?+")
	for _, test := range []struct {
		columns []Column
		code    int
		why     string
	}{
		{[]Column{fails, missing}, page.ExitConforms, "every case of every target has a verdict"},
		{[]Column{fails, open}, page.ExitCouldNotJudge, "sdk 2.0.0 (1 case without a verdict: " + catalogue[1].ID + ")"},
		{[]Column{fails, columnOf("gone@1.0.0", "")}, page.ExitCouldNotJudge, "gone 1.0.0 (not judged: installing it failed)"},
		{[]Column{fails, void, open}, page.ExitVoid, "v 1.0.0"},
		{[]Column{missing}, page.ExitCouldNotJudge, "no target was judged"},
	} {
		if got := made(t, test.columns...).Judged(); got.ExitCode != test.code || !strings.Contains(got.Why, test.why) {
			t.Errorf("%+v, want %d, %s", got, test.code, test.why)
		}
	}
}
