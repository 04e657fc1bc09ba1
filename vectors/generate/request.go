package main

import (
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/vectors"
)

// keysOf returns the values of the two variables in a set-up.
func keysOf(s suite.Setup) (keys vectors.Keys) {
	env := s.Environment(keyring, "http://api.invalid")
	if text, set := env[reference.EnvSigningKey]; set {
		keys.Primary = &text
	}
	if text, set := env[reference.EnvFallback]; set {
		keys.Fallback = &text
	}
	return keys
}

// newVerify returns the vector of a request, with the reference's results.
func newVerify(c vectors.Common, keys vectors.Keys, r suite.Request) vectors.Verify {
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
	key, err := verify(signatures(v.Headers), r.Body, parseKeys(keys))
	v.Verifier = intermediates(v, r.Body)
	if err == nil {
		v.Key = key.String()
		return v
	}
	v.Result, v.Reason = vectors.Refuse, reasonOf(err)
	if v.Reason == "header" {
		v.Rule = ruleOf(err)
	}
	return v
}

// verify verifies a request with the reference. A duplicate header is refused
// before anything else is checked.
func verify(values []string, body []byte, keys reference.Keys) (reference.MatchedKey, error) {
	switch len(values) {
	case 0:
		return reference.Verify("", body, keys, now)
	case 1:
		return reference.Verify(values[0], body, keys, now)
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

// intermediates returns the intermediate values of verification, as far as it
// gets.
func intermediates(v vectors.Verify, body []byte) *vectors.Intermediates {
	signature, t, err := reference.ParseHeaders(signatures(v.Headers))
	if err != nil {
		return nil
	}
	s := &vectors.Intermediates{T: t, Age: v.Now - signature.Time.Unix()}
	for message := range reference.Messages(body) {
		macs := macsOf(message, t, parseKeys(v.Keys))
		if s.Text == nil && s.Base64 == "" { // the first message is the body itself
			s.MACs = macs
		} else {
			s.Canonical = &macs
		}
	}
	return s
}

// macsOf returns the MACs of a message by the configured keys.
func macsOf(message []byte, t string, keys reference.Keys) (macs vectors.MACs) {
	macs.Message = vectors.NewMessage(append(slices.Clip(message), t...))
	if !keys.Primary.IsZero() {
		macs.PrimaryMAC = hexOf(keys.Primary.MAC(message, t))
	}
	if !keys.Fallback.IsZero() {
		macs.FallbackMAC = hexOf(keys.Fallback.MAC(message, t))
	}
	return macs
}

// parts returns the fields of a stimulus that is verified like a call.
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

// senderOf returns how the suite made a signature.
func senderOf(s suite.Stimulus) *vectors.Sender {
	in, _ := parts(s)
	if in.Unsigned {
		return nil
	}
	message := suite.Make(s, scene)
	key := keyring.Key(in.Key)
	if strings.Contains(in.Header, "{s:old}") {
		message = suite.Make(suite.Call{Age: in.Age + time.Hour}, scene) // the same body, signed one hour earlier
	}
	hmacKey := string(keyring.HMACKey(in.Key))
	sender := &vectors.Sender{Algorithm: "HMAC-SHA256", HMACKey: &hmacKey, Message: vectors.NewMessage(message.Signed), MAC: message.MAC}
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
