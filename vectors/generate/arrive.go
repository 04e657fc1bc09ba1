package main

import (
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// keysOf is what a set-up puts into the two variables.
func keysOf(s suite.Setup) (keys vectors.Keys) {
	env := s.Environment(ring, "http://api.invalid")
	if text, set := env[reference.EnvSigningKey]; set {
		keys.Primary = &text
	}
	if text, set := env[reference.EnvFallback]; set {
		keys.Fallback = &text
	}
	return keys
}

// arrive writes a request down, with what the reference makes of it.
func arrive(c vectors.Common, keys vectors.Keys, r suite.Request) vectors.Verify {
	v := vectors.Verify{
		Common: c, Now: now.Unix(), Keys: keys, Method: r.Method, Target: r.Target, Body: vectors.NewBody(r.Body), Result: vectors.Accept,
	}
	for _, field := range r.Header {
		v.Headers = append(v.Headers, vectors.Field(field))
	}
	if form, err := reference.Canonicalise(r.Body); err == nil {
		text := string(form)
		v.Canonical = &text
	}
	which, err := verified(v.Method, signatures(v.Headers), r.Body, parsed(keys))
	v.Verifier = steps(v, r.Body)
	if err == nil {
		v.Key = which.String()
		return v
	}
	v.Result, v.Reason = vectors.Refuse, named(err)
	if v.Reason == "header" {
		v.Rule = ruleOf(err)
	}
	return v
}

// verified asks the reference. A header that stands twice is refused before
// anything else is looked at.
func verified(method string, values []string, body []byte, keys reference.Keys) (reference.MatchedKey, error) {
	switch len(values) {
	case 0:
		return reference.Verify(method, "", body, keys, now)
	case 1:
		return reference.Verify(method, values[0], body, keys, now)
	}
	_, _, err := reference.ParseHeaders(values)
	return reference.NoKey, err
}

func signatures(fields []vectors.Field) []string {
	values := []string{}
	for _, field := range fields {
		if strings.EqualFold(field.Name, reference.HeaderSignature) {
			values = append(values, field.Value)
		}
	}
	return values
}

// steps are the values that a verifier comes by, as far as it comes.
func steps(v vectors.Verify, body []byte) *vectors.Steps {
	signature, t, err := reference.ParseHeaders(signatures(v.Headers))
	if err != nil {
		return nil
	}
	s := &vectors.Steps{T: t, Age: v.Now - signature.Time.Unix()}
	message, err := reference.Message(v.Method, body)
	if err != nil {
		return s
	}
	s.Message = vectors.NewMessage(append(message[:len(message):len(message)], t...))
	keys := parsed(v.Keys)
	if !keys.Primary.IsZero() {
		s.PrimaryMAC = hexOf(keys.Primary.MAC(message, t))
	}
	if !keys.Fallback.IsZero() {
		s.FallbackMAC = hexOf(keys.Fallback.MAC(message, t))
	}
	return s
}

// parts gives the fields of a stimulus that is verified as a call is.
func parts(s suite.Stimulus) (suite.Call, bool) {
	switch s := s.(type) {
	case suite.Call:
		return s, true
	case suite.Probe:
		return suite.Call(s), true
	case suite.Introspect:
		return suite.Call(s), true
	case suite.InBandSync:
		return suite.Call(s), true
	}
	return suite.Call{}, false
}

// senderOf says how the suite made a signature.
func senderOf(s suite.Stimulus) *vectors.Sender {
	in, _ := parts(s)
	if in.Unsigned {
		return nil
	}
	made := suite.Make(s, scene(ring))
	key := ring.Key(in.Key)
	if strings.Contains(in.Header, "{s:old}") {
		made = suite.Make(suite.Call{Age: in.Age + time.Hour}, scene(ring)) // the body is the same, and the MAC an hour older
	}
	hmacKey := key.Secret()
	sender := &vectors.Sender{Algorithm: "HMAC-SHA256", HMACKey: &hmacKey, Message: vectors.NewMessage(made.Signed), MAC: made.MAC}
	switch {
	case in.Over == suite.WholeKeyText:
		hmacKey = key.Text()
	case in.Over == suite.DecodedAsKey:
		sender.HMACKey, sender.KeyHex = nil, hmacKey
	case in.Hash == suite.Plain:
		sender.Algorithm, sender.HMACKey = "SHA-256", nil
	case in.Hash != "":
		sender.Algorithm = string(in.Hash)
	}
	return sender
}
