package fuzz

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// changeBody puts another document in its place, or edits one byte.
func changeBody(t *rapid.T, m message) message {
	if rapid.Bool().Draw(t, "by a byte") {
		m.body = edit(t, m.body, jsonLetters)
	} else {
		m.body = Document().Draw(t, "other body")
	}
	return m
}

// changeTime writes a second nearby into the header.
func changeTime(t *rapid.T, m message) message {
	other := m.at.Unix() + rapid.Int64Range(1, 300).Draw(t, "step")
	if rapid.Bool().Draw(t, "earlier") || other > lastSecond {
		other = m.at.Unix() - (other - m.at.Unix())
	}
	if other < 0 {
		t.Skip("no header spells a time before 1970")
	}
	_, mac, _ := strings.Cut(m.header, "&s=")
	m.header = fmt.Sprintf("t=%d&s=%s", other, mac)
	return m
}

// changeMAC flips one bit.
func changeMAC(t *rapid.T, m message) message {
	front, digits, _ := strings.Cut(m.header, "&s=")
	mac, _ := hex.DecodeString(digits) // the scheme wrote it
	bit := rapid.IntRange(0, 8*sha256.Size-1).Draw(t, "bit")
	mac[bit/8] ^= 1 << (bit % 8)
	m.header = front + "&s=" + hex.EncodeToString(mac)
	return m
}

// changeKey gives the verifier another key. The prefix alone makes no other key.
func (s Scheme) changeKey(t *rapid.T, m message) message {
	another := func(text string) bool { return keyText(text).secret() != m.text.secret() }
	other := keyText(KeyText().Filter(another).Draw(t, "other key"))
	m.keys = reference.Keys{Primary: s.key(t, other)}
	return m
}

// changeHeader edits one byte of the header's text.
func changeHeader(t *rapid.T, m message) message {
	was := m.header
	if m.header = edit(t, was, headerLetters); m.header == was {
		t.Skip("the edit changed nothing")
	}
	return m
}

// changeClock has the verifier check too late, or too early.
func changeClock(t *rapid.T, m message) message {
	m.now = rapid.OneOf(tooLate(m.at), tooSoon(m.at)).Draw(t, "then")
	return m
}
