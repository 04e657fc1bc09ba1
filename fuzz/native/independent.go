package native

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"

	"github.com/countersign-dev/countersign/reference"
)

// independent is what a verification needs, computed without the reference: with
// another canonicaliser, and by taking texts apart and putting them together again
// to see whether they are the same.
type independent struct {
	t, mac            string   // of the header
	at                int64    // t as a number
	dated             bool     // the header is well-formed
	messages          [][]byte // the body, and its canonical form if it has one
	primary, fallback string   // secrets, empty where there is none
}

const lastSecond = 253402300799 // of the year 9999

func newIndependent(v verification) independent {
	computed := independent{primary: secret(v.primary), fallback: secret(v.fallback), messages: [][]byte{v.body}}
	computed.readHeader(v.header)
	if mayBeTooDeep(v.body) && depth(v.body) > reference.MaxDepth {
		return computed
	}
	if canonical, err := jcs.Transform(v.body); err == nil {
		computed.messages = append(computed.messages, canonical)
	}
	return computed
}

func (h *independent) readHeader(header string) {
	one, other, _ := strings.Cut(header, "&")
	if strings.HasPrefix(one, "s") {
		one, other = other, one
	}
	h.t, h.mac = strings.TrimPrefix(one, "t="), strings.TrimPrefix(other, "s=")
	at, noNumber := strconv.ParseUint(h.t, 10, 62)
	raw, noHex := hex.DecodeString(h.mac)
	h.at = int64(at)
	h.dated = one == "t="+strconv.FormatUint(at, 10) && other == "s="+hex.EncodeToString(raw) &&
		noNumber == nil && noHex == nil && len(raw) == sha256.Size && at <= lastSecond
}

// verdict applies the rules of Verify.
func (h independent) verdict(now int64) string {
	if !h.dated || h.at < now-300 || h.at > now+60 {
		return "none"
	}
	for _, message := range h.messages {
		switch {
		case h.primary != "" && mac(h.primary, message, h.t) == h.mac:
			return "primary"
		case h.fallback != "" && mac(h.fallback, message, h.t) == h.mac:
			return "fallback"
		}
	}
	return "none"
}

func mac(secret string, message []byte, t string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(message)
	h.Write([]byte(t))
	return hex.EncodeToString(h.Sum(nil))
}

// secret is a key without its prefix; empty where there is no key.
func secret(key string) string {
	key = strings.TrimSpace(key)
	if rest, prefixed := strings.CutPrefix(key, "signkey-"); prefixed {
		word, after, there := strings.Cut(rest, "-")
		if there && word != "" && strings.Trim(word, wordCharacters) == "" {
			key = after
		}
	}
	if _, err := hex.DecodeString(key); err != nil {
		return ""
	}
	return key
}

const wordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// mayBeTooDeep is a quick check that ignores the structure.
func mayBeTooDeep(body []byte) bool {
	return strings.Count(string(body), "[")+strings.Count(string(body), "{") > reference.MaxDepth
}

// depth is how deep a JSON text nests.
func depth(body []byte) (deepest int) {
	open, inText, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped, inText = c == '\\', c != '"'
		case c == '"':
			inText = true
		case c == '[' || c == '{':
			open++
			deepest = max(deepest, open)
		case c == ']' || c == '}':
			open--
		}
	}
	return deepest
}
