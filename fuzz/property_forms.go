package fuzz

import (
	"encoding/base64"
	"encoding/hex"
	"strings"

	"pgregory.net/rapid"
)

// TheCanonicalFormIsItsOwn: canonicalising twice is canonicalising once, white
// space around a text changes nothing, and the argument is left as it was.
func (s Scheme) TheCanonicalFormIsItsOwn(t *rapid.T) {
	text := Text().Draw(t, "text")
	body := []byte(text)
	once, err := s.Canonicalise(body)
	if string(body) != text {
		t.Fatalf("the argument %q became %q", text, body)
	}
	if err != nil {
		if once != nil {
			t.Fatalf("%q is rejected and yet gives %q", text, once)
		}
		return
	}
	form := string(once) // a copy: the second call may share its memory
	if twice, err := s.Canonicalise(once); err != nil || string(twice) != form {
		t.Fatalf("%q becomes %q and then %q, %v", text, form, twice, err)
	}
	if padded, err := s.Canonicalise([]byte(" \t" + text + "\r\n")); err != nil || string(padded) != form {
		t.Fatalf("%q becomes %q, and with white space around it %q, %v", text, form, padded, err)
	}
}

// TheBearerRevealsNothingOfTheKey: no part of the key that is too long for a
// coincidence is in the bearer, in any case or encoding; the bearer is the prefix
// and the SHA-256 of the decoded digits, the same for both cases of a digit.
func (s Scheme) TheBearerRevealsNothingOfTheKey(t *rapid.T) {
	key := keyText(LongKeyText().Draw(t, "key"))
	bearer := s.Bearer(s.key(t, key))
	hash, prefixed := strings.CutPrefix(bearer, key.prefix())
	if raw, err := hex.DecodeString(hash); err != nil || !prefixed || len(raw) != 32 || strings.ToLower(hash) != hash {
		t.Fatalf("%q is not %q and 64 digits", bearer, key.prefix())
	}
	for name, spelled := range spelledOut(key) {
		if part := common(hash, spelled); part != "" {
			t.Fatalf("the bearer %q has %q of the key as %s", bearer, part, name)
		}
	}
	for _, again := range []string{strings.ToLower(key.secret()), strings.ToUpper(key.secret())} {
		if other := s.Bearer(s.key(t, keyText(key.prefix()+again))); other != bearer {
			t.Fatalf("the bearer is %q, and with digits in another case %q", bearer, other)
		}
	}
	if bearer != key.bearer() {
		t.Fatalf("the bearer is %q, want %q", bearer, key.bearer())
	}
}

// spelledOut is a key's secret in the forms in which it might leak.
func spelledOut(key keyText) map[string]string {
	secret, raw := strings.ToLower(key.secret()), key.raw()
	return map[string]string{
		"text": secret, "bytes": string(raw), "hex of its text": hex.EncodeToString([]byte(secret)),
		"Base64": strings.ToLower(base64.StdEncoding.EncodeToString(raw)), "reversed text": reversed(secret),
	}
}

func reversed(text string) string {
	var b strings.Builder
	for i := len(text) - 1; i >= 0; i-- {
		b.WriteByte(text[i])
	}
	return b.String()
}

// common is a part of one text that is in the other: 12 letters, which chance
// puts there once in 10¹¹ keys.
func common(one, other string) string {
	const long = 12
	for i := 0; i+long <= len(other); i++ {
		if part := other[i : i+long]; strings.Contains(one, part) {
			return part
		}
	}
	return ""
}
