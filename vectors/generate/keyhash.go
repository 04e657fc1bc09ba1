package main

import (
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

var keyFlags = map[string]vectors.Flag{
	"Normal":     {About: "a key as the dashboard shows it"},
	"Prefix":     {About: "an unusual prefix", Bug: "too much or too little of the key is taken for its prefix"},
	"BarePrefix": {About: "a self-hosted server's key without a prefix", Bug: "a key without a prefix is refused, or cut"},
	"NoKey":      {About: "no key at all", Bug: "an empty text becomes an HMAC key that anyone can use"},
	"WhiteSpace": {About: "white space around the key", Bug: "a line end from a file locks every authentic request out"},
	"HexCase":    {About: "capitals in the key", Bug: "the HMAC key is changed to lower case, or hex-decoded"},
	"Malformed":  {About: "what follows the prefix is not hexadecimal", Bug: "a bearer is made of the part that could be decoded"},
	"Length":     {About: "an unusual length", Bug: "a fixed length is assumed"},
}

// keyHash: texts of keys, and the HMAC key and the bearer that come of them.
func keyHash() (made, error) {
	l := newLedger[vectors.KeyHash]("texts of keys, and the HMAC key and bearer that come of them, or why there is no key", keyFlags)
	enter := func(c vectors.Common, text string) {
		v := vectors.KeyHash{Common: c, Key: text}
		key, err := reference.ParseKey(text)
		if err != nil {
			v.Result, v.Reference = scored(c, vectors.Refuse)
			v.Reason = named(err)
		} else {
			v.Result, v.Reference = scored(c, vectors.Accept)
			v.HMACKey, v.Bearer = key.Secret(), key.Bearer()
			v.BearerHex = v.Bearer[strings.LastIndexByte(v.Bearer, '-')+1:]
		}
		l.add(v)
	}
	key := func(name, level, flag, comment, text string) {
		enter(about("key."+name, "4.1.4", 2, level, lockout, comment, flag), text)
	}
	none := func(name, twin, comment, text string) {
		c := about("key."+name, "4.1.3", 2, must, forgery, comment, "NoKey")
		enter(twinned(c, "key."+twin, "key"), text)
	}
	spoiled := func(name, comment, text string) {
		c := about("key."+name, "4.1.4", 2, should, lockout, comment, "Malformed")
		enter(twinned(c, "key.specification", "key"), text)
	}
	const short = "12345678"
	long := strings.Repeat("0123456789abcdef", 4)

	key("specification", must, "Normal", "the example of SPEC 4.1.4", "signkey-prod-"+short)
	key("prod", must, "Normal", "a key of a production environment", "signkey-prod-"+long)
	key("test", must, "Normal", "a key of a test environment", "signkey-test-"+long)
	key("branch", must, "Normal", "a key of branch environments", "signkey-branch-"+long)
	key("other-environment", must, "Prefix", "any word may stand in the prefix", "signkey-staging-"+long)
	key("word-of-digits", must, "Prefix", "the prefix's word may be digits", "signkey-2026-"+long)
	key("word-of-hex", must, "Prefix", "the prefix's word may look like a key", "signkey-abcdef-"+long)
	key("underscore", must, "Prefix", "an underscore is part of a word", "signkey-my_env-"+long)
	key("capital-word", must, "Prefix", "capitals are part of a word", "signkey-PROD-"+long)
	key("one-letter", must, "Prefix", "the prefix's word may be one letter", "signkey-p-"+long)
	key("one-byte", must, "Length", "a key of one byte", "signkey-prod-00")
	key("zero-bytes", must, "Length", "a key of zero bytes is text to the HMAC and bytes to the hash", "signkey-prod-"+strings.Repeat("00", 32))
	key("block", must, "Length", "as long as HMAC's block", "signkey-prod-"+strings.Repeat("ab", 32))
	key("beyond-block", must, "Length", "longer than HMAC's block, which hashes the key first", "signkey-prod-"+strings.Repeat("ab", 33))
	key("very-long", must, "Length", "a kibibyte", "signkey-prod-"+strings.Repeat("c0de", 512))
	bare := func(name, comment, text string) {
		c := about("key."+name, "4.1.4", 2, should, lockout, comment, "BarePrefix")
		enter(reading("R24", c), text)
	}
	bare("bare", "the bearer of a key without a prefix has none", long)
	bare("bare-short", "a short key without a prefix", short)
	key("upper", must, "HexCase", "the HMAC key keeps its capitals, the hash does not see them", "signkey-prod-"+strings.ToUpper(long))
	key("mixed", must, "HexCase", "the same key in mixed case is another HMAC key, with the same bearer", "signkey-prod-0123456789ABCDEF"+long[16:])
	for _, blank := range []struct{ name, comment, text string }{
		{"newline-behind", "a newline behind", "signkey-prod-" + short + "\n"},
		{"crlf-behind", "carriage return and newline behind", "signkey-prod-" + short + "\r\n"},
		{"blank-before", "a blank before", " signkey-prod-" + short},
		{"blanks-around", "blanks on both sides", "  signkey-prod-" + short + "  "},
		{"tab-behind", "a tab behind", "signkey-prod-" + short + "\t"},
	} {
		c := about("key."+blank.name, "3.1", 2, should, lockout, blank.comment, "WhiteSpace")
		enter(reading("R18", c), blank.text)
	}

	none("empty", "bare", "empty", "")
	none("blank", "bare", "one blank", " ")
	none("white-space", "bare", "every kind of white space", " \t\r\n ")
	none("prefix-only", "prod", "a prefix with nothing behind it", "signkey-prod-")
	none("branch-prefix-only", "branch", "a branch key's prefix with nothing behind it", "signkey-branch-")
	none("prefix-and-blank", "prod", "a prefix with a blank behind it", "signkey-prod- ")
	none("prefix-and-newline", "prod", "a prefix with a newline behind it", "signkey-prod-\n")

	spoiled("odd-length", "a digit is missing", "signkey-prod-1234567")
	spoiled("one-digit", "one digit is half a byte", "signkey-prod-1")
	spoiled("not-hex", "letters beyond f", "signkey-prod-1234567z")
	spoiled("blank-inside", "a blank inside", "signkey-prod-1234 5678")
	spoiled("dash-inside", "a dash inside", "signkey-prod-1234-5678")
	spoiled("two-words", "a dash in the environment's word", "signkey-my-env-12345678")
	spoiled("prefix-twice", "the prefix twice", "signkey-prod-signkey-prod-12345678")
	spoiled("no-word", "no environment in the prefix", "signkey--12345678")
	spoiled("no-second-dash", "a prefix without its second dash", "signkey-12345678")
	spoiled("word-only", "the first word alone", "signkey")
	spoiled("capital-signkey", "the first word in capitals is no prefix", "SIGNKEY-prod-12345678")
	spoiled("quoted", "quotes from a shell or a file stand around", `"signkey-prod-12345678"`)
	spoiled("0x", "0x in front of the digits", "signkey-prod-0x345678")
	spoiled("two-keys", "two keys, one behind the other", "signkey-prod-12345678,signkey-prod-87654321")
	spoiled("event-key", "a text without any form, as event keys are", "not_a_signing_key")
	spoiled("bearer-word", "the word Bearer in front", "Bearer signkey-prod-12345678")
	spoiled("full-width", "full-width digits", "signkey-prod-１２３４５６７８")
	spoiled("zero-byte", "a zero byte behind", "signkey-prod-12345678\x00")
	return l.done()
}
