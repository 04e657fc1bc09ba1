package rotate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// mutant is a drill of an endpoint that refuses what is authentic.
func mutant(t *testing.T, name string) (Rotation, suite.Keyring) {
	t.Helper()
	m, there := zoo.Find(name)
	if !there {
		t.Fatalf("%s is not in the zoo", name)
	}
	lab := embedded(t, m.Break)
	return drillOf(t, lab), lab.Keys()
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile("rotation.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func written(t *testing.T, format string, r Rotation) string {
	t.Helper()
	var out bytes.Buffer
	if err := Formats[format](&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestJSONFollowsItsSchema(t *testing.T) {
	t.Parallel()
	compiled := schema(t)
	for _, name := range []string{"fallback-never-tried", "no-retry", "refuses-everything", "no-window"} {
		r, _ := mutant(t, name)
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(written(t, "json", r)))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaIsStrict(t *testing.T) {
	t.Parallel()
	compiled := schema(t)
	r := drillOf(t, embedded(t, nil))
	for name, spoil := range map[string]func(map[string]any){
		"an unknown member": func(m map[string]any) { m["extra"] = 1 },
		"a missing member":  func(m map[string]any) { delete(m, "oldKey") },
		"an unknown kind":   func(m map[string]any) { m["requests"].([]any)[0].(map[string]any)["kind"] = "x" },
		"a negative count":  func(m map[string]any) { m["totals"].(map[string]any)["forged"] = -1 },
		"a stage too few":   func(m map[string]any) { m["stages"] = m["stages"].([]any)[1:] },
		"no exit code":      func(m map[string]any) { delete(m["conclusion"].(map[string]any), "exitCode") },
		"a word for a flag": func(m map[string]any) { m["handovers"].([]any)[0].(map[string]any)["drained"] = "yes" },
	} {
		var document map[string]any
		if err := json.Unmarshal([]byte(written(t, "json", r)), &document); err != nil {
			t.Fatal(err)
		}
		spoil(document)
		if compiled.Validate(document) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestThePictureIsWellFormed(t *testing.T) {
	t.Parallel()
	r, _ := mutant(t, "fallback-never-tried")
	r.Target.Kind, r.Target.Name = report.Launched, `<sdk> & "friends"`
	picture := written(t, "svg", r)
	decoder, marks := xml.NewDecoder(strings.NewReader(picture)), 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if element, is := token.(xml.StartElement); is && (element.Name.Local == "circle" || element.Name.Local == "path") {
			marks++
		}
	}
	const inLegend = 4
	if marks != len(r.Requests)+inLegend {
		t.Errorf("%d marks for %d requests", marks, len(r.Requests))
	}
	for _, word := range []string{"3 after", "process 3", "violation", "violated", "prefers-color-scheme"} {
		if !strings.Contains(picture, word) {
			t.Errorf("%q is not in the picture", word)
		}
	}
	if strings.Contains(picture, "http") && strings.Count(picture, "http") != 1 {
		t.Error("the picture refers to something outside of it")
	}
}

func TestThePageHasThePictureAndTheNumbers(t *testing.T) {
	t.Parallel()
	r, _ := mutant(t, "fallback-never-tried")
	r.Target.Kind, r.Target.Name = report.Launched, `<sdk> & "friends"`
	text := written(t, "html", r)
	for _, words := range []string{"violated", "default-src &#39;none&#39;", "data:image/svg&#43;xml;base64,", "&lt;sdk&gt; &amp; &#34;friends&#34;", "authentic requests refused", "1 both deployed", "a call signed with key A", `class="c-fail"`} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is not on the page", words)
		}
	}
	if strings.Contains(text, "<sdk>") || strings.Contains(text, "<script") {
		t.Error("something is not escaped")
	}
	drawn := strings.SplitN(strings.SplitN(text, "base64,", 2)[1], `"`, 2)[0]
	picture, err := base64.StdEncoding.DecodeString(html.UnescapeString(drawn))
	if err != nil || string(picture) != written(t, "svg", r) {
		t.Errorf("the picture is another one: %v", err)
	}
}

func TestTheTextNamesTheStage(t *testing.T) {
	t.Parallel()
	r, _ := mutant(t, "fallback-never-tried")
	var out bytes.Buffer
	if err := Text(&out, r, page.Style{}); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"VIOLATED", "at stage 1, both deployed", "AAAABBBB", "a call signed with key A", "more; --report json=FILE", "in flight"} {
		if !strings.Contains(out.String(), word) {
			t.Errorf("%q is missing:\n%s", word, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if n := len([]rune(line)); n > 82 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestColoursAreOnlyForTerminals(t *testing.T) {
	t.Parallel()
	r, _ := mutant(t, "fallback-never-tried")
	for _, colour := range []bool{false, true} {
		var out bytes.Buffer
		if err := Text(&out, r, page.Style{Colour: colour}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "\x1b[") != colour {
			t.Errorf("colour %v", colour)
		}
	}
}

func TestKeysAreInNoReport(t *testing.T) {
	t.Parallel()
	r, keys := mutant(t, "no-retry")
	var text bytes.Buffer
	if err := Text(&text, r, page.Style{}); err != nil {
		t.Fatal(err)
	}
	all := text.String() + written(t, "json", r) + written(t, "svg", r)
	for _, name := range []suite.KeyName{keyA, keyB, suite.UnknownKey} {
		for _, secret := range []string{keys.Key(name).Secret(), suite.BearerHash(keys.Key(name))} {
			if strings.Contains(strings.ToLower(all), secret) {
				t.Errorf("key %s is in a report", letter(name))
			}
		}
	}
}
