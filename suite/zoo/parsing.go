package zoo

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/countersign-dev/countersign/reference"
)

// parsing are the mutants that parse the header too leniently, or wrongly.
func parsing() []Mutant {
	return []Mutant{
		{
			Name: "t-stops-at-text", Part: Parsing, Kills: "headers.t-trailing-text",
			Defect: "only the number at the start of t is compared with the window; the MAC covers all of it",
			Break:  readTime(func(t string) (float64, bool) { return number(strings.TrimRightFunc(t, unicode.IsLetter)) }),
		},
		{
			Name: "t-reads-leading-digits", Part: Parsing, Kills: "replay.fresh-behind",
			Defect: "only the leading digits of t are compared with the window; the MAC covers all of it",
			Break: readTime(func(t string) (float64, bool) {
				return number(t[:len(t)-len(strings.TrimLeft(t, "0123456789"))])
			}),
		},
		{
			Name: "t-drops-fraction", Part: Parsing, Kills: "headers.t-fraction",
			Defect: "the fraction of t is dropped before it is compared with the window",
			Break: readTime(func(t string) (float64, bool) {
				whole, _, _ := strings.Cut(t, ".")
				return number(whole)
			}),
		},
		{
			Name: "t-drops-exponent", Part: Parsing, Kills: "headers.t-exponent",
			Defect: "the exponent of t is dropped before it is compared with the window",
			Break: readTime(func(t string) (float64, bool) {
				whole, _, _ := strings.Cut(t, "e")
				return number(whole)
			}),
		},
		{
			Name: "t-leading-zeros", Part: Parsing, Kills: "headers.t-leading-zero",
			Defect: "leading zeros of t are ignored",
			Break:  readTime(func(t string) (float64, bool) { return number(strings.TrimLeft(t, "0")) }),
		},
		{
			Name: "t-sign-dropped", Part: Parsing, Kills: "headers.t-negative",
			Defect: "the sign of t is dropped",
			Break:  readTime(func(t string) (float64, bool) { return number(strings.TrimPrefix(t, "-")) }),
		},
		{
			Name: "t-milliseconds-guessed", Part: Parsing, Kills: "headers.t-milliseconds",
			Defect: "a t with thirteen digits is taken as milliseconds",
			Break: readTime(func(t string) (float64, bool) {
				if len(t) == 13 {
					t = t[:10]
				}
				return number(t)
			}),
		},
		{
			Name: "t-not-a-number-passes", Part: Parsing, Kills: "headers.t-not-a-number",
			Defect: "t is parsed as a float, and NaN is neither too old nor too far in the future",
			Break: readTime(func(t string) (float64, bool) {
				if t == "NaN" {
					return math.NaN(), true
				}
				return number(t)
			}),
		},
		{
			Name: "t-words-pass", Part: Parsing, Kills: "headers.t-words",
			Defect: "a t that is not a number is not compared with the window",
			Break: readTime(func(t string) (float64, bool) {
				if strings.IndexFunc(t, unicode.IsDigit) < 0 && t != "" && t != "NaN" && t != "Infinity" {
					return math.NaN(), true
				}
				return number(t)
			}),
		},
		readingT("t-infinity-passes", "headers.t-infinity", "Infinity is accepted as a number, and is not older than five minutes",
			func(t string) (float64, bool) { return math.NaN(), t == "Infinity" }),
		readingT("t-plus-dropped", "headers.t-plus", "a plus sign before t is ignored",
			func(t string) (float64, bool) { return number(strings.TrimPrefix(t, "+")) }),
		readingT("t-blank-before-dropped", "headers.t-blank-before", "spaces before t are ignored",
			func(t string) (float64, bool) { return number(strings.TrimLeft(t, " ")) }),
		readingT("t-blank-behind-dropped", "headers.t-blank-behind", "spaces after t are ignored",
			func(t string) (float64, bool) { return number(strings.TrimRight(t, " ")) }),
		readingT("t-ends-at-nul", "headers.t-nul-behind", "t ends at the first NUL byte, as strings do in C",
			func(t string) (float64, bool) { whole, _, _ := strings.Cut(t, "\x00"); return number(whole) }),
		readingT("t-ends-at-underscore", "headers.t-underscore", "t ends at the first underscore",
			func(t string) (float64, bool) { whole, _, _ := strings.Cut(t, "_"); return number(whole) }),
		readingT("t-in-arabic-digits", "headers.t-arabic-digits", "all Unicode digits are accepted in t, for example Arabic ones",
			func(t string) (float64, bool) { return number(plainDigits(t, '\u0660')) }),
		readingT("t-in-fullwidth-digits", "headers.t-fullwidth-digits", "all Unicode digits are accepted in t, for example full-width ones",
			func(t string) (float64, bool) { return number(plainDigits(t, '\uff10')) }),
		readingT("t-in-hex", "headers.t-hexadecimal", "t may be hexadecimal",
			func(t string) (float64, bool) {
				digits, isHex := strings.CutPrefix(t, "0x")
				n, err := strconv.ParseInt(digits, 16, 64)
				return float64(n), isHex && err == nil
			}),
		readingT("t-many-zeros", "headers.t-many-zeros", "leading zeros of t are ignored if there are thousands of them",
			func(t string) (float64, bool) {
				if len(t) < 1000 {
					return 0, false
				}
				return number(strings.TrimLeft(t, "0"))
			}),
		readingT("t-too-long-is-now", "headers.t-many-nines", "a t that overflows becomes the largest number, which is never too old",
			func(t string) (float64, bool) { return math.NaN(), len(t) > 1000 && t[0] == '9' }),
		passing("s-of-letters-passes", "headers.s-not-hex", "an s that is not hexadecimal counts as missing, and nothing is compared",
			func(s string) bool { return strings.HasPrefix(s, "zx") }),
		passing("s-outside-ascii-passes", "headers.s-not-ascii", "an s with characters outside ASCII skips the comparison",
			func(s string) bool { return strings.HasPrefix(s, "ä") }),
		{
			Name: "semicolon-hides-the-mac", Part: Parsing, Kills: "headers.spellings-of-zeros",
			Defect: "a parser fails at a semicolon, its error is ignored, and nothing is left to compare",
			Break: forgive(func(c *reference.Context, _ error) bool {
				return strings.Contains(c.Request.Header.Get(reference.HeaderSignature), ";")
			}),
		},
		passing("s-null-passes", "headers.s-null", "an s of the text null counts as missing",
			func(s string) bool { return s == "null" }),
		passing("s-too-long-passes", "headers.s-very-long", "an s that is longer than the buffer is truncated to nothing, and nothing is compared",
			func(s string) bool { return len(s) > 1000 && s[0] != 'x' }),
		{
			Name: "s-list-passes", Part: Parsing, Kills: "headers.s-as-a-list",
			Defect: "an s that is a list has no element that is compared",
			Break:  letIn(headerIs(func(v url.Values, _ string) bool { return v.Has("s[]") })),
		},
		{
			Name: "t-missing-passes", Part: Parsing, Kills: "headers.t-missing",
			Defect: "without t nothing is compared with the window, and the MAC covers no time",
			Break:  parseAs(func(v url.Values, _ string) (string, bool) { return "", !v.Has("t") }),
		},
		{
			Name: "t-empty-passes", Part: Parsing, Kills: "headers.t-empty",
			Defect: "an empty t is not compared with the window",
			Break:  parseAs(func(v url.Values, _ string) (string, bool) { return "", v.Has("t") && v.Get("t") == "" }),
		},
		{
			Name: "t-wraps-around", Part: Parsing, Kills: "headers.t-beyond-int64",
			Defect: "t is parsed into 64 bits and wraps around",
			Break: readTime(func(t string) (float64, bool) {
				sum := uint64(0)
				for _, digit := range t {
					if digit < '0' || digit > '9' {
						return 0, false
					}
					sum = sum*10 + uint64(digit-'0')
				}
				return float64(sum), t != "" && (len(t) == 1 || t[0] != '0')
			}),
		},
		{
			Name: "t-last-in-window-first-in-mac", Part: Parsing, Kills: "headers.t-twice-fresh-last",
			Defect: "of two t, the last is compared with the window, and the MAC covers the first",
			Break:  twoTimes(func(times []string) (window, mac string) { return times[len(times)-1], times[0] }),
		},
		{
			Name: "t-first-in-window-last-in-mac", Part: Parsing, Kills: "headers.t-twice-fresh-first",
			Defect: "of two t, the first is compared with the window, and the MAC covers the last",
			Break:  twoTimes(func(times []string) (window, mac string) { return times[0], times[len(times)-1] }),
		},
		{
			Name: "headers-mixed", Part: Parsing, Kills: "headers.twice-expired",
			Defect: "of two headers, one provides the time for the window and the other the signature",
			Break:  mixHeaders,
		},
		{
			Name: "s-first-digits", Part: Parsing, Kills: "headers.s-long",
			Defect: "only the first 64 digits of s are read",
			Break: respell(func(value string) string {
				before, s, found := strings.Cut(value, "&s=")
				if found && len(s) > 64 {
					s = s[:64]
				}
				return before + "&s=" + s
			}),
		},
		{
			Name: "s-missing-passes", Part: Parsing, Kills: "headers.s-missing",
			Defect: "without s nothing is compared",
			Break:  letIn(headerIs(func(v url.Values, _ string) bool { return v.Get("t") != "" && !v.Has("s") })),
		},
		{
			Name: "s-empty-passes", Part: Parsing, Kills: "headers.s-empty",
			Defect: "an empty s counts as missing, and nothing is compared",
			Break:  letIn(headerIs(func(v url.Values, _ string) bool { return v.Has("s") && v.Get("s") == "" })),
		},
		{
			Name: "blank-header-is-none-needed", Part: Parsing, Kills: "headers.blank",
			Defect: "a blank header counts as present, and nothing else is checked",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				values := r.Header.Values(reference.HeaderSignature)
				return len(values) == 1 && strings.TrimSpace(values[0]) == ""
			}),
		},
		{
			Name: "unreadable-header-passes", Part: Parsing, Kills: "headers.words",
			Defect: "a signature header without parameters is ignored, and the request is accepted",
			Break: letIn(headerIs(func(_ url.Values, value string) bool {
				return strings.TrimSpace(value) != "" && !strings.Contains(value, "=") && len(value) != 64
			})),
		},
		{
			Name: "mac-without-names", Part: Parsing, Kills: "headers.mac-alone",
			Defect: "a header of 64 digits alone is accepted as a signature without a time",
			Break:  parseAs(func(_ url.Values, value string) (string, bool) { return value, len(value) == 64 }),
		},
		{
			Name: "s-in-base64-only", Part: Parsing, Kills: "receiving.signed",
			Defect: "s is expected in base64, so no valid request is accepted",
			Break:  respell(func(value string) string { return strings.Replace(value, "&s=", "&s=base64:", 1) }),
		},
	}
}

