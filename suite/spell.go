package suite

import (
	"encoding/hex"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spellTime replaces the placeholders for times in a template of the header.
func spellTime(spelling string, at time.Time, shown string) string {
	return strings.NewReplacer(
		"{t}", shown, "{t:ms}", shown+"000", "{t:old}", unix(at.Add(-time.Hour)), "{t:wrapped}", wrapped(at),
		"{t:arabic}", otherDigits(shown, '\u0660'), "{t:fullwidth}", otherDigits(shown, '\uff10'),
		"{t:zeros}", strings.Repeat("0", 4000)+shown, "{t:nines}", strings.Repeat("9", 4000),
		"{t:hex}", "0x"+strconv.FormatInt(at.Unix(), 16), "{t:percent}", "%3"+shown[:1]+shown[1:], "{filler}", strings.Repeat("x", 6000),
	).Replace(spelling)
}

// spellMAC replaces the placeholders for MACs in a template of the header. ofOld is
// the MAC for the time one hour before.
func spellMAC(spelling, mac, ofOld string) string {
	return strings.NewReplacer(
		"{s}", mac, "{s:old}", ofOld, "{s:upper}", strings.ToUpper(mac), "{s:short}", mac[:len(mac)-1],
		"{s:long}", mac+"0", "{s:half}", mac[:len(mac)/2], "{s:flip}", Flip(mac),
		"{s:flip-first}", Flip(mac[:1])+mac[1:], "{s:words}", strings.Repeat("zx", len(mac)/2),
		"{s:umlauts}", strings.Repeat("ä", len(mac)), "{s:zeros}", strings.Repeat("0", len(mac)), "{s:fs}", strings.Repeat("f", len(mac)),
		"{s:dots}", strings.Repeat(".", len(mac)), "{s:marks}", strings.Repeat("?", len(mac)), "{s:digits}", strings.Repeat("[0-9a-f]", len(mac)), "{s:blanks}", strings.Repeat("%20", len(mac)),
		"{s:reversed}", backwards(mac), "{s:sorted}", sorted(mac), "{s:swapped}", swapped(mac), "{s:balanced}", balanced(mac), "{s:padded-8}", mac[:8]+strings.Repeat("0", len(mac)-8),
	).Replace(spellPart(spelling, mac))
}

// spellPart replaces a placeholder for a part of a MAC: {s:flip-N} has a wrong digit
// at N, {s:first-N} and {s:last-N} are N digits.
func spellPart(spelling, mac string) string {
	for name, part := range map[string]func(n int) string{
		"{s:flip-":  func(n int) string { return Flip(mac[:n+1]) + mac[n+1:] },
		"{s:first-": func(n int) string { return mac[:n] },
		"{s:last-":  func(n int) string { return last(mac, n) },
	} {
		before, rest, is := strings.Cut(spelling, name)
		number, behind, closed := strings.Cut(rest, "}")
		if n, err := strconv.Atoi(number); is && closed && err == nil && n < len(mac) {
			return before + part(n) + behind
		}
	}
	return spelling
}

// sorted has the digits of a MAC in ascending order.
func sorted(mac string) string {
	digits := []byte(mac)
	slices.Sort(digits)
	return string(digits)
}

// swapped is a MAC in which two neighbouring bytes that differ have changed places.
func swapped(mac string) string {
	for at := 0; at+4 <= len(mac); at += 2 {
		if one, other := mac[at:at+2], mac[at+2:at+4]; one != other {
			return mac[:at] + other + one + mac[at+4:]
		}
	}
	return Flip(mac)
}

// balanced is a MAC in which two bytes differ by the same bits, so that the
// exclusive or of all differences is zero.
func balanced(mac string) string {
	raw, err := hex.DecodeString(mac)
	if err != nil || len(raw) < 2 {
		return Flip(mac)
	}
	raw[0], raw[len(raw)-1] = raw[0]^1, raw[len(raw)-1]^1
	return hex.EncodeToString(raw)
}

// FirstT is the value of the first `t` in a header, percent-decoded, which the MAC
// covers. It is empty if there is none. `t[]` and `t[0]` count, because parsers of
// lists take them for t.
func FirstT(spelling string) string {
	for parameter := range strings.SplitSeq(spelling, "&") {
		name, text, _ := strings.Cut(parameter, "=")
		if name != "t" && name != "t[]" && name != "t[0]" {
			continue
		}
		if decoded, err := url.PathUnescape(text); err == nil {
			return decoded
		}
		return text
	}
	return ""
}

// otherDigits writes a number in the digits of another script.
func otherDigits(number string, zero rune) string {
	return strings.Map(func(digit rune) rune { return zero + digit - '0' }, number)
}

// wrapped is the time plus 2^64 seconds, which equals the time in 64 bits.
func wrapped(at time.Time) string {
	beyond := new(big.Int).Lsh(big.NewInt(1), 64)
	return beyond.Add(beyond, big.NewInt(at.Unix())).String()
}

// Flip changes the last digit of a MAC.
func Flip(mac string) string {
	last := byte('0')
	if mac[len(mac)-1] == '0' {
		last = '1'
	}
	return mac[:len(mac)-1] + string(last)
}
