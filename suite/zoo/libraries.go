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
		read("t-like-parseint", "headers.t-trailing-text", "t is read up to the first character that is not a digit, after spaces, a plus sign and zeros, as JavaScript's parseInt does",
			func(t string) (float64, bool) {
				t = unsigned(strings.TrimLeftFunc(t, unicode.IsSpace))
				return decimal(t[:len(t)-len(strings.TrimLeft(t, "0123456789"))])
			}),
		read("t-like-javascript-number", "headers.t-hexadecimal", "every way to write a number is accepted for t (spaces, a sign, zeros, a fraction, hexadecimal), as JavaScript's Number does",
			func(t string) (float64, bool) {
				t = strings.TrimSpace(t)
				if digits, isHex := strings.CutPrefix(t, "0x"); isHex {
					n, err := strconv.ParseUint(digits, 16, 64)
					return float64(n), err == nil
				}
				return decimal(unsigned(t))
			}),
		read("t-like-python-int", "headers.t-arabic-digits", "t may have spaces around it, a plus sign, zeros before it and digits of any script, as Python's int accepts",
			func(t string) (float64, bool) { return whole(unsigned(anyDigits(strings.TrimSpace(t)))) }),
		read("t-like-python-float", "headers.t-arabic-digits", "t may be a fraction, and have spaces around it, a plus sign, zeros before it and digits of any script, as Python's float accepts",
			func(t string) (float64, bool) { return decimal(unsigned(anyDigits(strings.TrimSpace(t)))) }),
		read("t-like-strconv", "headers.t-plus", "t may have a plus sign and zeros before it, as the standard parsers of Go and Rust accept",
			func(t string) (float64, bool) { return whole(unsigned(t)) }),
		read("t-like-java-long", "headers.t-plus", "t may have a plus sign, zeros before it and digits of any script, as Java's parseLong accepts",
			func(t string) (float64, bool) { return whole(unsigned(anyDigits(t))) }),
		read("t-like-dotnet-long", "headers.t-plus", "t may have spaces around it, a plus sign, zeros before it and NUL bytes behind it, as .NET's long.Parse accepts",
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