// readingT is a mutant that parses t in another way.
func readingT(name, kills, defect string, read func(t string) (float64, bool)) Mutant {
	return Mutant{Name: name, Part: Parsing, Kills: kills, Defect: defect, Break: readTime(read)}
}

// passing is a mutant that treats one kind of s as a missing signature.
func passing(name, kills, defect string, when func(s string) bool) Mutant {
	return Mutant{Name: name, Part: Parsing, Kills: kills, Defect: defect, Break: letIn(
		headerIs(func(v url.Values, _ string) bool { return v.Get("t") != "" && len(v["t"]) == 1 && when(v.Get("s")) }))}
}

// plainDigits replaces the digits of other scripts by ASCII digits.
func plainDigits(text string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if r >= zero && r <= zero+9 {
			return r - zero + '0'
		}
		return r
	}, text)
}

func number(t string) (float64, bool) {
	if t == "" || t != "0" && t[0] == '0' || strings.Trim(t, "0123456789") != "" || len(t) > 12 {
		return 0, false
	}
	n, err := strconv.ParseFloat(t, 64)
	return n, err == nil
}

// readTime parses t with another function; the MAC covers the text of t. A time that
// cannot be compared is placed in the middle of the window.
func readTime(read func(t string) (seconds float64, ok bool)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		parse := e.ParseHeaders
		e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
			signature, t, err := parse(values)
			if err == nil || len(values) != 1 {
				return signature, t, err
			}
			query, _ := url.ParseQuery(values[0])
			if len(query["t"]) != 1 {
				return signature, t, err
			}
			seconds, ok := read(query.Get("t"))
			if !ok {
				return signature, t, err
			}
			again, _, err := parse([]string{"t=0&s=" + query.Get("s")})
			again.Time = time.Unix(int64(uint64(seconds)), 0)
			if math.IsNaN(seconds) {
				again.Time = e.Now()
			}
			return again, query.Get("t"), err
		}
	}
}

