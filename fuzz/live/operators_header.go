package live

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// headerOperators respell the signature header.
var headerOperators = map[string]operator{
	"t": {forms: keysOf(timeForms), signs: 8, apply: func(d *draft, s Step) {
		d.sealTime(s.Signed)
		d.header.t = timeForms[s.Form](d.scene.Now.Add(-d.mac.age))
		d.valid = false
	}},
	"s": {forms: keysOf(macForms), size: func(random *rand.Rand, _ string) int64 { return random.Int64N(64) }, apply: func(d *draft, s Step) {
		d.header.s, d.valid = func(mac string) string { return macForms[s.Form](mac, int(s.N)) }, false
	}},
	"header": {forms: keysOf(headerForms), apply: func(d *draft, s Step) {
		d.valid = false
		headerForms[s.Form](d)
	}},
	"twice": {forms: keysOf(twiceForms), apply: func(d *draft, s Step) {
		d.valid = false
		twiceForms[s.Form](d)
	}},
	"name": {forms: []string{"lower case", "upper case", "mixed case", "underscores"}, apply: func(d *draft, s Step) {
		d.header.field = map[string]string{
			"lower case": strings.ToLower(reference.HeaderSignature), "upper case": strings.ToUpper(reference.HeaderSignature),
			"mixed case": "x-InNgEsT-sIgNaTuRe", "underscores": strings.ReplaceAll(reference.HeaderSignature, "-", "_"),
		}[s.Form]
	}},
}

func literal(text string) func(time.Time) string { return func(time.Time) string { return text } }

// timeForms are texts for t, percent-encoded where they must be; {t} is the
// number.
var timeForms = map[string]func(at time.Time) string{
	"text following": literal("{t}abc"), "fraction": literal("{t}.5"), "fraction of zero": literal("{t}.0"), "exponent": literal("{t}e1"),
	"exponent of zero": literal("{t}e0"), "one zero before": literal("0{t}"), "minus": literal("-{t}"), "plus": literal("%2B{t}"), "bare plus": literal("+{t}"),
	"blank before": literal("%20{t}"), "blank following": literal("{t}%20"), "tab before": literal("%09{t}"), "newline following": literal("{t}%0A"),
	"NUL following": literal("{t}%00"), "underscore": literal("{t}_0"), "milliseconds": literal("{t}000"), "microseconds": literal("{t}000000"),
	"NaN": literal("NaN"), "Infinity": literal("Infinity"), "minus Infinity": literal("-Infinity"), "words": literal("now"), "null": literal("null"), "true": literal("true"),
	"empty": literal(""), "hexadecimal zero": literal("0x0"), "quotes": literal("%22{t}%22"), "comma following": literal("{t},0"), "list": literal("[{t}]"),
	"many zeros": literal(strings.Repeat("0", 4000) + "{t}"), "many nines": literal(strings.Repeat("9", 4000)),
	"hexadecimal":       func(at time.Time) string { return "0x" + strconv.FormatInt(at.Unix(), 16) },
	"wrapped":           wrapped(64),
	"wrapped at 32":     wrapped(32),
	"Arabic digits":     otherDigits('\u0660'),
	"full width":        otherDigits('\uff10'),
	"date":              func(at time.Time) string { return at.UTC().Format(time.RFC3339) },
	"percent":           func(at time.Time) string { digits := unix(at); return "%3" + digits[:1] + digits[1:] },
	"twice percent":     func(at time.Time) string { digits := unix(at); return "%253" + digits[:1] + digits[1:] },
	"thousands":         func(at time.Time) string { digits := unix(at); return digits[:1] + "," + digits[1:] },
	"octal":             func(at time.Time) string { return "0" + strconv.FormatInt(at.Unix(), 8) },
	"minutes following": literal("{t}%3A00"),
}

func wrapped(bits uint) func(time.Time) string {
	return func(at time.Time) string {
		beyond := new(big.Int).Lsh(big.NewInt(1), bits)
		return beyond.Add(beyond, big.NewInt(at.Unix())).String()
	}
}

func otherDigits(zero rune) func(time.Time) string {
	return func(at time.Time) string {
		return strings.Map(func(digit rune) rune { return zero + digit - '0' }, unix(at))
	}
}

// macForms are texts for s; n is a position.
var macForms = map[string]func(mac string, n int) string{
	"flipped":     func(mac string, n int) string { return flipped(mac, n%max(1, len(mac))) },
	"first digit": func(mac string, _ int) string { return flipped(mac, 0) },
	"last digit":  func(mac string, _ int) string { return flipped(mac, len(mac)-1) },
	"cut":         func(mac string, n int) string { return mac[:min(n, len(mac)-1)] },
	"one short":   func(mac string, _ int) string { return mac[:len(mac)-1] },
	"half":        func(mac string, _ int) string { return mac[:len(mac)/2] },
	"one more":    func(mac string, _ int) string { return mac + "0" },
	"twice":       func(mac string, _ int) string { return mac + mac },
	"upper case":  func(mac string, _ int) string { return strings.ToUpper(mac) },
	"zeros":       func(mac string, _ int) string { return strings.Repeat("0", len(mac)) },
	"letters":     func(mac string, _ int) string { return strings.Repeat("zx", len(mac)/2) },
	"umlauts":     func(mac string, _ int) string { return strings.Repeat("ä", len(mac)) },
	"null":        func(string, int) string { return "null" },
	"undefined":   func(string, int) string { return "undefined" },
	"empty":       func(string, int) string { return "" },
	"very long":   func(string, int) string { return strings.Repeat("x", 6000) },
	"long zeros":  func(string, int) string { return strings.Repeat("0", 6000) },
	"base64": func(mac string, _ int) string {
		raw, _ := hex.DecodeString(mac)
		return base64.StdEncoding.EncodeToString(raw)
	},
	"blank":       func(mac string, _ int) string { return "%20" + mac },
	"prefixed":    func(mac string, _ int) string { return "sha256=" + mac },
	"percent":     func(mac string, _ int) string { return "%" + hex.EncodeToString([]byte(mac[:1])) + mac[1:] },
	"no decoding": func(mac string, _ int) string { return "%zz" + mac },
}

