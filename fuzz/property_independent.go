package fuzz

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// What a property expects is computed here, from the protocol's text and with the
// standard library: an oracle must not call the code under test.

// Names in the protocol.
const (
	signatureHeader  = "X-Inngest-Signature"
	syncKindHeader   = "X-Inngest-Sync-Kind"
	envHeader        = "X-Inngest-Env"
	sdkHeader        = "X-Inngest-Sdk"
	keyVariable      = "INNGEST_SIGNING_KEY"
	fallbackVariable = "INNGEST_SIGNING_KEY_FALLBACK"
	devVariable      = "INNGEST_DEV"
)

// The window in which a signature is valid (SPEC 4.1.3(4), ambiguities R5 and R6).
const (
	mostAge   = 5 * time.Minute
	mostAhead = time.Minute
)

// keyText is a key as it is drawn: a prefix or none, then digits, among which
// there is no dash.
type keyText string

func (k keyText) prefix() string { return string(k[:strings.LastIndexByte(string(k), '-')+1]) }

// secret is what keys the HMAC: the digits, as they are written.
func (k keyText) secret() string { return strings.TrimPrefix(string(k), k.prefix()) }

// raw is the decoded digits.
func (k keyText) raw() []byte {
	raw, _ := hex.DecodeString(k.secret()) // a drawn key is hexadecimal
	return raw
}

// bearer is the prefix and the hash of the decoded digits (SPEC 4.1.4).
func (k keyText) bearer() string {
	if k == "" {
		return ""
	}
	sum := sha256.Sum256(k.raw())
	return k.prefix() + hex.EncodeToString(sum[:])
}

// macWith is the header of a MAC that is made with any secret, also with none.
func macWith(secret string, covered []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(covered)
	mac.Write([]byte(strconv.FormatInt(at.Unix(), 10)))
	return spellings(at.Unix(), mac.Sum(nil))[0]
}

// spellings are the two texts of one signature, as it is written and as it may
// be read too.
func spellings(second int64, mac []byte) [2]string {
	t, s := "t="+strconv.FormatInt(second, 10), "s="+hex.EncodeToString(mac)
	return [2]string{t + "&" + s, s + "&" + t}
}

// sameJSON reports whether two texts have the same value. The standard library reads
// names that stand twice and broken letters, too, but one edit of a document
// makes no such text with the value that it had.
func sameJSON(a, b string) bool {
	var one, other any
	err, otherErr := json.Unmarshal([]byte(a), &one), json.Unmarshal([]byte(b), &other)
	return err == nil && otherErr == nil && reflect.DeepEqual(one, other)
}

// onTime draws a verifier's clock at which a signature of a time holds.
func onTime(at time.Time) *rapid.Generator[time.Time] {
	return clock(at, -int64(mostAhead/time.Second), int64(mostAge/time.Second))
}

// tooLate and tooSoon draw clocks at which it does not: first those just outside,
// and also some that are further away than a time.Duration reaches.
func tooLate(at time.Time) *rapid.Generator[time.Time] {
	return clock(at, int64(mostAge/time.Second)+1, lastSecond)
}

func tooSoon(at time.Time) *rapid.Generator[time.Time] {
	return clock(at, -lastSecond, -int64(mostAhead/time.Second)-1)
}

// clock draws a time some seconds from another.
func clock(at time.Time, least, most int64) *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(least, most), func(age int64) time.Time { return time.Unix(at.Unix()+age, 0).UTC() })
}