// parseAs accepts a header without a time at any time. Its s is the header's own
// unless another one is given.
func parseAs(when func(v url.Values, value string) (s string, ok bool)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		parse := e.ParseHeaders
		e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
			if len(values) == 1 {
				query, _ := url.ParseQuery(values[0])
				if s, ok := when(query, values[0]); ok {
					if s == "" {
						s = query.Get("s")
					}
					signature, _, err := parse([]string{"t=0&s=" + s})
					signature.Time = e.Now()
					return signature, "", err
				}
			}
			return parse(values)
		}
	}
}

// respell changes the header before it is parsed.
func respell(change func(string) string) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		parse := e.ParseHeaders
		e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
			if len(values) == 1 {
				values = []string{change(values[0])}
			}
			return parse(values)
		}
	}
}

// twoTimes parses a header with several t.
func twoTimes(pick func(times []string) (window, mac string)) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		parse := e.ParseHeaders
		e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
			if len(values) != 1 {
				return parse(values)
			}
			query, err := url.ParseQuery(values[0])
			if err != nil || len(query["t"]) < 2 {
				return parse(values)
			}
			inWindow, inMAC := pick(query["t"])
			signature, _, err := parse([]string{"t=" + inWindow + "&s=" + query.Get("s")})
			return signature, inMAC, err
		}
	}
}

func mixHeaders(e *reference.Endpoint) {
	parse := e.ParseHeaders
	e.ParseHeaders = func(values []string) (reference.Signature, string, error) {
		if len(values) < 2 {
			return parse(values)
		}
		first, t, err := parse(values[:1])
		if err != nil {
			return first, t, err
		}
		last, _, err := parse(values[len(values)-1:])
		first.Time = last.Time
		return first, t, err
	}
}

// headerIs is a condition on a request with a single signature header.
func headerIs(holds func(v url.Values, value string) bool) func(*reference.Endpoint, *http.Request, []byte) bool {
	return func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
		values := r.Header.Values(reference.HeaderSignature)
		if len(values) != 1 {
			return false
		}
		query, _ := url.ParseQuery(values[0])
		return holds(query, values[0])
	}
}
