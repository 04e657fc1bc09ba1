package fuzz_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/reference"
)

// The schemes of this file are wrong on purpose, each in one way.

// parts is a verification whose steps can be replaced.
type parts struct {
	parse   func(string) (reference.Signature, error)
	message func(body []byte) []byte // what is covered of a message
	t       func(string) string
	key     func(reference.Key) reference.Key
	compare func(want, got []byte) bool
	window  time.Duration
}

// signing is the reference with Sign and Verify made of parts.
func signing(breakIt func(*parts)) fuzz.Scheme {
	same := func(t string) string { return t }
	p := parts{reference.ParseSignature, bytes.Clone, same, func(k reference.Key) reference.Key { return k }, bytes.Equal, reference.MaxAge}
	breakIt(&p)
	s := fuzz.Reference()
	s.Sign = func(key reference.Key, body []byte, at time.Time) (reference.Signature, error) {
		signature := reference.Signature{Time: at}
		signature.MAC = p.key(key).MAC(p.message(body), p.t(signature.T()))
		return signature, nil
	}
	s.Verify = func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
		signature, err := p.parse(header)
		if err != nil {
			return reference.NoKey, err
		}
		if now.Sub(signature.Time) > p.window || signature.Time.Sub(now) > reference.MaxSkew {
			return reference.NoKey, reference.ErrExpired
		}
		for message := range reference.Messages(body) {
			which := reference.Choose(keys, func(k reference.Key) bool {
				want := p.key(k).MAC(p.message(message), p.t(signature.T()))
				return !k.IsZero() && p.compare(want[:], signature.MAC[:])
			})
			if which != reference.NoKey {
				return which, nil
			}
		}
		return reference.NoKey, reference.ErrMismatch
	}
	return s
}

func parsing(parse func(string) (reference.Signature, error)) fuzz.Scheme {
	s := fuzz.Reference()
	s.ParseSignature = parse
	return s
}

func canonical(canonicalise func([]byte) ([]byte, error)) func(*rapid.T) {
	s := fuzz.Reference()
	s.Canonicalise = canonicalise
	return s.CanonicalBytesAgreeWith(jcs.Transform)
}

// verifying is the reference with a Verify that knows the empty key for some keys.
func verifying(trusts func(reference.Keys) bool) fuzz.Scheme {
	s := fuzz.Reference()
	s.Verify = func(header string, body []byte, keys reference.Keys, now time.Time) (reference.MatchedKey, error) {
		signature, _ := reference.ParseSignature(header)
		for message := range reference.Messages(body) {
			if trusts(keys) && matchAny(keys.Primary, message, signature.T(), signature.MAC) {
				return reference.Primary, nil
			}
		}
		return reference.Verify(header, body, keys, now)
	}
	return s
}

// serving is the reference with an endpoint that is built wrong.
func serving(breakIt func(*reference.Endpoint)) fuzz.Scheme {
	s := fuzz.Reference()
	s.NewEndpoint = func(app string, functions map[string]reference.Function, getenv func(string) string) *reference.Endpoint {
		e := reference.NewEndpoint(app, functions, getenv)
		breakIt(e)
		return e
	}
	return s
}

func matchAny(key reference.Key, message []byte, t string, mac [32]byte) bool {
	return key.MAC(message, t) == mac
}

// queryParse reads the header as many a web framework would.
func queryParse(value string) (reference.Signature, error) {
	q, err := url.ParseQuery(value)
	if err != nil {
		return reference.Signature{}, &reference.HeaderError{Rule: reference.RuleParameter}
	}
	return reference.ParseSignature("t=" + q.Get("t") + "&s=" + q.Get("s"))
}

// anyCase reads capitals as small letters.
func anyCase(value string) (reference.Signature, error) {
	return reference.ParseSignature(strings.ToLower(value))
}

// tFirst knows one order only.
func tFirst(value string) (reference.Signature, error) {
	if strings.HasPrefix(value, "s") {
		return reference.Signature{}, &reference.HeaderError{Rule: reference.RuleTMissing}
	}
	return reference.ParseSignature(value)
}

func in32Bits(value string) (reference.Signature, error) {
	s, err := reference.ParseSignature(value)
	if err == nil {
		s.Time = time.Unix(int64(int32(s.Time.Unix())), 0)
	}
	return s, err
}

// nothing covers no body.
func nothing([]byte) []byte { return nil }

// wholeNumbers covers a body as a parser with integers only would.
func wholeNumbers(body []byte) []byte {
	return regexp.MustCompile(`\.[0-9]+`).ReplaceAll(body, nil)
}

func clamping(body []byte) ([]byte, error) {
	v := jsontext.Value(bytes.Clone(body))
	err := v.Canonicalize()
	return nilOn(err, v)
}

// smallE clamps a number whose exponent it does not see.
func smallE(body []byte) ([]byte, error) {
	if bytes.ContainsRune(body, 'E') && !bytes.ContainsAny(body, "\"e") {
		return clamping(body)
	}
	return reference.Canonicalise(body)
}

func lenient(option jsontext.Options) func([]byte) ([]byte, error) {
	return func(body []byte) ([]byte, error) {
		if _, err := reference.Canonicalise(body); err == nil {
			return reference.Canonicalise(body)
		}
		if bytes.Contains(body, []byte("309")) || bytes.Contains(body, []byte("308")) {
			return nil, strconv.ErrRange // one fault at a time: these are beyond double
		}
		v := jsontext.Value(bytes.Clone(body))
		err := v.Canonicalize(option)
		return nilOn(err, v)
	}
}

// sortedByBytes is right but for the order of the outermost names.
func sortedByBytes(body []byte) ([]byte, error) {
	right, err := reference.Canonicalise(body)
	members := map[string]json.RawMessage{}
	if err != nil || json.Unmarshal(right, &members) != nil || right[0] != '{' {
		return right, err
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		quoted := must(reference.Canonicalise(must(json.Marshal(name))))
		texts = append(texts, string(quoted)+":"+string(members[name]))
	}
	return []byte("{" + strings.Join(texts, ",") + "}"), nil
}

// signedZero keeps the sign of a zero that stands alone.
func signedZero(body []byte) ([]byte, error) {
	right, err := reference.Canonicalise(body)
	if err == nil && string(right) == "0" && bytes.Contains(body, []byte("-0")) {
		return []byte("-0"), nil
	}
	return right, err
}

// trimmed takes a body for a C string.
func trimmed(body []byte) ([]byte, error) {
	return reference.Canonicalise(bytes.TrimRight(body, "\x00"))
}

func nilOn(err error, v []byte) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
