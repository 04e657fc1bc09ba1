package explain

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Key is a key that a request may be signed with.
type Key struct {
	Name string // "your signing key"
	Text string // as it is configured
	// Other marks a key that does not belong to the endpoint: that of another
	// environment, or an event key.
	Other bool
}

// Match is a way to make a MAC.
type Match struct {
	Key       string  `json:"key"`                 // whose it is
	Form      string  `json:"keyForm,omitempty"`   // what is wrong with it: "with a line feed behind it"
	Message   string  `json:"message,omitempty"`   // what it covers: "the body before a line feed was added"
	T         string  `json:"t,omitempty"`         // what is wrong with the time under the MAC
	Algorithm string  `json:"algorithm,omitempty"` // what is wrong with the algorithm
	Fix       string  `json:"fix,omitempty"`       // of the key
	form      KeyForm // that made it
	message   message
}

// Plain reports whether nothing is wrong.
func (m Match) Plain() bool { return m.Form == "" && m.Message == "" && m.T == "" && m.Algorithm == "" }

// String says how the MAC was made: "signed with your fallback key, over the body
// before a line feed was added".
func (m Match) String() string {
	text := "signed with " + m.Key
	if m.Form != "" {
		text += " " + m.Form
	}
	over := m.Message
	if over == "" && m.T == "" && m.Algorithm == "" {
		return text
	}
	if over != "" {
		text += ", over " + over
	}
	for _, more := range []string{m.T, m.Algorithm} {
		if more != "" {
			text += ", " + more
		}
	}
	return text
}

// choice is one value of one thing that may be wrong, and how many mistakes it takes.
type choice[T any] struct {
	value    T
	mistakes int
}

type secret struct {
	whose string
	form  KeyForm
}

type instant struct{ text, name string }

// way is how key, message and time are combined.
type way struct {
	name string
	mac  func(secret, message []byte, t string) []byte
}

func hmacOf(h func() hash.Hash) func(secret, message []byte, t string) []byte {
	return func(secret, message []byte, t string) []byte {
		mac := hmac.New(h, secret)
		mac.Write(message)
		mac.Write([]byte(t))
		return mac.Sum(nil)
	}
}

// joined is HMAC-SHA256 over the parts in another order or with delimiters.
func joined(join func(message []byte, t string) string) func(secret, message []byte, t string) []byte {
	return func(secret, message []byte, t string) []byte {
		return hmacOf(sha256.New)(secret, []byte(join(message, t)), "")
	}
}

func ways() []choice[way] {
	all := []choice[way]{{way{"", hmacOf(sha256.New)}, 0}}
	add := func(name string, mac func(secret, message []byte, t string) []byte) {
		all = append(all, choice[way]{way{name, mac}, 1})
	}
	add("with t before the body", joined(func(m []byte, t string) string { return t + string(m) }))
	add("with t and a dot before the body", joined(func(m []byte, t string) string { return t + "." + string(m) }))
	add("with a dot between body and t", joined(func(m []byte, t string) string { return string(m) + "." + t }))
	add("with `t=` before t", joined(func(m []byte, t string) string { return string(m) + "t=" + t }))
	add("by HMAC-SHA-512", hmacOf(sha512.New))
	add("by HMAC-SHA-384", hmacOf(sha512.New384))
	add("by HMAC-SHA-1", hmacOf(sha1.New))
	add("by HMAC-MD5", hmacOf(md5.New))
	add("by SHA-256 of key, body and t, without HMAC", func(secret, message []byte, t string) []byte {
		sum := sha256.Sum256([]byte(string(secret) + string(message) + t))
		return sum[:]
	})
	return all
}

func secrets(keys []Key) (all []choice[secret]) {
	for _, k := range keys {
		for _, form := range KeyForms(k.Text) {
			mistakes := 0
			if !form.Right() {
				mistakes++
			}
			if k.Other {
				mistakes++
			}
			all = append(all, choice[secret]{secret{k.Name, form}, mistakes})
		}
	}
	for _, form := range Placeholders() {
		all = append(all, choice[secret]{secret{form.Name, KeyForm{Fix: form.Fix, Secret: form.Secret}}, 1})
	}
	return all
}

