package suite

import (
	"reflect"
	"strings"
	"time"
)

// Stimulus is what a case sends. Its zero value is authentic, well-formed and
// on time.
type Stimulus interface {
	Kind() Kind
	Fields() Fields
}

// Kind is the kind of a request.
type Kind string

// The kinds.
const (
	KindCall        Kind = "call"
	KindProbe       Kind = "trust probe"
	KindIntrospect  Kind = "introspection"
	KindSync        Kind = "out-of-band sync"
	KindInBandSync  Kind = "in-band sync"
	KindOtherMethod Kind = "other method"
)

// Call is a POST that asks a function to run (SPEC 4.4).
type Call Fields

// Probe is a POST that asks whether a signature holds, and runs nothing.
type Probe Fields

// Introspect is a GET (SPEC 4.5).
type Introspect Fields

// Sync is a PUT that makes the SDK register its functions with the API (SPEC 4.3).
type Sync Fields

// InBandSync is a PUT that is answered with the functions themselves (SPEC 4.3.5).
type InBandSync Fields

// OtherMethod is a request with any other method.
type OtherMethod Fields

func (Call) Kind() Kind        { return KindCall }
func (Probe) Kind() Kind       { return KindProbe }
func (Introspect) Kind() Kind  { return KindIntrospect }
func (Sync) Kind() Kind        { return KindSync }
func (InBandSync) Kind() Kind  { return KindInBandSync }
func (OtherMethod) Kind() Kind { return KindOtherMethod }

func (s Call) Fields() Fields        { return Fields(s) }
func (s Probe) Fields() Fields       { return Fields(s) }
func (s Introspect) Fields() Fields  { return Fields(s) }
func (s Sync) Fields() Fields        { return Fields(s) }
func (s InBandSync) Fields() Fields  { return Fields(s) }
func (s OtherMethod) Fields() Fields { return Fields(s) }

// Fields is what can be said about a request to a target. Fields tagged
// `fault` make an authentic request an unacceptable one; a negative case sets
// exactly one of them.
type Fields struct {
	Method   string   // Ask: the method
	Function string   // the whole function id; empty is the echo function's
	Body     BodyForm // how the payload is written
	Headers  string   // more header fields, one "Name: value" a line
	Host     string   // another Host field
	NamesURL string   // in-band sync: the URL that the body names
	UseAPI   bool     // the payload is to be fetched from the API (SPEC 4.4.2)

	APIRefuses KeyName // the stand-in API refuses this key's bearer
	APIStatus  int     // with this status; the zero value is 401
	APIAnswers int     // the stand-in API answers every bearer with this status
	APIConduct Conduct // the stand-in API misbehaves in this way

	Chunked     bool   // the body is sent in chunks, without a length
	ContentType string // the zero value is application/json

	Key      KeyName       `fault:"key"`       // signs; the zero value is Primary
	Unsigned bool          `fault:"unsigned"`  // without the header
	Age      time.Duration `fault:"age"`       // signed this long ago; negative is ahead
	Redate   time.Duration `fault:"redate"`    // t moved by this much after signing
	Header   string        `fault:"header"`    // another spelling, see [spell]
	Tamper   Tamper        `fault:"tamper"`    // the body changed after signing
	Over     MACInput      `fault:"over"`      // another message was signed
	Hash     HashName      `fault:"algorithm"` // signed by another algorithm
	Gzipped  bool          `fault:"encoding"`  // the body compressed after it was signed
	Bodiless bool          `fault:"body"`      // no body at all, and the MAC of none
	Split    Split         `fault:"split"`     // an expired message, split anew between body and t
}

// BodyForm is how the payload of a request is written.
type BodyForm string

// The forms. A MAC covers the canonical form whatever the form sent.
const (
	Canonical     BodyForm = ""                       // as the server writes a call
	Rich          BodyForm = "rich"                   // canonical, with every kind of character and number
	ServerEncoded BodyForm = "as the server encodes"  // &, < and > escaped, as the server writes a sync
	Respaced      BodyForm = "with white space"       // the same value, spaces added
	Reordered     BodyForm = "with members reordered" // the same value, last member first
	Large         BodyForm = "of almost four mebibytes"

	// Bodies without a canonical form, or with an odd one. They are sent unsigned.
	NotJSON        BodyForm = "not JSON"
	Truncated      BodyForm = "truncated JSON"
	Trailing       BodyForm = "JSON with trailing data"
	InvalidUTF8    BodyForm = "JSON with invalid UTF-8"
	ByteOrderMark  BodyForm = "JSON after a byte order mark"
	LoneSurrogate  BodyForm = "JSON with half a surrogate pair"
	HugeNumber     BodyForm = "JSON with a number beyond double"
	Nested         BodyForm = "JSON nested ten thousand deep"
	DuplicateNames BodyForm = "JSON with a name twice"
	Null           BodyForm = "null"
	Scalar         BodyForm = "a number"
	List           BodyForm = "a list"
	Prototype      BodyForm = "an object with a member named __proto__"
)

