package main

import (
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

var keyFlags = map[string]vectors.Flag{
	"Normal":     {About: "a key as in the dashboard"},
	"Prefix":     {About: "an unusual prefix", Bug: "too much or too little of the key is treated as its prefix"},
	"BarePrefix": {About: "a key without a prefix, as for a self-hosted server", Bug: "a key without a prefix is refused or truncated"},
	"NoKey":      {About: "no key", Bug: "an empty string becomes an HMAC key that anyone can use"},
	"WhiteSpace": {About: "white space around the key", Bug: "a newline from a file makes every valid request fail"},
	"HexCase":    {About: "upper-case digits in the key", Bug: "the HMAC key is lower-cased or hex-decoded"},
	"Malformed":  {About: "the part after the prefix is not hexadecimal", Bug: "a bearer is made of the part that can be decoded"},
	"Length":     {About: "an unusual length", Bug: "a fixed length is assumed"},
}

// keyHash generates key-hash.json.
func keyHash() (output, error) {
	l := newFileBuilder[vectors.KeyHash]("texts of keys, and the HMAC key and bearer derived from them, or why there is no key", keyFlags)
	add := func(c vectors.Common, text string) {
		v := vectors.KeyHash{Common: c, Key: text}
		key, err := reference.ParseKey(text)
		if err != nil {
			v.Result, v.Reference = scored(c, vectors.Refuse)
			v.Reason = reasonOf(err)
		} else {
			v.Result, v.Reference = scored(c, vectors.Accept)
			v.HMACKey, v.Bearer = key.Secret(), key.Bearer()
			v.BearerHex = v.Bearer[strings.LastIndexByte(v.Bearer, '-')+1:]
		}
		l.add(v)
	}
	key := func(name, level, flag, comment, text string) {
		add(about("key."+name, "4.1.4", 2, level, lockout, comment, flag), text)
	}
	none := func(name, control, comment, text string) {
		c := about("key."+name, "4.1.3", 2, must, forgery, comment, "NoKey")
		add(withControl(c, "key."+control, "key"), text)
	}
	malformed := func(name, comment, text string) {
		c := about("key."+name, "4.1.4", 2, should, lockout, comment, "Malformed")
		add(withControl(c, "key.specification", "key"), text)
	}
	const short = "12345678"
	long := strings.Repeat("0123456789abcdef", 4)

	key("specification", must, "Normal", "the example of SPEC 4.1.4", "signkey-prod-"+short)
	key("prod", must, "Normal", "a key of a production environment", "signkey-prod-"+long)
	key("test", must, "Normal", "a key of a test environment", "signkey-test-"+long)
	key("branch", must, "Normal", "a key of branch environments", "signkey-branch-"+long)
	key("other-environment", must, "Prefix", "the environment in the prefix may be any word", "signkey-staging-"+long)
	key("word-of-digits", must, "Prefix", "the environment may be digits", "signkey-2026-"+long)
	key("word-of-hex", must, "Prefix", "the environment may look like a key", "signkey-abcdef-"+long)
	key("underscore", must, "Prefix", "an underscore is a word character", "signkey-my_env-"+long)
	key("capital-word", must, "Prefix", "upper-case letters are word characters", "signkey-PROD-"+long)
	key("one-letter", must, "Prefix", "the environment may be one letter", "signkey-p-"+long)
	key("one-byte", must, "Length", "a key of one byte", "signkey-prod-00")
	key("zero-bytes", must, "Length", "a key of NUL bytes is text for the HMAC and bytes for the hash", "signkey-prod-"+strings.Repeat("00", 32))
	key("block", must, "Length", "as long as the HMAC block", "signkey-prod-"+strings.Repeat("ab", 32))
	key("beyond-block", must, "Length", "longer than the HMAC block, so that the key is hashed first", "signkey-prod-"+strings.Repeat("ab", 33))
	key("very-long", must, "Length", "1 KiB", "signkey-prod-"+strings.Repeat("c0de", 512))
	bare := func(name, comment, text string) {
		c := about("key."+name, "4.1.4", 2, should, lockout, comment, "BarePrefix")
		add(ambiguous("R24", c), text)
	}
	bare("bare", "the bearer of a key without a prefix has no prefix", long)
	bare("bare-short", "a short key without a prefix", short)
	key("upper", must, "HexCase", "upper case is kept in the HMAC key and makes no difference to the hash", "signkey-prod-"+strings.ToUpper(long))
	key("mixed", must, "HexCase", "in mixed case the HMAC key differs and the bearer is the same", "signkey-prod-0123456789ABCDEF"+long[16:])
	for _, padded := range []struct{ name, comment, text string }{
		{"newline-behind", "a trailing newline", "signkey-prod-" + short + "\n"},
		{"crlf-behind", "a trailing carriage return and newline", "signkey-prod-" + short + "\r\n"},
		{"blank-before", "a leading space", " signkey-prod-" + short},
		{"blanks-around", "spaces on both sides", "  signkey-prod-" + short + "  "},
		{"tab-behind", "a trailing tab", "signkey-prod-" + short + "\t"},
	} {
		c := about("key."+padded.name, "3.1", 2, should, lockout, padded.comment, "WhiteSpace")
		add(ambiguous("R18", c), padded.text)
	}

	none("empty", "bare", "empty", "")
	none("blank", "bare", "one space", " ")
	none("white-space", "bare", "every kind of white space", " \t\r\n ")
	none("prefix-only", "prod", "only a prefix", "signkey-prod-")
	none("branch-prefix-only", "branch", "only a prefix, of a branch key", "signkey-branch-")
	none("prefix-and-blank", "prod", "only a prefix and a space", "signkey-prod- ")
	none("prefix-and-newline", "prod", "only a prefix and a newline", "signkey-prod-\n")

	malformed("odd-length", "an odd number of digits", "signkey-prod-1234567")
	malformed("one-digit", "one digit", "signkey-prod-1")
	malformed("not-hex", "letters beyond f", "signkey-prod-1234567z")
	malformed("blank-inside", "a space in the key", "signkey-prod-1234 5678")
	malformed("dash-inside", "a dash in the key", "signkey-prod-1234-5678")
	malformed("two-words", "a dash in the environment", "signkey-my-env-12345678")
	malformed("prefix-twice", "a repeated prefix", "signkey-prod-signkey-prod-12345678")
	malformed("no-word", "no environment in the prefix", "signkey--12345678")
	malformed("no-second-dash", "a prefix without its second dash", "signkey-12345678")
	malformed("word-only", "only the first word", "signkey")
	malformed("capital-signkey", "the first word in upper case, which is not a prefix", "SIGNKEY-prod-12345678")
	malformed("quoted", "quotes from a shell or a file around the key", `"signkey-prod-12345678"`)
	malformed("0x", "0x before the digits", "signkey-prod-0x345678")
	malformed("two-keys", "two keys, separated by a comma", "signkey-prod-12345678,signkey-prod-87654321")
	malformed("event-key", "a text without structure, like an event key", "not_a_signing_key")
	malformed("bearer-word", "the word Bearer before the key", "Bearer signkey-prod-12345678")
	malformed("full-width", "full-width digits", "signkey-prod-１２３４５６７８")
	malformed("zero-byte", "a trailing NUL byte", "signkey-prod-12345678\x00")
	return l.done()
}
