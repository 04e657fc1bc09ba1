package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

// recorded is a recording of requests of Inngest's open-source server.
//
//go:embed recorded.json
var recorded []byte

type recording struct {
	What     string
	Keys     struct{ A, B string }
	Requests []recordedRequest
}

type recordedRequest struct {
	Name, Kind, Mode, Comment string
	Method, Target            string
	Headers                   map[string][]string
	Body                      []byte `json:"body_base64"`
}

var realFlags = map[string]vectors.Flag{
	"Call":     {About: "a call of a function", Bug: "requests of the server are refused"},
	"Sync":     {About: "a sync, of which the canonical form is signed", Bug: "only the MAC of the raw bytes is accepted"},
	"Durable":  {About: "a request of a durable endpoint: any method, and the bytes of the body are signed", Bug: "the MAC depends on the method, or on a body"},
	"Rotation": {About: "signed with the key that is configured as the fallback", Bug: "the fallback key is not tried"},
	"NoForm":   {About: "a body that the reference does not canonicalise", Bug: "only the MAC of the canonical form is accepted"},
	"Unsigned": {About: "the server does not sign this request"},
}

// real generates real.json.
func real() (output, error) {
	l := newFileBuilder[vectors.Real]("requests as Inngest's open-source server sent them, recorded: the key and the bytes that they were signed with", realFlags)
	var all recording
	if err := json.Unmarshal(recorded, &all); err != nil {
		return output{}, fmt.Errorf("parsing the recording: %w", err)
	}
	for _, r := range all.Requests {
		v, err := newReal(r, keysFrom(all.Keys.A, all.Keys.B))
		if err != nil {
			l.fail("real.%s: %w", r.Name, err)
		}
		l.add(v)
	}
	return l.done()
}

func newReal(r recordedRequest, keys vectors.Keys) (v vectors.Real, err error) {
	v = vectors.Real{Kind: r.Kind, Mode: r.Mode, Keys: keys, Method: r.Method, Target: r.Target, Body: vectors.NewBody(r.Body), Result: vectors.Unsigned}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		for _, value := range r.Headers[name] {
			v.Headers = append(v.Headers, vectors.Field{Name: name, Value: value})
		}
	}
	if values := signatures(v.Headers); len(values) > 0 {
		err = addSignature(&v, values[0], r.Body)
	}
	v.Common = about("real."+r.Name, "4.1.3", 5, levelOf(v), lockout, r.Comment, realFlagsOf(v)...)
	return v, err
}

// addSignature adds the key and the message that a recorded signature was made
// with. It tries them all, so that the vector does not depend on Verify.
func addSignature(v *vectors.Real, header string, body []byte) error {
	signature, err := reference.ParseSignature(header)
	if err != nil {
		return err
	}
	v.Result, v.Now, v.MAC = vectors.Accept, signature.Time.Unix(), hexOf(signature.MAC)
	keys := parseKeys(v.Keys)
	for name, key := range map[string]reference.Key{"primary": keys.Primary, "fallback": keys.Fallback} {
		if key.MAC(body, signature.T()) == signature.MAC {
			v.Key, v.Covers = name, "body"
			return nil
		}
		if canonical, err := reference.Canonicalise(body); err == nil && key.MAC(canonical, signature.T()) == signature.MAC {
			text := string(canonical)
			v.Key, v.Covers, v.Canonical = name, "canonical", &text
			return nil
		}
	}
	return errors.New("no key of the recording made its signature")
}

// levelOf is SHOULD for what a serve endpoint may lack, or what a verifier that
// canonicalises every body cannot accept.
func levelOf(v vectors.Real) string {
	switch {
	case v.Result == vectors.Unsigned:
		return may
	case v.Kind == "durable" || slices.Contains(realFlagsOf(v), "NoForm"):
		return should
	}
	return must
}

func realFlagsOf(v vectors.Real) (flags []string) {
	flags = []string{map[string]string{"call": "Call", "sync": "Sync", "durable": "Durable"}[v.Kind]}
	body, err := v.Body.Bytes()
	if _, invalid := reference.Canonicalise(body); err != nil || invalid != nil && len(body) > 0 {
		flags = append(flags, "NoForm")
	}
	if v.Key == "fallback" {
		flags = append(flags, "Rotation")
	}
	if v.Result == vectors.Unsigned {
		flags = append(flags, "Unsigned")
	}
	return flags
}
