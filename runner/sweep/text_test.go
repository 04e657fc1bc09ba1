package sweep

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
)

// made is a sweep over cases that there are, with verdicts written as letters.
func made(t *testing.T, texts ...string) Sweep {
	t.Helper()
	cases := suite.Catalogue()[:len(texts)]
	byID := map[string]string{}
	for i, c := range cases {
		byID[c.ID] = texts[i]
	}
	versions := rows(byID)
	for i := range versions {
		if versions[i].Results == nil {
			versions[i].Results = []Cell{}
		}
		if versions[i].State == NotInstalled {
			versions[i].Reason, versions[i].Output = "installing it: npm exited with status 1", "npm error\x1b[31m notarget\nmore\n"
		}
	}
	return newSweep(cases, versions, facts{
		target: "sdk", Options: Options{Versions: "1.0.0..1.9.0", Bisect: strings.Contains(strings.Join(texts, ""), "."), Seed: 7, Tool: report.Tool{Name: "countersign", Version: "v0.0.0"}},
		excluded: Excluded{PreReleases: 1}, started: time.Unix(0, 0), took: time.Second,
		selfCheck: report.SelfCheck{Endpoints: []report.KnownEndpoint{{Name: "reference", Correct: true, Verdict: "conforms"}}},
	})
}

func rendered(t *testing.T, s Sweep, style page.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := Text(&out, s, style); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestText(t *testing.T) {
	got := rendered(t, made(t, "xxx++", "+++++", "-----"[:2]+"-++"), page.Style{})
	for _, want := range []string{"–1.2.0", "2 versions", "fail", "pass", "Passes from 1.3.0 on\n", "Not included: 1 pre-release"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func TestUnjudgedVersionsAreExplained(t *testing.T) {
	got := rendered(t, made(t, "+-+"), page.Style{})
	for _, want := range []string{"Not installed", "1.1.0: installing it", "| npm error\uFFFD[31m notarget", "COULD NOT JUDGE"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func TestThirtyDifferentVersionsStayReadable(t *testing.T) {
	flipping := strings.Repeat("x+", 15)
	for _, width := range []int{0, 60, 200} {
		got := rendered(t, made(t, flipping, strings.Repeat("+", 30), "nn"+strings.Repeat("+", 28)), page.Style{Width: width})
		limit := width
		if width == 0 {
			limit = page.Usual
		}
		for line := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > limit {
				t.Errorf("%d columns in a width of %d: %s", n, limit, line)
			}
		}
		if !strings.Contains(got, "30  1.29.0") && width != 200 {
			t.Errorf("no legend:\n%s", got)
		}
	}
}

func TestColour(t *testing.T) {
	s := made(t, "x+")
	if strings.Contains(rendered(t, s, page.Style{}), "\x1b") || !strings.Contains(rendered(t, s, page.Style{Colour: true}), "\x1b[32m") {
		t.Error("colour is not exactly where it is wanted")
	}
}

func TestJSONFollowsItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("sweep.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Sweep{
		"plain": made(t, "xx++", "++++"), "with troubles": made(t, "+-+"), "bisected": made(t, "x..x+"),
		"every verdict": made(t, "+xwonb?e"), "nothing": made(t),
	} {
		var out bytes.Buffer
		if err := writeJSON(&out, s); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(document); err != nil && name != "nothing" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	if err := writeCSV(&out, made(t, "x-+")); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != 2 {
		t.Fatalf("%v: %v", lines, err)
	}
	if got := strings.Join(lines[1][2:], "|"); got != "fail||pass|passes from 1.2.0 on; unknown in 1.1.0" {
		t.Error(got)
	}
}