// instants are the times that a MAC may cover, where the header says t.
func instants(t string, seen time.Time) []choice[instant] {
	if t == "" {
		all := []choice[instant]{{instant{"", "without any time"}, 1}}
		for by := -300; by <= 300; by++ {
			text := strconv.FormatInt(seen.Unix()+int64(by), 10)
			all = append(all, choice[instant]{instant{text, "at t=" + text + ", which the header does not say"}, 1})
		}
		return all
	}
	all := []choice[instant]{{instant{t, ""}, 0}}
	add := func(text, name string) {
		if text != t {
			all = append(all, choice[instant]{instant{text, name}, 1})
		}
	}
	add("", "without t")
	seconds, err := strconv.ParseInt(strings.TrimSpace(t), 10, 64)
	if err != nil {
		add(strings.TrimSpace(t), "without the white space around t")
		return all
	}
	add(strconv.FormatInt(seconds, 10), "with t written in another way")
	add(t+"000", "with t in milliseconds")
	if len(t) > 11 {
		add(strconv.FormatInt(seconds/1000, 10), "with t in seconds where the header says milliseconds")
	}
	for _, by := range []int64{-1, 1, -2, 2} {
		add(strconv.FormatInt(seconds+by, 10), fmt.Sprintf("with a t that differs from the header's by %+d s", by))
	}
	for _, hours := range []int64{-12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} {
		add(strconv.FormatInt(seconds+hours*3600, 10), fmt.Sprintf("with a t that differs from the header's by %+d h, as a time zone does", hours))
	}
	at := time.Unix(seconds, 0).UTC()
	add(at.Format(time.RFC3339), "with t as a date (RFC 3339)")
	return all
}

// covered collects what a MAC may cover, by how many changes it takes.
type covered struct {
	body  []byte
	all   []choice[message]
	once  []message // that differ from the body by one change
	known map[[32]byte]bool
}

func newCovered(body []byte) *covered {
	c := &covered{body: body, known: map[[32]byte]bool{}}
	c.add(message{text: body}, 0)
	return c
}

func (c *covered) add(m message, mistakes int) {
	if sum := sha256.Sum256(m.text); !c.known[sum] {
		c.known[sum] = true
		c.all = append(c.all, choice[message]{m, mistakes})
	}
}

// extend adds the messages that take so many changes.
func (c *covered) extend(mistakes int) {
	switch {
	case mistakes == 1:
		c.once = earlier(c.body)
		for _, m := range append(slices.Clip(c.once), others(c.body)...) {
			c.add(m, 1)
		}
	case mistakes == 2 && len(c.body) <= maxPairs:
		for _, first := range c.once {
			for _, second := range earlier(first.text) {
				second.before = append(slices.Clip(second.before), first.before...)
				if second.over == "" {
					second.over = first.over
				}
				c.add(second, 2)
			}
		}
	}
}

// Bounds of a search.
const (
	maxPairs    = 256 << 10 // the longest body of which pairs of changes are tried, in bytes
	maxMistakes = 3
	maxHashed   = 2 << 30 // bytes in all
)

// search finds the ways to make a MAC that take the fewest mistakes. It reports how
// many it tried, and whether it tried all.
func search(mac, body []byte, t string, seen time.Time, keys []Key) (found []Match, tried int, all bool) {
	hashed := 0
	where := [4]int{}
	keyChoices, bodies, times, algorithms := secrets(keys), newCovered(body), instants(t, seen), ways()
	for mistakes := 0; mistakes <= maxMistakes && len(found) == 0; mistakes++ {
		bodies.extend(mistakes)
		for _, k := range keyChoices {
			where[0] = k.mistakes
			for _, m := range bodies.all {
				if where[1] = where[0] + m.mistakes; where[1] > mistakes {
					continue
				}
				for _, w := range algorithms {
					if where[2] = where[1] + w.mistakes; where[2] > mistakes {
						continue
					}
					for _, at := range times {
						if where[2]+at.mistakes != mistakes {
							continue
						}
						if hashed += len(m.value.text) + 128; hashed > maxHashed {
							return found, tried, false
						}
						tried++
						if equal(w.value.mac(k.value.form.Secret, m.value.text, at.value.text), mac) {
							found = append(found, match(k.value, m.value, at.value, w.value))
						}
					}
				}
			}
		}
	}
	return found, tried, true
}

// equal compares a MAC with a possibly cut one.
func equal(made, got []byte) bool {
	const least = 8 // bytes, so that nothing matches by chance
	if len(got) < least || len(got) > len(made) {
		return false
	}
	return string(made[:len(got)]) == string(got)
}

func match(s secret, m message, at instant, w way) Match {
	found := Match{Key: s.whose, Form: s.form.Name, T: at.name, Algorithm: w.name, Fix: s.form.Fix, form: s.form, message: m}
	if len(m.before) > 0 || m.over != "" {
		found.Message = m.String()
	}
	return found
}

// decodeMAC reads s leniently, and says how it is written.
func decodeMAC(s string) (mac []byte, written string) {
	text := strings.Trim(strings.TrimSpace(s), `"'`)
	for _, name := range []string{"sha256=", "v1=", "hmac-sha256=", "0x"} {
		text = strings.TrimPrefix(text, name)
	}
	if mac, err := hex.DecodeString(text); err == nil {
		return mac, "hexadecimal"
	}
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(text), "=")
	if mac, err := base64.RawStdEncoding.DecodeString(text); err == nil {
		return mac, "base64"
	}
	return nil, ""
}
