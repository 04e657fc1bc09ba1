package live

import (
	"bytes"
	"crypto/md5"  //nolint:gosec // a wrong algorithm on purpose
	"crypto/sha1" //nolint:gosec // a wrong algorithm on purpose
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/suite"
)

const (
	minuteS = 60
	hourS   = 60 * minuteS
	dayS    = 24 * hourS
	yearS   = 365 * dayS
)

// signingOperators vary when, with what and over what a request is signed.
var signingOperators = map[string]operator{
	"time": {forms: []string{"past", "long past", "future", "far future"}, size: drawDistance, signs: 10, apply: func(d *draft, s Step) {
		d.mac.age += age(s)
	}},
	"redate": {forms: []string{"past", "future"}, size: func(random *rand.Rand, _ string) int64 { return pick(random, []int64{1, 30, 30, 59, hourS, dayS}) }, apply: func(d *draft, s Step) {
		d.sealTime(false)
		d.header.redate -= age(s)
		d.valid = false
	}},
	"epoch": {forms: []string{"zero", "one", "31 bits", "32 bits", "year 10000"}, signs: 10, apply: epoch},
	"key": {
		forms: []string{"unknown", "empty", "fallback", "decoded", "prefix kept", "reversed", "upper case", "bearer", "zero byte"},
		apply: useKey,
	},
	"hash": {forms: []string{"sha1", "sha512", "md5", "plain"}, apply: useHash},
	"over": {
		forms: []string{"nothing", "first half", "raw bytes", "another body", "no time", "time first", "a dot between", "a newline between", "the body twice", "lower case"},
		apply: coverOther,
	},
	"transplant": {
		forms: []string{"from a call", "from an introspection", "from a sync", "from an in-band sync", "from a probe", "from a response", "a response as the body"},
		apply: transplant,
	},
}

// distances are the ages that limits are made of, in seconds.
var distances = []int64{
	1, 10, 30, 45, 50, 70, 2 * minuteS, 220, 4*minuteS - 10, 5*minuteS + 6, 5*minuteS + 30, 5*minuteS + 50, 9 * minuteS, 20 * minuteS, 50 * minuteS,
	hourS, hourS + 2*minuteS, 3 * hourS, 12 * hourS, dayS, dayS + minuteS, 7 * dayS, 30 * dayS, 50 * dayS, yearS, 2 * yearS, 10 * yearS, 50 * yearS,
}

// short is how many of them are below an hour.
const short = 15

func drawDistance(random *rand.Rand, form string) int64 {
	long := form == "long past" || form == "far future"
	switch {
	case random.IntN(4) == 0 && long:
		return hourS << random.IntN(19)
	case random.IntN(4) == 0:
		return random.Int64N(10 * minuteS)
	case long:
		return pick(random, distances[short:])
	}
	return pick(random, distances[:short])
}

// age is how old a step makes a signature; negative is ahead.
func age(s Step) time.Duration {
	if strings.HasSuffix(s.Form, "future") {
		return -time.Duration(s.N) * time.Second
	}
	return time.Duration(s.N) * time.Second
}

func amount(s Step) string {
	switch s.Op {
	case "time", "redate":
		return (time.Duration(s.N) * time.Second).String()
	}
	return fmt.Sprint(s.N)
}

func epoch(d *draft, s Step) {
	at := map[string]string{"zero": "0", "one": "1", "31 bits": "2147483647", "32 bits": "4294967295", "year 10000": "253402300800"}
	d.header.t, d.valid = at[s.Form], false
}

func useKey(d *draft, s Step) {
	keys := d.scene.Keys
	switch s.Form {
	case "unknown":
		d.mac.signer, d.mac.key = suite.UnknownKey, []byte(keys.Unknown.Secret())
	case "empty":
		d.mac.signer, d.mac.key = suite.EmptyKey, nil
	case "fallback":
		d.mac.signer, d.mac.key = suite.Fallback, []byte(keys.Fallback.Secret())
	case "decoded":
		d.mac.key, _ = hex.DecodeString(keys.Primary.Secret()) // a Key is hexadecimal
	case "prefix kept":
		d.mac.key = []byte(keys.Primary.Text())
	case "reversed":
		d.mac.key = []byte(keys.Primary.Secret())
		slices.Reverse(d.mac.key)
	case "upper case":
		d.mac.key = []byte(strings.ToUpper(keys.Primary.Secret()))
	case "bearer":
		d.mac.key = []byte(keys.Primary.Bearer())
	case "zero byte":
		d.mac.key = []byte("undefined")
	}
}

func useHash(d *draft, s Step) {
	switch s.Form {
	case "sha1":
		d.mac.hash = sha1.New
	case "sha512":
		d.mac.hash = sha512.New
	case "md5":
		d.mac.hash = md5.New
	case "plain":
		d.mac.hash, d.mac.plain = sha256.New, true
	}
}

func coverOther(d *draft, s Step) {
	switch s.Form {
	case "nothing":
		d.mac.over = func([]byte) []byte { return nil }
	case "first half":
		d.mac.over = func(m []byte) []byte { return m[:len(m)/2] }
	case "raw bytes":
		body := bytes.Clone(d.body)
		d.mac.over = func([]byte) []byte { return body }
	case "another body":
		d.mac.over = func([]byte) []byte { return []byte(`{"another":"body"}`) }
	case "the body twice":
		d.mac.over = func(m []byte) []byte { return append(bytes.Clone(m), m...) }
	case "lower case":
		d.mac.over = bytes.ToLower
	case "no time":
		d.mac.joined = func(m []byte, _ string) []byte { return m }
	case "time first":
		d.mac.joined = func(m []byte, t string) []byte { return append([]byte(t), m...) }
	case "a dot between":
		d.mac.joined = func(m []byte, t string) []byte { return append(append(bytes.Clone(m), '.'), t...) }
	case "a newline between":
		d.mac.joined = func(m []byte, t string) []byte { return append(append(bytes.Clone(m), '\n'), t...) }
	}
}

// transplant puts the signature of another authentic message onto this one.
func transplant(d *draft, s Step) {
	d.valid = false
	from, isRequest := map[string]Base{
		"from a call": Call, "from an introspection": Introspect, "from a sync": Sync, "from an in-band sync": InBandSync, "from a probe": Probe,
	}[s.Form]
	if isRequest {
		elsewhere := d.scene
		elsewhere.Nonce, elsewhere.Visibility = strings.Repeat("0", len(d.scene.Nonce)), suite.Full
		other := newDraft(from, elsewhere)
		value := other.spell(other.signed())
		d.header.whole = &value
		return
	}
	value := d.scene.captured.signature
	d.header.whole = &value
	if s.Form == "a response as the body" {
		d.body = bytes.Clone(d.scene.captured.body)
	}
}
