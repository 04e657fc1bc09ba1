package suite

import (
	"bytes"
	"crypto/md5" //nolint:gosec // a wrong key on purpose
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Text names an HMAC key that is a text which anyone can guess.
func Text(text string) KeyName { return KeyName("the text `" + text + "`") }

// text is the text of a key that [Text] named.
func (k KeyName) text() (text string, is bool) {
	text, is = strings.CutPrefix(string(k), "the text `")
	return strings.TrimSuffix(text, "`"), is
}

// neighbours are what others of the account know, and an endpoint may know, too.
var neighbours = map[KeyName]func(Keyring) string{
	"the bearer token's hash":          func(k Keyring) string { return BearerHash(k.Primary) },
	"the bearer token":                 func(k Keyring) string { return k.Primary.Bearer() },
	"the bearer token's hash, decoded": func(k Keyring) string { return unhex(BearerHash(k.Primary)) },
	"the event key":                    func(k Keyring) string { return k.EventKey },
	"the SHA-256 of the event key":     func(k Keyring) string { return TextHash(k.EventKey) },
	"the fallback key's bearer hash":   func(k Keyring) string { return BearerHash(k.Fallback) },
}

// altered are forms of the primary key that are not the HMAC key.
var altered = map[KeyName]func(Keyring) string{
	"the key in double quotes":               func(k Keyring) string { return `"` + k.Primary.Secret() + `"` },
	"the key with its prefix, quoted":        func(k Keyring) string { return `"` + k.Primary.Text() + `"` },
	"the key in upper case":                  func(k Keyring) string { return strings.ToUpper(k.Primary.Secret()) },
	"the key reversed":                       func(k Keyring) string { return backwards(k.Primary.Secret()) },
	"the key and a newline":                  func(k Keyring) string { return k.Primary.Secret() + "\n" },
	"the key after a blank":                  func(k Keyring) string { return " " + k.Primary.Secret() },
	"the key twice":                          func(k Keyring) string { return k.Primary.Secret() + k.Primary.Secret() },
	"the key's first character":              func(k Keyring) string { return k.Primary.Secret()[:1] },
	"the key's first 8 characters":           func(k Keyring) string { return k.Primary.Secret()[:8] },
	"the key's first 16 characters":          func(k Keyring) string { return k.Primary.Secret()[:16] },
	"the key's first 32 characters":          func(k Keyring) string { return k.Primary.Secret()[:32] },
	"the key's last 8 characters":            func(k Keyring) string { return last(k.Primary.Secret(), 8) },
	"the key's last 32 characters":           func(k Keyring) string { return last(k.Primary.Secret(), 32) },
	"the key's first decoded byte":           func(k Keyring) string { return unhex(k.Primary.Secret())[:1] },
	"the decoded key's first 16 bytes":       func(k Keyring) string { return unhex(k.Primary.Secret())[:16] },
	"the key as base64":                      func(k Keyring) string { return inBase64(k.Primary.Secret()) },
	"the key, decoded from base64":           func(k Keyring) string { return unbase64(k.Primary.Secret()) },
	"the decoded key as base64":              func(k Keyring) string { return inBase64(unhex(k.Primary.Secret())) },
	"the key, hex-encoded":                   func(k Keyring) string { return hex.EncodeToString([]byte(k.Primary.Secret())) },
	"the key with the prefix signkey-test-":  func(k Keyring) string { return "signkey-test-" + k.Primary.Secret() },
	"the key with the prefix signkey-":       func(k Keyring) string { return "signkey-" + k.Primary.Secret() },
	"the key with the prefix prod-":          func(k Keyring) string { return "prod-" + k.Primary.Secret() },
	"the prefix alone":                       func(Keyring) string { return "signkey-prod-" },
	"the SHA-256 of the key":                 func(k Keyring) string { return TextHash(k.Primary.Secret()) },
	"the SHA-256 of the key with its prefix": func(k Keyring) string { return TextHash(k.Primary.Text()) },
	"the SHA-256 of the key, as bytes":       func(k Keyring) string { return string(sum256(k.Primary.Secret())) },
	"the MD5 of the key":                     func(k Keyring) string { sum := md5.Sum([]byte(k.Primary.Secret())); return hex.EncodeToString(sum[:]) },
}

// HMACKey is the HMAC key with a name.
func (k Keyring) HMACKey(name KeyName) []byte {
	if text, is := name.text(); is {
		return []byte(text)
	}
	for _, derived := range []map[KeyName]func(Keyring) string{neighbours, altered} {
		if of, is := derived[name]; is {
			return []byte(of(k))
		}
	}
	return []byte(k.Key(name).Secret())
}

// credentials are the secrets of the account that a deviation may have, by their
// placeholders.
var credentials = map[string]func(Keyring) string{
	"{bearer}":    func(k Keyring) string { return k.Primary.Bearer() },
	"{hash}":      func(k Keyring) string { return BearerHash(k.Primary) },
	"{event-key}": func(k Keyring) string { return k.EventKey },
	"{basic}":     func(k Keyring) string { return inBase64(k.Primary.Bearer() + ":") },
}

// Fill replaces the placeholders in a deviation: for secrets of the account that are
// not the signing key, for the scene's time, and for addresses.
func (s Scene) Fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	pairs := []string{"{t}", unix(s.Now), "{date}", s.Now.UTC().Format(http.TimeFormat), "{elsewhere}", s.Elsewhere, "{host}", s.Host, "{path}", s.Path}
	for placeholder, of := range credentials {
		pairs = append(pairs, placeholder, of(s.Keys))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// signedAt is the scene at the time that a request of it was signed.
func (s Scene) signedAt(age time.Duration) Scene {
	s.Now = s.Now.Add(-age)
	return s
}

// filledUp is the encoding of a call, filled up to a size within its event's data.
func filledUp(body []byte, size int) []byte {
	const data = `"data":{`
	more := size - len(body)
	events := bytes.Count(body, []byte(data)) // in event, and in events
	if more <= 0 || events == 0 {
		return body
	}
	const member = `"fill":"",`
	filler := max(0, more/events-len(member))
	filled := bytes.ReplaceAll(body, []byte(data), []byte(data+`"fill":"`+strings.Repeat("x", filler)+`",`))
	if short := size - len(filled); short > 0 { // it is no multiple of the number of events
		filled = bytes.Replace(filled, []byte(`"fill":"`), []byte(`"fill":"`+strings.Repeat("x", short)), 1)
	}
	return filled
}

func unhex(text string) string {
	raw, _ := hex.DecodeString(text) // a key and a hash are hexadecimal
	return string(raw)
}

func unbase64(text string) string {
	raw, _ := base64.StdEncoding.DecodeString(text + strings.Repeat("=", -len(text)&3)) // hexadecimal digits are base64, too
	return string(raw)
}

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func sum256(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func last(text string, n int) string { return text[max(0, len(text)-n):] }

func backwards(text string) string {
	letters := []byte(text)
	slices.Reverse(letters)
	return string(letters)
}
