package zoo

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"

	"github.com/countersign-dev/countersign/reference"
)

// libraries are the mutants that parse t with a library function that accepts more than
// digits. They decode the body before they verify it.
func libraries() []Mutant {
	read := func(name, kills, defect string, parse func(t string) (float64, bool)) Mutant {
		return Mutant{Name: name, Part: Parsing, Kills: kills, Defect: defect, Break: jsonOnly(readTime(parse))}
	}
	return []Mutant{
		read("t-like-parseint", "headers.t-trailing-text", "t is read up to the first character that is not a digit, and spaces, a plus sign or zeros before it are ignored, as by JavaScript's parseInt",
			func(t string) (float64, bool) {
				t = unsigned(strings.TrimLeftFunc(t, unicode.IsSpace))
				return decimal(t[:len(t)-len(strings.TrimLeft(t, "0123456789"))])
			}),
		read("t-like-javascript-number", "headers.t-hexadecimal", "t may have a fraction, spaces, a plus sign or leading zeros, or be hexadecimal, as for JavaScript's Number",
			func(t string) (float64, bool) {
				t = strings.TrimSpace(t)
				if digits, isHex := strings.CutPrefix(t, "0x"); isHex {
					n, err := strconv.ParseUint(digits, 16, 64)
					return float64(n), err == nil
				}
				return decimal(unsigned(t))
			}),
		read("t-like-python-int", "headers.t-arabic-digits", "t may have spaces, a plus sign, leading zeros or digits of any script, as for Python's int",
			func(t string) (float64, bool) { return whole(unsigned(anyDigits(strings.TrimSpace(t)))) }),
		read("t-like-python-float", "headers.t-arabic-digits", "t may have a fraction, spaces, a plus sign, leading zeros or digits of any script, as for Python's float",
			func(t string) (float64, bool) { return decimal(unsigned(anyDigits(strings.TrimSpace(t)))) }),
		read("t-like-strconv", "headers.t-plus", "t may have a plus sign or leading zeros, as for the standard parsers of Go and Rust",
			func(t string) (float64, bool) { return whole(unsigned(t)) }),
		read("t-like-java-long", "headers.t-plus", "t may have a plus sign, leading zeros or digits of any script, as for Java's parseLong",
			func(t string) (float64, bool) { return whole(unsigned(anyDigits(t))) }),
		read("t-like-dotnet-long", "headers.t-plus", "t may have spaces, a plus sign, leading zeros or NUL bytes behind it, as for .NET's long.Parse",
			func(t string) (float64, bool) {
				return whole(unsigned(strings.TrimSpace(strings.TrimRight(t, "\x00"))))
			}),
	}
}

// unsigned removes one plus sign.
func unsigned(t string) string { return strings.TrimPrefix(t, "+") }

func anyDigits(t string) string { return plainDigits(plainDigits(t, '\u0660'), '\uff10') }

// whole parses a number with leading zeros.
func whole(t string) (float64, bool) {
	n, err := strconv.ParseUint(t, 10, 63)
	return float64(n), err == nil
}

// decimal parses a number that may have a fraction.
func decimal(t string) (float64, bool) {
	before, fraction, _ := strings.Cut(t, ".")
	seconds, ok := whole(before)
	return seconds, ok && strings.Trim(fraction, "0123456789") == ""
}

// jsonOnly limits a defect in parsing to requests whose body is JSON: it is
// decoded before it is verified.
func jsonOnly(change func(*reference.Endpoint)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
			which, err := c.Check()
			if err == nil || len(c.Body) > 0 && !json.Valid(c.Body) {
				return which, err
			}
			changed, own := *c.Endpoint, *c
			change(&changed)
			own.Endpoint = &changed
			if which, again := own.Check(); again == nil {
				return which, nil
			}
			return which, err
		}
	}
}