// odd are the bodies that are sent as they stand.
var odd = map[BodyForm]string{
	NotJSON: "not json", Truncated: `{"event":{"data":`, Trailing: `{} x`, InvalidUTF8: "{\"a\":\"\xff\xfe\"}",
	ByteOrderMark: "\ufeff{}", LoneSurrogate: `{"a":"\ud800"}`, HugeNumber: `{"a":1e999}`,
	Nested: strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), DuplicateNames: `{"a":1,"a":2}`,
	Null: "null", Scalar: "1", List: "[]", Prototype: `{"__proto__":{"toString":1},"constructor":{"prototype":null}}`,
}

// Tamper is where a body was changed after it was signed.
type Tamper string

// The places.
const (
	AtStart  Tamper = "at the start"
	InMiddle Tamper = "in the middle"
	AtEnd    Tamper = "at the end"
	Emptied  Tamper = "emptied"
	Replaced Tamper = "replaced"
)

// MACInput is what the MAC covers instead of the body.
type MACInput string

// The MAC inputs.
const (
	NoMessage    MACInput = "only the timestamp"
	OtherBody    MACInput = "another request's body"
	FirstHalf    MACInput = "the first half of the body"
	TimeFirst    MACInput = "the timestamp before the body"
	BodyOnly     MACInput = "the body without the timestamp"
	RawBytes     MACInput = "the bytes as sent"
	DecodedAsKey MACInput = "the body, with the key hex-decoded"
	WholeKeyText MACInput = "the body, with the key's prefix kept"
)

// HashName is another algorithm.
type HashName string

// The algorithms.
const (
	SHA1   HashName = "HMAC-SHA1"
	SHA512 HashName = "HMAC-SHA512"
	Plain  HashName = "SHA-256 without a key"
)

// faults names the fault fields that are set. A key that the set-up is
// configured with is no fault.
func (in Fields) faults(s Setup) []string {
	var set []string
	value := reflect.ValueOf(in)
	for i := range value.NumField() {
		name, isFault := value.Type().Field(i).Tag.Lookup("fault")
		if isFault && !value.Field(i).IsZero() && (name != "key" || !s.holds(in.Key)) {
			set = append(set, name)
		}
	}
	return set
}

// valid is the same request with every fault mended.
func (in Fields) valid(s Setup) Fields {
	value := reflect.ValueOf(&in).Elem()
	for i := range value.NumField() {
		name, isFault := value.Type().Field(i).Tag.Lookup("fault")
		if isFault && (name != "key" || !s.holds(in.Key)) {
			value.Field(i).SetZero()
		}
	}
	if !s.hasPrimary() && s.hasFallback() {
		in.Key = Fallback
	}
	return in
}

// holds reports whether a set-up is configured with a key.
func (s Setup) holds(name KeyName) bool {
	switch name {
	case "", Primary:
		return s.hasPrimary()
	case Fallback:
		return s.hasFallback() && s.Fallback != Repeated
	}
	return false
}

// Scripts reports whether the stimulus needs the stand-in API to answer in a
// way of its own.
func (in Fields) Scripts() bool {
	return in.APIRefuses != "" || in.APIAnswers != 0 || in.APIConduct != ""
}

// ControlOf is the control of a case in a set-up: its stimulus without the fault,
// or a valid call where the stimulus has no acceptable form.
func ControlOf(c Case, s Setup) Stimulus {
	in := c.When.Fields().valid(s).asSent()
	if c.Destructive {
		return Call(Fields{}.valid(s))
	}
	switch c.When.Kind() {
	case KindCall:
		in.Function = ""
		return Call(in)
	case KindProbe:
		return Probe(in)
	case KindIntrospect:
		return Introspect(in)
	case KindInBandSync:
		return InBandSync(in)
	}
	return Call(Fields{}.valid(s))
}

// asSent is the request as the server sends it, without what only its transport
// changes: a target may refuse that (R31, R32), whoever signed it.
func (in Fields) asSent() Fields {
	in.Headers, in.Host, in.ContentType, in.Chunked = "", "", "", false
	return in
}

// Conduct is how the stand-in misbehaves.
type Conduct string

// The kinds of misconduct.
const (
	Redirects Conduct = "redirects to another origin" // 307, so that method and body go along
	Withholds Conduct = "withholds its response and closes the connection"
)
