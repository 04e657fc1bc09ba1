package main

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
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
	t.Run("real", agrees[vectors.Real])
}

// agrees checks every vector of a file with the reference, and that every negative
// is valid with the inputs of its control in which the two differ.
func agrees[V vectors.Kind](t *testing.T) {
	file, err := vectors.Load[V]()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]V{}
	for _, v := range file.Vectors {
		byID[v.About().ID] = v
		if got := outcome(t, v); got != resultOf(v) {
			t.Errorf("%s: the reference returns %s, the file says %s", v.About().ID, got, resultOf(v))
		}
	}
	for _, v := range file.Vectors {
		about := v.About()
		if about.Control == "" {
			continue
		}
		control := byID[about.Control]
		if got := outcome(t, withInputsOf(t, v, control, about.Differs...)); got != resultOf(control) {
			t.Errorf("%s: with the %v of %s the reference returns %s", about.ID, about.Differs, about.Control, got)
		}
		for i := range about.Differs {
			rest := slices.Delete(slices.Clone(about.Differs), i, i+1)
			if got := outcome(t, withInputsOf(t, v, control, rest...)); got == resultOf(control) {
				t.Errorf("%s: %v is enough, without %s", about.ID, rest, about.Differs[i])
			}
		}
		if combined := inputs(withInputsOf(t, v, control, about.Differs...)); !reflect.DeepEqual(combined, inputs(control)) {
			t.Errorf("%s differs from %s in more than %v", about.ID, about.Control, about.Differs)
		}
	}
}

// resultOf returns the expected result or, where that is unspecified, the
// reference's.
func resultOf(v interface{ Outcome() string }) string {
	if result := v.Outcome(); result != vectors.Unspecified {
		return result
	}
	return object(v)["reference"].(string)
}

// outcome returns the reference's result for the inputs of a vector.
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
			return "another canonical form"
		}
		return verdict(err)
	case vectors.Sign:
		return verdict(fillSigned(&v, bytesOf(t, v.Body), time.Unix(v.Now, 0)))
	case vectors.Verify:
		_, err := verify(signatures(v.Headers), bytesOf(t, v.Body), parseKeys(v.Keys))
		return verdict(err)
	case vectors.Real:
		return realOutcome(t, v)
	case vectors.Mode:
		return reference.ResolveMode(func(name string) string { return v.Env[name] }).String()
	case vectors.BearerFallback:
		expected := v.Sent
		result, err := exchange(&v)
		if err != nil {
			t.Fatal(err)
		}
		if expected != nil && !reflect.DeepEqual(expected, v.Sent) {
			return "another exchange"
		}
		return result
	}
	t.Fatalf("no check for %T", v)
	return ""
}

// realOutcome verifies a recorded request at the time at which it was signed.
func realOutcome(t *testing.T, v vectors.Real) string {
	t.Helper()
	header := strings.Join(signatures(v.Headers), ", ")
	matched, err := reference.Verify(header, bytesOf(t, v.Body), parseKeys(v.Keys), time.Unix(v.Now, 0))
	switch {
	case errors.Is(err, reference.ErrUnsigned):
		return vectors.Unsigned
	case err != nil:
		return vectors.Refuse
	case matched.String() != v.Key:
		return "another key"
	}
	return vectors.Accept
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

// inputs returns the fields of a vector that are inputs, not results.
func inputs(v any) map[string]any {
	all, found := object(v), map[string]any{}
	for _, name := range []string{"values", "body", "bodyBase64", "what", "method", "now", "keys", "target", "headers", "env", "request", "responses"} {
		if value, ok := all[name]; ok {
			found[name] = value
		}
	}
	if _, isVerify := any(v).(vectors.Verify); !isVerify { // where the key is a result
		found["key"] = all["key"]
	}
	return found
}

// withInputsOf returns a vector with some inputs of its control.
func withInputsOf[V vectors.Kind](t *testing.T, v, control V, what ...string) (combined V) {
	t.Helper()
	fields, valid := object(v), object(control)
	for _, name := range what {
		if name == "signature" {
			name = "headers" // the other header fields are equal, as the last check of agrees shows
		}
		for _, key := range []string{name, name + "Base64"} {
			delete(fields, key)
			if value, ok := valid[key]; ok {
				fields[key] = value
			}
		}
	}
	for _, result := range []string{"sent", "canonical"} {
		delete(fields, result)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &combined); err != nil {
		t.Fatal(err)
	}
	return combined
}
