package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

func TestTheReferenceAgrees(t *testing.T) {
	t.Run("header", agrees[vectors.Header])
	t.Run("key-hash", agrees[vectors.KeyHash])
	t.Run("canonical", agrees[vectors.Canonical])
	t.Run("sign", agrees[vectors.Sign])
	t.Run("verify", agrees[vectors.Verify])
	t.Run("mode", agrees[vectors.Mode])
	t.Run("bearer-fallback", agrees[vectors.BearerFallback])
}

// agrees runs the reference over a file as any consumer would, and mends every
// negative by what its twin has.
func agrees[V vectors.Kind](t *testing.T) {
	file, err := vectors.Load[V]()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]V{}
	for _, v := range file.Vectors {
		byID[v.About().ID] = v
		want := v.Outcome()
		if want == vectors.Unspecified {
			want = object(v)["reference"].(string)
		}
		if got := outcome(t, v); got != want {
			t.Errorf("%s: the reference gives %s, the file says %s", v.About().ID, got, want)
		}
	}
	for _, v := range file.Vectors {
		about := v.About()
		if about.Control == "" {
			continue
		}
		twin := byID[about.Control]
		if got := outcome(t, mended(t, v, twin, about.Differs...)); got != twin.Outcome() {
			t.Errorf("%s: with the %v of %s the reference still gives %s", about.ID, about.Differs, about.Control, got)
		}
		for i := range about.Differs {
			rest := slices.Delete(slices.Clone(about.Differs), i, i+1)
			if got := outcome(t, mended(t, v, twin, rest...)); got == twin.Outcome() {
				t.Errorf("%s: %v would do, without %s", about.ID, rest, about.Differs[i])
			}
		}
		if whole := inputs(mended(t, v, twin, about.Differs...)); !reflect.DeepEqual(whole, inputs(twin)) {
			t.Errorf("%s differs from %s in more than %v", about.ID, about.Control, about.Differs)
		}
	}
}

// outcome is what the reference makes of a vector's inputs.
func outcome[V vectors.Kind](t *testing.T, v V) string {
	t.Helper()
	verdict := func(err error) string {
		if err != nil {
			return vectors.Refuse
		}
		return vectors.Accept
	}
	switch v := any(v).(type) {
	case vectors.Header:
		_, _, err := reference.ParseHeaders(v.Values)
		return verdict(err)
	case vectors.KeyHash:
		_, err := reference.ParseKey(v.Key)
		return verdict(err)
	case vectors.Canonical:
		form, err := reference.Canonicalise(bytesOf(t, v.Body))
		if err == nil && v.Canonical != nil && *v.Canonical != string(form) {
			return "another form"
		}
		return verdict(err)
	case vectors.Sign:
		return verdict(signed(&v, bytesOf(t, v.Body), time.Unix(v.Now, 0)))
	case vectors.Verify:
		_, err := verified(v.Method, signatures(v.Headers), bytesOf(t, v.Body), parsed(v.Keys))
		return verdict(err)
	case vectors.Mode:
		return reference.ResolveMode(func(name string) string { return v.Env[name] }).String()
	case vectors.BearerFallback:
		told := v.Sent
		result, err := play(&v)
		if err != nil {
			t.Fatal(err)
		}
		if told != nil && !reflect.DeepEqual(told, v.Sent) {
			return "another exchange"
		}
		return result
	}
	t.Fatalf("%T has no check", v)
	return ""
}

func bytesOf(t *testing.T, b vectors.Body) []byte {
	t.Helper()
	raw, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func object(v any) (fields map[string]any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		panic(err)
	}
	return fields
}

// inputs are the fields that a consumer is given, without those that follow.
func inputs(v any) map[string]any {
	all, given := object(v), map[string]any{}
	for _, name := range []string{"values", "body", "bodyBase64", "what", "method", "now", "keys", "target", "headers", "env", "request", "responses"} {
		if value, there := all[name]; there {
			given[name] = value
		}
	}
	if _, isKeyText := any(v).(vectors.Verify); !isKeyText {
		given["key"] = all["key"]
	}
	return given
}

// mended is a vector with some inputs of its twin.
func mended[V vectors.Kind](t *testing.T, v, twin V, what ...string) (whole V) {
	t.Helper()
	fields, good := object(v), object(twin)
	for _, name := range what {
		if name == "signature" {
			name = "headers" // the twin's other fields are the same, as the last check shows
		}
		for _, key := range []string{name, name + "Base64"} {
			delete(fields, key)
			if value, there := good[key]; there {
				fields[key] = value
			}
		}
	}
	for _, follows := range []string{"sent", "canonical"} {
		delete(fields, follows)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	return whole
}