func flipped(mac string, at int) string {
	digit := "0"
	if mac[at] == '0' {
		digit = "1"
	}
	return mac[:at] + digit + mac[at+1:]
}

func respelled(value string) func(*draft) { return func(d *draft) { d.header.value = value } }

func whole(value string) func(*draft) { return func(d *draft) { d.header.whole = &value } }

// timeless signs without a time and spells the header without one.
func timeless(value string) func(*draft) {
	return func(d *draft) {
		none := ""
		d.mac.t, d.header.value = &none, value
	}
}

// oldMAC signs for an hour ago, whatever t is.
func oldMAC(value string) func(*draft) {
	return func(d *draft) {
		old := unix(d.scene.Now.Add(-d.mac.age - time.Hour))
		d.mac.t, d.header.value = &old, strings.ReplaceAll(value, "{then}", old)
	}
}

var zeros = strings.Repeat("0", 64)

// headerForms are spellings of the whole header.
var headerForms = map[string]func(*draft){
	"absent": func(d *draft) { d.header.absent = true },
	"empty":  whole(""), "blank": whole(" "), "words": whole("signed by me"), "one letter": whole("t"), "equals": whole("="), "JSON": whole(`{"t":1,"s":"x"}`),
	"not ASCII": whole("ä"), "percent alone": whole("%zz"), "broken percent": respelled("t={t}&s={s}&%zz=1"),
	"only s": timeless("s={s}"), "only t": respelled("t={t}"), "MAC alone": timeless("{s}"), "empty s": respelled("t={t}&s="), "empty t": timeless("t=&s={s}"),
	"s first": respelled("s={s}&t={t}"), "extra": respelled("t={t}&s={s}&v=1"), "extra first": respelled("v=1&t={t}&s={s}"),
	"question mark": respelled("?t={t}&s={s}"), "ampersand following": respelled("t={t}&s={s}&"), "ampersand before": respelled("&t={t}&s={s}"),
	"semicolon": respelled("t={t};s={s}"), "comma": respelled("t={t},s={s}"), "blanks": respelled("t={t} & s={s}"), "hash following": respelled("t={t}&s={s}#"),
	"upper names": respelled("T={t}&S={s}"), "percent names": respelled("%74={t}&%73={s}"), "t as a list": respelled("t[]={t}&s={s}"), "t indexed": respelled("t[0]={t}&s={s}"),
	"s as a list": respelled("t={t}&s[]={s}"), "zeros as a list": respelled("t={t}&s[]=" + zeros), "s indexed": respelled("t={t}&s[0]={s}"), "s named": respelled("t={t}&s[length]=64"),
	"s twice, good first": respelled("t={t}&s={s}&s=" + zeros), "s twice, good last": respelled("t={t}&s=" + zeros + "&s={s}"),
	"t twice, equal": respelled("t={t}&t={t}&s={s}"), "t twice, fresh first": oldMAC("t={t}&t={then}&s={s}"), "t twice, fresh last": oldMAC("t={then}&t={t}&s={s}"),
	"t twice, one empty": respelled("t=&t={t}&s={s}"), "very long": respelled("t=" + strings.Repeat("9", 4000) + "&s=" + strings.Repeat("x", 6000)),
	"scheme": respelled("v1 t={t}&s={s}"), "prototype": respelled("t={t}&s={s}&__proto__=1"), "joined": respelled("{old}, t={t}&s={s}"),
	"fold": respelled("t={t}&\r\n s={s}"), "tab before": respelled("\tt={t}&s={s}"),
}

// more adds a second line; {z} is a MAC of zeros.
func more(first bool, value func(d *draft) string) func(*draft) {
	return func(d *draft) { d.header.more, d.header.first = []string{value(d)}, first }
}

func spelledWith(template string) func(*draft) string {
	return func(d *draft) string { return strings.NewReplacer("{t}", d.shown(), "{z}", zeros).Replace(template) }
}

func validAgo(d *draft) string { return d.validValue(time.Hour) }

// expiredMain makes the header's first line one of an hour ago.
func expiredMain(first bool) func(*draft) {
	return func(d *draft) {
		more(first, spelledWith("t={t}&s={z}"))(d)
		value := d.validValue(time.Hour)
		d.header.whole = &value
	}
}

// twiceForms send a second signature header.
var twiceForms = map[string]func(*draft){
	"expired first": more(true, validAgo), "expired last": more(false, validAgo),
	"zeros first": more(true, spelledWith("t={t}&s={z}")), "zeros last": more(false, spelledWith("t={t}&s={z}")),
	"words first": more(true, spelledWith("signed by me")), "blank last": more(false, spelledWith("")),
	"expired, then fresh zeros": expiredMain(false), "fresh zeros, then expired": expiredMain(true),
	"the same": more(false, func(d *draft) string { return d.spell(d.signed()) }),
}
