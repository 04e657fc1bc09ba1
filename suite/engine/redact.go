package engine

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Redact replaces every secret of a keyring, and every hash of a key, by a token.
func Redact(k suite.Keyring, text string) string { return newRedactor(k).text(text) }

// Secrets lists the secrets of a keyring in a text, as tokens: its signing keys, their
// hashes and the canary.
func Secrets(k suite.Keyring, text string) []string {
	clean := newRedactor(k).text(text)
	if !strings.Contains(clean, "{{") {
		return nil
	}
	var found []string
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback} {
		for _, token := range []string{suite.SecretToken(name), suite.HashToken(name)} {
			if strings.Contains(clean, token) {
				found = append(found, token)
			}
		}
	}
	if strings.Contains(clean, suite.CanaryToken) {
		found = append(found, suite.CanaryToken)
	}
	return found
}

// redactor replaces secrets by typed tokens. The zero redactor replaces none.
type redactor struct {
	keys        *secrets
	responseMAC []string        // the MAC of the response, with its token
	requestMACs func() []string // the MACs of the request with their tokens; computed when a text may contain one
}

// redactors caches redactors by keyring: a run makes many of them from few keys.
var redactors sync.Map

func newRedactor(keys suite.Keyring) redactor {
	made, known := redactors.Load(keys)
	if !known {
		made, _ = redactors.LoadOrStore(keys, &secrets{
			whole:   strings.NewReplacer(secretPairs(keys)...),
			derived: sync.OnceValue(func() derived { return newDerived(keys) }),
		})
	}
	return redactor{keys: made.(*secrets)}
}

// secrets finds the secrets of one keyring: whole ones first, so that each gets the
// token of what it is, then parts, and what is derived from them.
type secrets struct {
	whole   *strings.Replacer
	derived func() derived
}

func (s *secrets) replaced(text string) string {
	text = s.whole.Replace(text)
	if len(text) < shortestPart {
		return text
	}
	return s.derived().replaced(text)
}

// secretPairs lists every form of every secret, each with its token.
func secretPairs(keys suite.Keyring) []string {
	var pairs []string
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback, suite.UnknownKey} {
		key := keys.Key(name)
		if key.IsZero() {
			continue
		}
		pairs = append(pairs, encodings(key.Secret(), suite.SecretToken(name))...)
		if raw, err := hex.DecodeString(key.Secret()); err == nil {
			pairs = append(pairs, inBase64(raw, suite.SecretToken(name))...)
		}
		pairs = append(pairs, suite.BearerHash(key), suite.HashToken(name), strings.ToUpper(suite.BearerHash(key)), suite.HashToken(name))
		pairs = append(pairs, suite.TextHash(key.Text()), suite.TextHashToken(name), suite.TextHash(key.Secret()), suite.TextHashToken(name))
	}
	if keys.Canary != "" {
		pairs = append(pairs, encodings(keys.Canary, suite.CanaryToken)...)
	}
	if keys.EventKey != "" {
		pairs = append(pairs, keys.EventKey, suite.EventKeyToken, strings.ToUpper(keys.EventKey), suite.EventKeyToken)
		pairs = append(pairs, inBase64([]byte(keys.EventKey), suite.EventKeyToken)...)
	}
	return pairs
}

// piece is the length from which base64 of a secret in a longer text is replaced.
const piece = 16

// shortest is the length of the shortest text that may contain a secret: a key has
// at least eight digits.
const shortest = 8

// encodings lists the forms in which a whole secret may appear in output: unchanged,
// in upper case, in hexadecimal, in base64 and reversed. Longer forms come first, so
// that the longest is replaced. Parts of it are found by [derived].
func encodings(secret, token string) []string {
	backwards := []byte(secret)
	slices.Reverse(backwards)
	pairs := inBase64([]byte(secret), token)
	for _, form := range []string{hex.EncodeToString([]byte(secret)), secret, strings.ToUpper(secret), string(backwards)} {
		pairs = append(pairs, form, token)
	}
	return pairs
}

// inBase64 lists the base64 forms of a secret, which depend on its offset in a
// longer text.
func inBase64(secret []byte, token string) []string {
	var pairs []string
	for offset := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, offset), secret...))
		if len(encoded) < 8+piece {
			continue
		}
		middle := encoded[4 : len(encoded)-4]
		pairs = append(pairs, middle, token, strings.NewReplacer("+", "-", "/", "_").Replace(middle), token)
	}
	return pairs
}

// forRequest adds the MACs of a request that is sent now: the correct ones with the
// configured keys, unless the request contains them, and the one that it was sent with.
func (r redactor) forRequest(made suite.Made, signer suite.KeyName, keys suite.Keyring, now time.Time) redactor {
	r.requestMACs = sync.OnceValue(func() []string {
		right, near := rightMACs(made, keys, now)
		return slices.Concat(right, macPairs(made.MAC, suite.MACToken(signer)), near)
	})
	return r
}

// after adds the MAC of the request before one, whose signature it may have.
func (r redactor) after(before *suite.Sent) redactor {
	if before == nil {
		return r
	}
	own := r.requestMACs
	r.requestMACs = sync.OnceValue(func() []string { return append(own(), macPairs(before.Made.MAC, earlierToken)...) })
	return r
}

// earlierToken stands for the MAC of the request before one.
const earlierToken = "{{mac:earlier}}"

