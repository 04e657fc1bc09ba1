package vectors_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/vectors"
)

// load reads one of the files.
func load[V vectors.Kind](t *testing.T) vectors.File[V] {
	t.Helper()
	file, err := vectors.Load[V]()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestThereAreEnough(t *testing.T) {
	total := 0
	for _, count := range []int{
		load[vectors.Header](t).Count, load[vectors.KeyHash](t).Count, load[vectors.Canonical](t).Count, load[vectors.Sign](t).Count,
		load[vectors.Verify](t).Count, load[vectors.Mode](t).Count, load[vectors.BearerFallback](t).Count, load[vectors.Real](t).Count,
	} {
		total += count
	}
	if total < 250 {
		t.Errorf("%d vectors, want at least 250", total)
	}
}

func TestEveryFileConformsToTheSchema(t *testing.T) {
	schema := compiled(t)
	for _, name := range vectors.Names {
		raw, err := vectors.Raw(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(schema, raw); err != nil {
			t.Errorf("%s.json: %v", name, err)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(vectors.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(schema *jsonschema.Schema, raw []byte) error {
	file, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return schema.Validate(file)
}

// unknownMembers are edits that add an unknown member to verify.json.
var unknownMembers = []struct{ name, old, replacement string }{
	{"an unknown member", `"id": "receiving.signed"`, `"id": "receiving.signed", "surprise": 1`},
	{"an unknown member of a nested object", `"verifier": {`, `"verifier": { "surprise": 1,`},
	{"an unknown member of the file", `"count":`, `"surprise": 1, "count":`},
}

func TestTheSchemaIsStrict(t *testing.T) {
	longtest.Skip(t)
	schema := compiled(t)
	for _, s := range append(unknownMembers, []struct{ name, old, replacement string }{
		{"a level in lower case", `"level": "MUST"`, `"level": "must"`},
		{"an unknown result", `"result": "refuse"`, `"result": "refused"`},
		{"a negative without a control", `"control": "receiving.signed",`, ``},
		{"a short MAC", `"primaryMac": "`, `"primaryMac": "0`},
		{"an unspecified result without the reference's result", `"reference": "refuse",`, ``},
		{"a body in two encodings", `"body": "`, `"bodyBase64": "AA==", "body": "`},
		{"another file's name", `"file": "verify"`, `"file": "mode"`},
	}...) {
		if validate(schema, edited(t, "verify", s.old, s.replacement)) == nil {
			t.Errorf("%s: the schema accepts it", s.name)
		}
	}
}

func TestParsingIsStrict(t *testing.T) {
	longtest.Skip(t)
	for _, s := range append(unknownMembers, []struct{ name, old, replacement string }{
		{"another file's vectors", `"file": "verify"`, `"file": "mode"`},
		{"another count", `"count": `, `"count": 1`},
		{"a number instead of a string", `"method": "POST"`, `"method": 1`},
	}...) {
		if _, err := vectors.Parse[vectors.Verify](edited(t, "verify", s.old, s.replacement)); err == nil {
			t.Errorf("%s: it is parsed", s.name)
		}
	}
	raw, err := vectors.Raw("verify")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vectors.Parse[vectors.Verify](append(slices.Clone(raw), "{}"...)); err == nil {
		t.Error("data after the file's value: it is parsed")
	}
	if _, err := vectors.Raw("no-such-file"); err == nil {
		t.Error("a missing file: it is read")
	}
}

// edited returns the content of a file with the first occurrence of a text replaced.
func edited(t *testing.T, name, old, replacement string) []byte {
	t.Helper()
	raw, err := vectors.Raw(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(raw, []byte(old), []byte(replacement), 1)
	if bytes.Equal(changed, raw) {
		t.Fatalf("%s.json does not contain %s", name, old)
	}
	return changed
}

func TestEveryFileIsConsistent(t *testing.T) {
	t.Run("header", consistent[vectors.Header])
	t.Run("key-hash", consistent[vectors.KeyHash])
	t.Run("canonical", consistent[vectors.Canonical])
	t.Run("sign", consistent[vectors.Sign])
	t.Run("verify", consistent[vectors.Verify])
	t.Run("mode", consistent[vectors.Mode])
	t.Run("bearer-fallback", consistent[vectors.BearerFallback])
	t.Run("real", consistent[vectors.Real])
}

// positive are the results that a control may have.
var positive = []string{vectors.Accept, "answered"}

// resultOf returns the expected result or, where that is unspecified, the
// reference's.
func resultOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields struct{ Result, Reference string }
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	if fields.Result == vectors.Unspecified {
		return fields.Reference
	}
	return fields.Result
}

func consistent[V vectors.Kind](t *testing.T) {
	file := load[V](t)
	byID, used := map[string]V{}, map[string]bool{}
	for _, v := range file.Vectors {
		if _, duplicate := byID[v.About().ID]; duplicate {
			t.Errorf("%s: duplicate id", v.About().ID)
		}
		byID[v.About().ID] = v
	}
	for _, v := range file.Vectors {
		about := v.About()
		if _, err := suite.ParseCitation(about.Clause); err != nil {
			t.Errorf("%s: %v", about.ID, err)
		}
		if _, known := suite.FindAmbiguity(about.Ambiguity); about.Ambiguity != "" && !known {
			t.Errorf("%s: unknown ambiguity %s", about.ID, about.Ambiguity)
		}
		for _, flag := range about.Flags {
			used[flag] = true
			if _, described := file.Flags[flag]; !described {
				t.Errorf("%s: the flag %s has no description", about.ID, flag)
			}
		}
		negative := slices.Contains([]string{vectors.Refuse, "refused", "failed"}, v.Outcome())
		control, found := byID[about.Control]
		switch {
		case negative && !found:
			t.Errorf("%s: unknown control %q", about.ID, about.Control)
		case found && !slices.Contains(positive, resultOf(t, control)):
			t.Errorf("%s: the control %s is not valid", about.ID, about.Control)
		}
	}
	for flag := range file.Flags {
		if !used[flag] {
			t.Errorf("no vector has the flag %s", flag)
		}
	}
}

func TestBytesRoundTrip(t *testing.T) {
	for _, raw := range []string{"", "{}", "é\u2028", "\xff", "a\x00b", strings.Repeat("\xed\xa0\x80", 3)} {
		body, err := vectors.NewBody([]byte(raw)).Bytes()
		if err != nil || string(body) != raw {
			t.Errorf("%q becomes %q, %v", raw, body, err)
		}
		message, err := vectors.NewMessage([]byte(raw)).Bytes()
		if err != nil || string(message) != raw {
			t.Errorf("%q becomes %q, %v", raw, message, err)
		}
	}
	if _, err := (vectors.Body{Base64: "?"}).Bytes(); err == nil {
		t.Error("invalid base64 is decoded")
	}
}
