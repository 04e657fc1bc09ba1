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

// parsing: mutants that parse the header too leniently, or wrongly.
func parsing() []Mutant {
	return []Mutant{
		{
			Name: "t-stops-at-text", Part: Parsing, Kills: "headers.t-trailing-text",
			Defect: "the number at the start of t is compared with the window; the text behind it is signed but not read",
			Break:  readTime(func(t string) (float64, bool) { return number(strings.TrimRightFunc(t, unicode.IsLetter)) }),
		},
		{
			Name: "t-reads-leading-digits", Part: Parsing, Kills: "replay.fresh-behind",
			Defect: "t is read up to the first character that is no digit; all of it is signed",
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
			Defect: "leading zeros of t are read over",
			Break:  readTime(func(t string) (float64, bool) { return number(strings.TrimLeft(t, "0")) }),
		},
		{
			Name: "t-sign-dropped", Part: Parsing, Kills: "headers.t-negative",
			Defect: "the sign of t is dropped",
			Break:  readTime(func(t string) (float64, bool) { return number(strings.TrimPrefix(t, "-")) }),
		},
		{
			Name: "t-milliseconds-guessed", Part: Parsing, Kills: "headers.t-milliseconds",
			Defect: "a t with thirteen digits is taken for milliseconds",
			Break: readTime(func(t string) (float64, bool) {
				if len(t) == 13 {
					t = t[:10]
				}
				return number(t)
			}),
		},
		{
			Name: "t-not-a-number-passes", Part: Parsing, Kills: "headers.t-not-a-number",
			Defect: "t is read as a float, and NaN is neither too old nor too far ahead",
			Break: readTime(func(t string) (float64, bool) {
				if t == "NaN" {
					return math.NaN(), true
				}
				return number(t)
			}),
		},
		{
			Name: "t-words-pass", Part: Parsing, Kills: "headers.t-words",
			Defect: "a t that is no number at all is not compared with the window",
			Break: readTime(func(t string) (float64, bool) {
				if strings.IndexFunc(t, unicode.IsDigit) < 0 && t != "" && t != "NaN" && t != "Infinity" {
					return math.NaN(), true
				}
				return number(t)
			}),
		},
		readingT("t-infinity-passes", "headers.t-infinity", "Infinity is a number, and not older than five minutes",
			func(t string) (float64, bool) { return math.NaN(), t == "Infinity" }),
		readingT("t-plus-dropped", "headers.t-plus", "a plus sign before t is read over",
			func(t string) (float64, bool) { return number(strings.TrimPrefix(t, "+")) }),
		readingT("t-blank-before-dropped", "headers.t-blank-before", "blanks before t are read over",
			func(t string) (float64, bool) { return number(strings.TrimLeft(t, " ")) }),
		readingT("t-blank-behind-dropped", "headers.t-blank-behind", "blanks behind t are read over",
			func(t string) (float64, bool) { return number(strings.TrimRight(t, " ")) }),
		readingT("t-ends-at-nul", "headers.t-nul-behind", "t ends at the first NUL byte, as texts do in C",
			func(t string) (float64, bool) { whole, _, _ := strings.Cut(t, "\x00"); return number(whole) }),
		readingT("t-ends-at-underscore", "headers.t-underscore", "t ends at the first underscore",
			func(t string) (float64, bool) { whole, _, _ := strings.Cut(t, "_"); return number(whole) }),
		readingT("t-in-arabic-digits", "headers.t-arabic-digits", "every digit that Unicode knows is a digit, Arabic ones included",
			func(t string) (float64, bool) { return number(plainDigits(t, '\u0660')) }),
		readingT("t-in-fullwidth-digits", "headers.t-fullwidth-digits", "every digit that Unicode knows is a digit, full-width ones included",
			func(t string) (float64, bool) { return number(plainDigits(t, '\uff10')) }),
		readingT("t-in-hex", "headers.t-hexadecimal", "t may be hexadecimal",
			func(t string) (float64, bool) {
				digits, isHex := strings.CutPrefix(t, "0x")
				n, err := strconv.ParseInt(digits, 16, 64)
				return float64(n), isHex && err == nil
			}),
		readingT("t-many-zeros", "headers.t-many-zeros", "zeros before t are read over if there are very many",
			func(t string) (float64, bool) {
				if len(t) < 1000 {
					return 0, false
				}
				return number(strings.TrimLeft(t, "0"))
			}),
		readingT("t-too-long-is-now", "headers.t-many-nines", "a t that does not fit becomes the largest number, which is never too old",
			func(t string) (float64, bool) { return math.NaN(), len(t) > 1000 && t[0] == '9' }),
		passing("s-of-letters-passes", "headers.s-not-hex", "an s that cannot be decoded is taken for none, and nothing is compared",
			func(s string) bool { return strings.HasPrefix(s, "zx") }),
		passing("s-outside-ascii-passes", "headers.s-not-ascii", "characters outside ASCII end the comparison before it begins",
			func(s string) bool { return strings.HasPrefix(s, "ä") }),
		passing("s-null-passes", "headers.s-null", "an s of null is taken for null",
			func(s string) bool { return s == "null" }),
		passing("s-too-long-passes", "headers.s-very-long", "an s that is longer than the buffer is cut before the comparison, and compares with nothing",
			func(s string) bool { return len(s) > 1000 && s[0] != 'x' }),
		{
			Name: "s-list-passes", Part: Parsing, Kills: "headers.s-as-a-list",
			Defect: "a list of signatures is searched for one that is wrong, and none is found",
			Break:  letIn(headerIs(func(v url.Values, _ string) bool { return v.Has("s[]") })),
		},
		{
			Name: "t-missing-passes", Part: Parsing, Kills: "headers.t-missing",
			Defect: "where t is missing the time is not compared with the window, and nothing is signed for it",
			Break:  parseAs(func(v url.Values, _ string) (string, bool) { return "", !v.Has("t") }),
		},
		{
			Name: "t-empty-passes", Part: Parsing, Kills: "headers.t-empty",
			Defect: "an empty t is not compared with the window",
			Break:  parseAs(func(v url.Values, _ string) (string, bool) { return "", v.Has("t") && v.Get("t") == "" }),
		},
		{
			Name: "t-wraps-around", Part: Parsing, Kills: "headers.t-beyond-int64",
			Defect: "t is added up digit by digit in 64 bits and wraps around",
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
			Defect: "of two t the last is compared with the window, and the first is signed",
			Break:  twoTimes(func(times []string) (window, mac string) { return times[len(times)-1], times[0] }),
		},
		{
			Name: "t-first-in-window-last-in-mac", Part: Parsing, Kills: "headers.t-twice-fresh-first",
			Defect: "of two t the first is compared with the window, and the last is signed",
			Break:  twoTimes(func(times []string) (window, mac string) { return times[0], times[len(times)-1] }),
		},
		{
			Name: "headers-mixed", Part: Parsing, Kills: "headers.twice-expired",
			Defect: "of two headers one gives the time for the window, and the other the signature",
			Break:  mixHeaders,
		},
		{
			Name: "s-first-digits", Part: Parsing, Kills: "headers.s-long",
			Defect: "of s only the first 64 digits are read",
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
			Defect: "where s is missing nothing is compared",
			Break:  letIn(headerIs(func(v url.Values, _ string) bool { return v.Get("t") != "" && !v.Has("s") })),
		},
		{
			Name: "s-empty-passes", Part: Parsing, Kills: "headers.s-empty",
			Defect: "an empty s is taken for none, and nothing is compared",
			Break:  letIn(headerIs(func(v url.Values, _ string) bool { return v.Has("s") && v.Get("s") == "" })),
		},
		{
			Name: "blank-header-is-none-needed", Part: Parsing, Kills: "headers.blank",
			Defect: "a header that is there and blank satisfies the check for its presence, and no other check is made",
			Break: letIn(func(_ *reference.Endpoint, r *http.Request, _ []byte) bool {
				values := r.Header.Values(reference.HeaderSignature)
				return len(values) == 1 && strings.TrimSpace(values[0]) == ""
			}),
		},
		{
			Name: "unreadable-header-passes", Part: Parsing, Kills: "headers.words",
			Defect: "a header without any parameter is logged and passed over",
			Break: letIn(headerIs(func(_ url.Values, value string) bool {
				return strings.TrimSpace(value) != "" && !strings.Contains(value, "=") && len(value) != 64
			})),
		},
		{
			Name: "mac-without-names", Part: Parsing, Kills: "headers.mac-alone",
			Defect: "a header of 64 digits alone is taken for a signature without a time",
			Break:  parseAs(func(_ url.Values, value string) (string, bool) { return value, len(value) == 64 }),
		},
		{
			Name: "s-in-base64-only", Part: Parsing, Kills: "receiving.signed",
			Defect: "s is expected in base64, so nothing that Inngest signs is ever accepted",
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

// plainDigits writes another script's digits as plain ones.
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

// readTime parses t with another function; the MAC covers the text as it stands.
// A time that cannot be compared is placed in the middle of the window.
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

// parseAs treats a header without a time as always in time; s is the header's own
// unless another is given.
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

// respell reads the header after changing it.
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

// headerIs is a condition on a single signature header.
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
