package live

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// draft is a request while steps are applied to it.
type draft struct {
	world  World
	kind   Kind
	honest bool
	lying  bool

	method, path, query string
	fields              []suite.Field // without the signature
	body                []byte
	frame               func(*draft) // applied last
	chunked             bool

	mac    macPlan
	header headerPlan
}

// macPlan is how the MAC is made.
type macPlan struct {
	key    []byte
	hash   func() hash.Hash
	plain  bool                                  // a hash without a key
	sealed *[]byte                               // what was signed before the body was changed
	over   func(message []byte) []byte           // what is covered instead of the message
	joined func(message []byte, t string) []byte // how message and time are put together
	age    time.Duration
	t      *string // the time that is covered, where the header shows another
}

// headerPlan is how the header is spelled.
type headerPlan struct {
	field  string // its name
	t      string // with {t} for the number
	redate time.Duration
	s      func(mac string) string
	value  string // with {t} and {s}
	whole  *string
	more   []string // values of further lines
	first  bool     // they stand before
	absent bool
}

func newDraft(kind Kind, w World) *draft {
	made := suite.Make(stimuli[kind], suite.Scene{
		Keys: w.Keys, Now: w.Now, Nonce: w.Nonce, Path: w.Path, Host: w.Host, Visibility: w.Sight,
	})
	d := &draft{world: w, kind: kind, honest: true, method: made.Request.Method, body: made.Request.Body}
	d.path, d.query, _ = strings.Cut(made.Request.Target, "?")
	d.fields = slices.DeleteFunc(made.Request.Header, func(f suite.Field) bool { return f.Name == reference.HeaderSignature })
	d.mac = macPlan{key: []byte(w.Keys.Primary.Secret()), hash: sha256.New, joined: bodyFirst}
	d.header = headerPlan{field: reference.HeaderSignature, t: "{t}", value: "t={t}&s={s}", s: func(mac string) string { return mac }}
	return d
}

func bodyFirst(message []byte, t string) []byte { return append(slices.Clip(message), t...) }

// seal keeps the signature as it is while the body changes.
func (d *draft) seal(signed bool) {
	if signed {
		d.mac.sealed = nil
		return
	}
	if d.mac.sealed == nil {
		message := d.message()
		d.mac.sealed = &message
	}
}

// sealTime keeps the signature as it is while the time in the header changes.
func (d *draft) sealTime(signed bool) {
	if signed {
		d.mac.t = nil
		return
	}
	if d.mac.t == nil {
		t := decoded(d.shown())
		d.mac.t = &t
	}
}

// message is what the MAC covers besides the time: the canonical form, or the
// bytes as they are where there is none.
func (d *draft) message() []byte {
	if d.mac.sealed != nil {
		return *d.mac.sealed
	}
	if canonical, err := reference.Canonicalise(d.body); err == nil {
		return canonical
	}
	return d.body
}

// shown is the time as the header spells it.
func (d *draft) shown() string {
	at := d.world.Now.Add(-d.mac.age).Add(d.header.redate)
	return strings.ReplaceAll(d.header.t, "{t}", unix(at))
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// signed is the MAC of the request as planned.
func (d *draft) signed() string {
	message, t := d.message(), decoded(d.shown())
	if d.mac.over != nil {
		message = d.mac.over(message)
	}
	if d.mac.t != nil {
		t = *d.mac.t
	}
	text := d.mac.joined(message, t)
	h := d.mac.hash()
	if !d.mac.plain {
		h = hmac.New(d.mac.hash, d.mac.key)
	}
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil))
}

func (d *draft) finish() Sent {
	mac := d.signed()
	target := d.path
	if d.query != "" {
		target += "?" + d.query
	}
	sent := Sent{Entity: d.body, Signature: mac, Honest: d.honest, Lying: d.lying}
	if d.frame != nil {
		d.frame(d)
		sent.Entity = d.body
	}
	d.chunk()
	fields := append(slices.Clip(d.fields), d.lines(mac)...)
	sent.Request = suite.Request{Method: d.method, Target: target, Header: fields, Body: d.body}
	return sent
}

// lines are the header fields that carry signatures.
func (d *draft) lines(mac string) []suite.Field {
	if d.header.absent {
		return nil
	}
	values := append([]string{d.spell(mac)}, d.header.more...)
	if d.header.first {
		slices.Reverse(values)
	}
	var lines []suite.Field
	for _, value := range values {
		lines = append(lines, suite.Field{Name: d.header.field, Value: value})
	}
	return lines
}

func (d *draft) spell(mac string) string {
	if d.header.whole != nil {
		return *d.header.whole
	}
	return strings.NewReplacer("{t}", d.shown(), "{s}", d.header.s(mac), "{old}", d.honestValue(time.Hour)).Replace(d.header.value)
}

// honestValue is the header of the same request signed some time ago.
func (d *draft) honestValue(ago time.Duration) string {
	t := unix(d.world.Now.Add(-ago))
	mac := d.world.Keys.Primary.MAC(d.message(), t)
	return "t=" + t + "&s=" + hex.EncodeToString(mac[:])
}

func (d *draft) chunk() {
	if !d.chunked {
		return
	}
	half := len(d.body) / 2
	var cut bytes.Buffer
	for _, part := range [][]byte{d.body[:half], d.body[half:]} {
		if len(part) > 0 {
			cut.WriteString(strconv.FormatInt(int64(len(part)), 16) + "\r\n" + string(part) + "\r\n")
		}
	}
	d.body = append(cut.Bytes(), "0\r\n\r\n"...)
	d.fields = append(d.fields, suite.Field{Name: "Transfer-Encoding", Value: "chunked"})
}

// set gives a field a value, or adds it.
func (d *draft) set(name, value string) {
	for i, f := range d.fields {
		if strings.EqualFold(f.Name, name) {
			d.fields[i].Value = value
			return
		}
	}
	d.fields = append(d.fields, suite.Field{Name: name, Value: value})
}
