package reference

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// HeaderSignature is the header that carries the signature of a request or response.
const HeaderSignature = "X-Inngest-Signature"

// Rule is a rule of the header's grammar.
type Rule string

// The rules, in the order in which they are checked.
const (
	RuleEmpty     Rule = "the header is empty"
	RuleOnce      Rule = "the header appears once"
	RuleParameter Rule = "the only parameters are t and s"
	RuleDuplicate Rule = "t and s appear once each"
	RuleTMissing  Rule = "t is present"
	RuleTDecimal  Rule = "t is a decimal integer without sign or leading zero"
	RuleTRange    Rule = "t is a second before the year 10000"
	RuleSMissing  Rule = "s is present"
	RuleSHex      Rule = "s is exactly 64 lower-case hex digits"
)

// HeaderError says which rule a signature header breaks.
type HeaderError struct{ Rule Rule }

func (e *HeaderError) Error() string {
	return fmt.Sprintf("parsing %s: broken rule: %s", HeaderSignature, e.Rule)
}

// Signature is the parsed value of the header, `t=<unix seconds>&s=<64 hex>`.
type Signature struct {
	Time time.Time // whole seconds
	MAC  [32]byte
}

// T is the time as it appears in the header and under the MAC.
func (s Signature) T() string { return strconv.FormatInt(s.Time.Unix(), 10) }

// String is the header's value: `t`, then `s` (SPEC 4.1.1).
func (s Signature) String() string {
	return "t=" + s.T() + "&s=" + hex.EncodeToString(s.MAC[:])
}

// lastSecond is 9999-12-31T23:59:59Z, the last second that RFC 3339 can express.
const lastSecond = 253402300799

// ParseSignature parses the header's value strictly: `t` and `s` once each, in
// either order, with nothing else and no encoding. The error is a [*HeaderError].
func ParseSignature(value string) (Signature, error) {
	if value == "" {
		return Signature{}, &HeaderError{RuleEmpty}
	}
	found := map[string]string{}
	for parameter := range strings.SplitSeq(value, "&") {
		name, text, _ := strings.Cut(parameter, "=")
		if name != "t" && name != "s" {
			return Signature{}, &HeaderError{RuleParameter}
		}
		if _, duplicate := found[name]; duplicate {
			return Signature{}, &HeaderError{RuleDuplicate}
		}
		found[name] = text
	}
	at, err := parseTime(found["t"])
	if err != nil {
		return Signature{}, err
	}
	mac, err := parseMAC(found["s"])
	if err != nil {
		return Signature{}, err
	}
	return Signature{at, mac}, nil
}

func parseTime(text string) (time.Time, error) {
	switch {
	case text == "":
		return time.Time{}, &HeaderError{RuleTMissing}
	case !isDecimal(text):
		return time.Time{}, &HeaderError{RuleTDecimal}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds > lastSecond {
		return time.Time{}, &HeaderError{RuleTRange}
	}
	return time.Unix(seconds, 0), nil
}

func isDecimal(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text == "0" || text[0] != '0'
}

func parseMAC(text string) (mac [32]byte, err error) {
	if text == "" {
		return mac, &HeaderError{RuleSMissing}
	}
	if len(text) != 2*len(mac) || strings.ToLower(text) != text {
		return mac, &HeaderError{RuleSHex}
	}
	if _, err := hex.Decode(mac[:], []byte(text)); err != nil {
		return mac, &HeaderError{RuleSHex}
	}
	return mac, nil
}
