package live

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// scene is all that a request takes from outside.
type scene struct {
	suite.Scene
	singleUse bool           // the target accepts each signature once only
	captured  signedResponse // of the target; empty where there is none
	before    *attempt       // what was sent right before; nil where that does not matter
}

// signedResponse is a response with the signature in its header.
type signedResponse struct {
	signature string
	body      []byte
}

// request is a request with what the oracle must know about it.
type request struct {
	suite.Made
	signer suite.KeyName // whose key made the MAC
	// valid: every step left the meaning of the request as it was.
	valid bool
	// misframed: the framing contradicts itself, so no response is required.
	misframed bool
}

// draft is a request while steps are applied to it.
type draft struct {
	scene     scene
	base      Base
	valid     bool
	misframed bool

	connection          string // that the request shares with others; empty is any
	method, path, query string
	version             string        // of HTTP, if it is not the usual one
	fields              []suite.Field // without the signature
	body                []byte
	chunked             bool

	mac    macPlan
	header headerPlan
}

// macPlan is how the MAC is made.
type macPlan struct {
	signer suite.KeyName
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
	first  bool     // the further lines come before the first one
	absent bool
}

// newDraft begins with a valid request, or with one that deviates.
func newDraft(base Base, s scene, deviations ...suite.Fields) *draft {
	stimulus := bases[base].stimulus
	if len(deviations) > 0 {
		stimulus = suite.With(stimulus, deviations)
	}
	made := suite.Make(stimulus, s.Scene)
	d := &draft{scene: s, base: base, valid: true, method: made.Request.Method, body: made.Request.Body, version: made.Request.Version}
	d.path, d.query, _ = strings.Cut(made.Request.Target, "?")
	d.fields = slices.DeleteFunc(made.Request.Header, func(f suite.Field) bool { return f.Name == reference.HeaderSignature })
	d.mac = macPlan{signer: suite.Primary, key: []byte(s.Keys.Primary.Secret()), hash: sha256.New, joined: bodyFirst}
	d.header = headerPlan{field: reference.HeaderSignature, t: "{t}", value: "t={t}&s={s}", s: func(mac string) string { return mac }}
	switch in := stimulus.Fields(); {
	case in.Header != "" || in.Over != "" || in.Hash != "":
		d.header.whole = &made.Signature
	case in.Key != "":
		d.mac.signer, d.mac.key = in.Key, s.Keys.HMACKey(in.Key)
	}
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
	at := d.scene.Now.Add(-d.mac.age).Add(d.header.redate)
	return strings.ReplaceAll(d.header.t, "{t}", unix(at))
}

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// covered is the bytes under the MAC.
func (d *draft) covered() []byte {
	message, t := d.message(), decoded(d.shown())
	if d.mac.over != nil {
		message = d.mac.over(message)
	}
	if d.mac.t != nil {
		t = *d.mac.t
	}
	return d.mac.joined(message, t)
}

// signed is the MAC of the request as planned.
func (d *draft) signed() string {
	covered := d.covered()
	h := d.mac.hash()
	if !d.mac.plain {
		h = hmac.New(d.mac.hash, d.mac.key)
	}
	h.Write(covered)
	return hex.EncodeToString(h.Sum(nil))
}

func (d *draft) finish() request {
	r := request{signer: d.mac.signer, valid: d.valid, misframed: d.misframed}
	r.MAC, r.Entity = d.signed(), d.body
	target := d.path
	if d.query != "" {
		target += "?" + d.query
	}
	d.chunk()
	r.Request = suite.Request{Method: d.method, Target: target, Header: append(slices.Clip(d.fields), d.lines(r.MAC)...), Body: d.body, Version: d.version, Connection: d.connection}
	return r
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
	return strings.NewReplacer("{t}", d.shown(), "{s}", d.header.s(mac), "{old}", d.validValue(time.Hour)).Replace(d.header.value)
}

// validValue is the header of the same request signed some time ago.
func (d *draft) validValue(ago time.Duration) string {
	t := unix(d.scene.Now.Add(-ago))
	mac := d.scene.Keys.Primary.MAC(d.message(), t)
	return "t=" + t + "&s=" + hex.EncodeToString(mac[:])
}

// chunk cuts the body into two chunks.
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

// decoded is a parameter as a reader of query strings takes it.
func decoded(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