// rightMACs are the correct MACs of a request: for each time in its signature headers,
// and for the present where none of them is near it, over its body and over the body's
// canonical form. near are their ends.
func rightMACs(made suite.Made, keys suite.Keyring, now time.Time) (pairs, near []string) {
	headers, times := signatures(made.Request)
	if !slices.ContainsFunc(times, func(t string) bool { return isNear(t, now) }) {
		for late := range presentSeconds {
			times = append(times, strconv.FormatInt(now.Unix()+late, 10))
		}
	}
	for _, message := range messages(made) {
		for _, t := range times {
			for _, name := range []suite.KeyName{suite.Primary, suite.Fallback} {
				if keys.Key(name).IsZero() {
					continue
				}
				sum := keys.Key(name).MAC(message, t)
				mac := hex.EncodeToString(sum[:])
				if !strings.Contains(headers, mac) {
					for _, form := range formsOf(sum[:]) {
						pairs = append(pairs, form, suite.RightMACToken(name))
					}
				}
				near = append(near, nearPairs(mac, headers, suite.RightMACToken(name))...)
			}
		}
	}
	return pairs, near
}

// presentSeconds is how many seconds a target may take until it computes a MAC for the
// present.
const presentSeconds = int64(3)

// isNear reports whether a t is less than a minute from a time.
func isNear(t string, now time.Time) bool {
	seconds, err := strconv.ParseInt(t, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() < time.Minute
}

// nearPairs are the two ends of a right MAC. Where the request has a MAC with such an
// end, that discloses nothing when it comes back.
func nearPairs(mac, headers, token string) (pairs []string) {
	for _, end := range []string{mac[:nearDigits], mac[len(mac)-nearDigits:]} {
		if strings.Contains(headers, end) {
			pairs = append(pairs, macPairs(end, nearToken)...)
			continue
		}
		pairs = append(pairs, macPairs(end, token)...)
	}
	return pairs
}

// nearToken stands for a part of a MAC that a right one has, too.
const nearToken = "{{mac:near}}"

// signatures returns the signature headers of a request in lower case, and the times
// in them.
func signatures(r suite.Request) (headers string, times []string) {
	for _, field := range r.Header {
		if !strings.EqualFold(field.Name, reference.HeaderSignature) {
			continue
		}
		headers += strings.ToLower(field.Value) + "\n"
		for part := range strings.SplitSeq(field.Value, ",") {
			for at := range strings.SplitSeq(part, "&") {
				if t := suite.FirstT(strings.TrimSpace(at)); t != "" && !slices.Contains(times, t) {
					times = append(times, t)
				}
			}
		}
	}
	if len(times) == 0 {
		times = append(times, "")
	}
	return headers, times
}

// messages are the messages that a target may compute the MAC over.
func messages(made suite.Made) [][]byte {
	body := made.Entity
	if body == nil {
		body = made.Request.Body
	}
	return slices.Collect(reference.Messages(body))
}

// macPairs are the forms of a MAC with its token. It is empty if there is no MAC.
func macPairs(mac, token string) []string {
	if mac == "" {
		return nil
	}
	return []string{mac, token, strings.ToUpper(mac), token}
}

func (r redactor) text(s string) string {
	if len(s) < shortest || r.keys == nil {
		return s
	}
	s = replaced(r.keys.replaced(s), r.responseMAC)
	if r.requestMACs != nil && mayHoldMAC(s) {
		s = replaced(s, r.requestMACs())
	}
	return s
}

func replaced(s string, pairs []string) string {
	for i := 0; i < len(pairs); i += 2 {
		s = strings.ReplaceAll(s, pairs[i], pairs[i+1])
	}
	return s
}

func (r redactor) request(q suite.Request) suite.Request {
	clean := suite.Request{Method: q.Method, Target: r.text(q.Target), Version: q.Version, Body: []byte(r.text(string(q.Body)))}
	for _, field := range q.Header {
		clean.Header = append(clean.Header, suite.Field{Name: field.Name, Value: r.text(field.Value)})
	}
	return clean
}

func (r redactor) header(h http.Header) http.Header {
	clean := http.Header{}
	for name, values := range h {
		if low := strings.ToLower(name); r.text(low) != low { // a name may contain a secret, too
			name = r.text(low)
		}
		for _, value := range values {
			clean.Add(name, r.text(value))
		}
	}
	return clean
}

// response replaces secrets, and the MAC of a signed response by a token that names
// the key.
func (r redactor) response(a suite.Response, keys suite.Keyring) suite.Response {
	plain, cut := plainBody(a)
	if value := a.Header.Get(reference.HeaderSignature); value != "" {
		r.responseMAC = macPairs(responseMAC(value, [][]byte{a.Body, plain}, keys))
	}
	clean := suite.Response{Status: a.Status, Reason: r.text(a.Reason), Header: r.header(a.Header), Body: plain, Cut: cmp.Or(a.Cut, cut)}
	if before := string(plain); before != "" {
		if after := r.text(before); after != before {
			clean.Body = []byte(after)
		}
	}
	return clean
}

// signerOf returns the key that signed a response, or "" if none did.
func signerOf(a suite.Response, keys suite.Keyring) suite.KeyName {
	value := a.Header.Get(reference.HeaderSignature)
	if value == "" {
		return ""
	}
	plain, _ := plainBody(a)
	_, token := responseMAC(value, [][]byte{a.Body, plain}, keys)
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback} {
		if token == suite.MACToken(name) {
			return name
		}
	}
	return ""
}

// responseMAC returns the MAC of a signed response, and the token that names its key.
// It may be signed after compression, or before (RFC 9110).
func responseMAC(value string, bodies [][]byte, keys suite.Keyring) (mac, token string) {
	signature, t, err := reference.ParseHeaders([]string{value})
	if err != nil {
		return "", ""
	}
	_, mac, _ = strings.Cut(signature.String(), "&s=")
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback} {
		for _, body := range bodies {
			if reference.Match(keys.Key(name), body, t, signature.MAC) {
				return mac, suite.MACToken(name)
			}
		}
	}
	return mac, "{{mac:unknown}}"
}
