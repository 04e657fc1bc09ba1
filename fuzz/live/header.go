package live

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// pair is a time and a MAC that a lenient reader may find in a header.
type pair struct {
	t      string
	number tNumber
	mac    [32]byte
}

// tNumber is a text read as a whole number, as a lenient reader does.
type tNumber struct {
	seconds int64
	ok      bool
}

// pairsOf reads one header line in every way there is.
func pairsOf(value string) []pair {
	found := map[string][]string{}
	for _, text := range []string{value, decoded(value), strings.ReplaceAll(value, ",", "&")} {
		for _, parameter := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("&;#?", r) }) {
			name, content, _ := strings.Cut(parameter, "=")
			name = strings.ToLower(strings.TrimSpace(decoded(name)))
			name = strings.TrimSuffix(name[strings.LastIndexByte(name, ' ')+1:], "]")
			name = strings.TrimSuffix(strings.TrimSuffix(name, "0"), "[")
			found[name] = append(found[name], content)
		}
	}
	var pairs []pair
	for _, s := range found["s"] {
		mac, err := hex.DecodeString(strings.ToLower(strings.TrimSpace(decoded(s))))
		if err != nil || len(mac) != 32 {
			continue
		}
		for _, t := range found["t"] {
			for _, text := range []string{t, decoded(t), strings.TrimSpace(decoded(t)), decoded(decoded(t)), strings.ReplaceAll(t, "+", " "), numberText(decoded(t))} {
				pairs = append(pairs, pair{text, readNumber(text), [32]byte(mac)})
			}
		}
	}
	return pairs
}

// numberText is a number as it is written plainly, where that is the same number.
func numberText(text string) string {
	if n := readNumber(text); n.ok {
		return strconv.FormatInt(n.seconds, 10)
	}
	return text
}

// readNumber reads over blanks, zeros, a plus sign and other scripts' digits, and
// takes 1.0, 1e0 and 0x1 for the 1 that they are; what is no whole number even so
// is none (ambiguity R9).
func readNumber(text string) tNumber {
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	if hexadecimal, is := strings.CutPrefix(text, "0x"); is {
		seconds, err := strconv.ParseInt(hexadecimal, 16, 64)
		return tNumber{seconds, err == nil && seconds > 0}
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, ".0"), "e0")
	text = strings.Map(plainDigit, text)
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return tNumber{}
	}
	if text = strings.TrimLeft(text, "0"); text == "" {
		return tNumber{0, true}
	}
	seconds, err := strconv.ParseInt(text[:min(len(text), farDigits)], 10, 64)
	return tNumber{seconds, err == nil}
}

// farDigits is how many digits of a number are read: it is far ahead with fewer.
const farDigits = 15

func plainDigit(r rune) rune {
	for _, zero := range []rune{'\u0660', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return r
}

// valuesOf are the values of a header field, unfolded.
func valuesOf(r suite.Request, name string) (values []string) {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			values = append(values, strings.TrimSpace(strings.ReplaceAll(f.Value, "\r\n", "")))
		}
	}
	return values
}
