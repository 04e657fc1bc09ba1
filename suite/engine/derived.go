package engine

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/countersign-dev/countersign/suite"
)

// shortestPart is the length of the shortest part of a secret, or of what is derived
// from it, that is replaced.
const shortestPart = 12

// derived finds parts of secrets, and of what is derived from them, in texts. It
// looks twice: for what is written in hexadecimal, whatever its case and the
// separators in it, and for base64, within one line or several.
type derived struct {
	folded, exact *parts
	spelled       *parts // texts in hexadecimal: two digits for each character
}

// newDerived collects what can be derived from the secrets of a keyring: the secrets
// and their hashes, in hexadecimal and in base64 of both alphabets.
func newDerived(keys suite.Keyring) derived {
	d := derived{newParts(folding, shortestPart), newParts(joining, shortestPart), newParts(folding, 2*shortestPart)}
	for _, name := range []suite.KeyName{suite.Primary, suite.Fallback, suite.UnknownKey} {
		key := keys.Key(name)
		if key.IsZero() {
			continue
		}
		decoded, _ := hex.DecodeString(key.Secret())
		bearer, _ := hex.DecodeString(suite.BearerHash(key)) // it is in hexadecimal
		d.addSecret(key.Secret(), suite.SecretToken(name))
		d.addBytes(d.folded, decoded, suite.SecretToken(name))
		d.addBytes(d.folded, bearer, suite.HashToken(name))
		d.addBytes(d.spelled, []byte(suite.BearerHash(key)), suite.HashToken(name))
		for _, secret := range [][]byte{[]byte(key.Text()), []byte(key.Secret()), decoded, []byte(suite.BearerHash(key)), bearer} {
			d.addHashes(secret, suite.TextHashToken(name))
		}
	}
	// An introspection contains a hash of the event key.
	for _, other := range []struct{ secret, token string }{{keys.Canary, suite.CanaryToken}, {keys.EventKey, suite.EventKeyToken}} {
		if other.secret != "" {
			d.addSecret(other.secret, other.token)
		}
	}
	return d
}

// addSecret adds a secret as it is, reversed and encoded.
func (d derived) addSecret(secret, token string) {
	reversed := []byte(secret)
	slices.Reverse(reversed)
	d.folded.add(secret, token, true)
	d.folded.add(string(reversed), token, true)
	d.addBytes(d.spelled, []byte(secret), token)
}

// addBytes adds bytes in hexadecimal, and in base64, which depends on what stands
// before them.
func (d derived) addBytes(inHex *parts, bytes []byte, token string) {
	inHex.add(hex.EncodeToString(bytes), token, inHex == d.folded)
	for offset := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), bytes...))
		d.addBase64(encoded[(offset*8+5)/6:], token)
	}
}

func (d derived) addBase64(encoded, token string) {
	d.exact.add(encoded, token, false)
	d.exact.add(strings.NewReplacer("+", "-", "/", "_").Replace(encoded), token, false)
}

func (d derived) addHashes(secret []byte, token string) {
	one, two, three, four := md5.Sum(secret), sha1.Sum(secret), sha256.Sum256(secret), sha512.Sum512(secret)
	for _, sum := range [][]byte{one[:], two[:], three[:], four[:]} {
		d.folded.add(hex.EncodeToString(sum), token, false)
		d.addBase64(base64.RawStdEncoding.EncodeToString(sum), token)
	}
}

// replaced replaces what is found by tokens.
func (d derived) replaced(text string) string {
	text = d.exact.replaced(d.folded.replaced(text))
	return d.spelled.replaced(text)
}

// parts are all parts of a length of texts.
type parts struct {
	length int
	as     [256]byte         // how each byte is compared; 0 skips it
	tokens map[string]string // of what each part belongs to
	filter [filterBits / 64]uint64
}

// filterBits is the size of a filter that rules out most of what is no part.
const filterBits = 1 << 18

func newParts(as func(byte) byte, length int) *parts {
	p := &parts{length: length, tokens: map[string]string{}}
	for c := range p.as {
		p.as[c] = as(byte(c))
	}
	return p
}

// folding compares digits and letters without their case.
func folding(c byte) byte {
	switch {
	case '0' <= c && c <= '9', 'a' <= c && c <= 'z':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return 0
}

// joining compares everything, and joins lines.
func joining(c byte) byte {
	if c == '\n' || c == '\r' {
		return 0
	}
	return c
}

func filterBit(part []byte) uint64 {
	return binary.LittleEndian.Uint64(part) * 0x9E3779B97F4A7C15 >> (64 - 18)
}

// compared is a text as it is compared.
func (p *parts) compared(into []byte, text string) []byte {
	for i := range len(text) {
		if c := p.as[text[i]]; c != 0 {
			into = append(into, c)
		}
	}
	return into
}

// places are where the bytes that are compared stand in a text.
func (p *parts) places(text string) (at []int32) {
	for i := range len(text) {
		if p.as[text[i]] != 0 {
			at = append(at, int32(i))
		}
	}
	return at
}

// of returns the token of a part; is is false for what is no part.
func (p *parts) of(part []byte) (token string, is bool) {
	if bit := filterBit(part); p.filter[bit/64]>>(bit%64)&1 == 0 {
		return "", false
	}
	token, is = p.tokens[string(part)]
	return token, is
}

// buffers are reused: most texts have no part in them.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// add adds the parts of a text; a part of a typed one that may occur anywhere by
// chance is left out.
func (p *parts) add(text, token string, typed bool) {
	bytes := p.compared(nil, text)
	for i := 0; i+p.length <= len(bytes); i++ {
		part := bytes[i : i+p.length]
		if _, known := p.tokens[string(part)]; known || typed && !isDistinctive(string(part)) {
			continue
		}
		p.tokens[string(part)] = token
		bit := filterBit(part)
		p.filter[bit/64] |= 1 << (bit % 64)
	}
}

// replaced replaces each run of parts by the token of its first.
func (p *parts) replaced(text string) string {
	if len(text) < p.length {
		return text
	}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	bytes := p.compared((*buffer)[:0], text)
	*buffer = bytes
	first := 0
	for ; first+p.length <= len(bytes); first++ {
		if _, is := p.of(bytes[first : first+p.length]); is {
			return p.without(text, bytes, first)
		}
	}
	return text
}

// without replaces the parts in a text, of which the first is known.
func (p *parts) without(text string, bytes []byte, first int) string {
	at := p.places(text)
	var clean strings.Builder
	written, end, token := 0, -1, "" // what was written of the text; the run that is open, up to end
	flush := func() {
		if end >= 0 {
			clean.WriteString(token)
			written, end = int(at[end])+1, -1
		}
	}
	for i := first; i+p.length <= len(bytes); i++ {
		of, is := p.of(bytes[i : i+p.length])
		if !is {
			continue
		}
		if i > end {
			flush()
			clean.WriteString(text[written:at[i]])
			token = of
		}
		end = i + p.length - 1
	}
	flush()
	clean.WriteString(text[written:])
	return clean.String()
}

// isDistinctive reports whether a piece of a secret has several different
// characters. Others, as in a key typed by hand, may occur anywhere by chance.
func isDistinctive(text string) bool {
	different := map[rune]bool{}
	for _, c := range text {
		different[c] = true
	}
	return len(different) >= 6
}
