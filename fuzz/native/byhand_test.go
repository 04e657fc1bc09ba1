package native

import (
	"encoding/hex"
	"math/big"
	"regexp"
	"strings"

	"github.com/gowebpki/jcs"

	"github.com/countersign-dev/countersign/reference"
)

// What a verification needs, found by other means than the reference's: regular
// expressions, arithmetic without overflow, the other canonicaliser.

var (
	tFirst = regexp.MustCompile(`\At=(0|[1-9][0-9]*)&s=([0-9a-f]{64})\z`)
	sFirst = regexp.MustCompile(`\As=([0-9a-f]{64})&t=(0|[1-9][0-9]*)\z`)
	keyed  = regexp.MustCompile(`\Asignkey-\w+-`)
)

const lastSecond = 253402300799 // of the year 9999

func (v verification) parameters() (t, s string, there bool) {
	if m := tFirst.FindStringSubmatch(v.header); m != nil {
		return m[1], m[2], true
	}
	if m := sFirst.FindStringSubmatch(v.header); m != nil {
		return m[2], m[1], true
	}
	return "", "", false
}

// seconds is t as text and as a number.
func (v verification) seconds() (text string, at int64, there bool) {
	text, _, there = v.parameters()
	n, isNumber := new(big.Int).SetString(text, 10)
	if !there || !isNumber || n.Cmp(big.NewInt(lastSecond)) > 0 {
		return "", 0, false
	}
	return text, n.Int64(), true
}

func inWindow(at, now int64) bool {
	age := new(big.Int).Sub(big.NewInt(now), big.NewInt(at))
	return age.Cmp(big.NewInt(300)) <= 0 && age.Cmp(big.NewInt(-60)) >= 0
}

// message is what the MAC covers.
func (v verification) message() (message []byte, covered bool) {
	switch {
	case v.method == "GET":
		return nil, len(v.body) == 0
	case v.method != "POST" && v.method != "PUT", mayBeTooDeep(v.body) && depth(v.body) > reference.MaxDepth:
		return nil, false
	}
	message, err := jcs.Transform(v.body)
	return message, err == nil
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

// secret is what is behind a key's prefix, empty where there is no key.
func secret(key string) string {
	behind := keyed.ReplaceAllString(strings.TrimSpace(key), "")
	if _, err := hex.DecodeString(behind); err != nil {
		return ""
	}
	return behind
}
