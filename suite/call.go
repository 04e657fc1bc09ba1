package suite

import (
	"reflect"
	"strings"
	"time"
)

// Stimulus is the request of a case. Its zero value is a valid request: signed,
// well-formed and current.
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
	KindConnect     Kind = "start of a worker"
)

// Call is a POST that runs a function (SPEC 4.4).
type Call Fields

// Probe is a trust probe: a POST that has its signature verified and runs nothing.
type Probe Fields

// Introspect is a GET (SPEC 4.5).
type Introspect Fields

// Sync is a PUT that makes the SDK register its functions with the API (SPEC 4.3).
type Sync Fields

// InBandSync is a PUT whose response lists the functions (SPEC 4.3.5).
type InBandSync Fields

// OtherMethod is a request with any other method.
type OtherMethod Fields

// Work makes the target app start a worker, which connects to Inngest (SPEC 8). It is
// the app's own request: no SDK sees it.
type Work Fields

func (Call) Kind() Kind        { return KindCall }
func (Probe) Kind() Kind       { return KindProbe }
func (Introspect) Kind() Kind  { return KindIntrospect }
func (Sync) Kind() Kind        { return KindSync }
func (InBandSync) Kind() Kind  { return KindInBandSync }
func (OtherMethod) Kind() Kind { return KindOtherMethod }
func (Work) Kind() Kind        { return KindConnect }

func (s Call) Fields() Fields        { return Fields(s) }
func (s Probe) Fields() Fields       { return Fields(s) }
func (s Introspect) Fields() Fields  { return Fields(s) }
func (s Sync) Fields() Fields        { return Fields(s) }
func (s InBandSync) Fields() Fields  { return Fields(s) }
func (s OtherMethod) Fields() Fields { return Fields(s) }
func (s Work) Fields() Fields        { return Fields(s) }

// Fields are the properties of a request to a target. Those tagged `fault` make a
// valid request invalid; a negative case sets exactly one of them.
type Fields struct {
	Method   string   // of OtherMethod, or in place of the usual one
	Path     string   // replaces the path; {path} is the endpoint's
	Query    string   // additional query parameters
	Function string   // the full function id; empty is the echo function's
	Step     string   // the step id; empty is "step"
	Event    string   // the name of the event; empty is the function's trigger
	Body     BodyForm // how the payload is encoded
	Size     int      // the event's data are filled up until the body has this many bytes
	Headers  string   // additional header fields, one "Name: value" per line; {bearer} and others are secrets of a neighbour
	Version  string   // the version of HTTP; empty is HTTP/1.1
	Host     string   // replaces the Host field
	NamesURL string   // the URL in the body of a sync
	UseAPI   bool     // the payload has to be read from the API (SPEC 4.4.2)

	APIRefuses  KeyName // the stand-in API rejects this key's bearer token
	APIStatus   int     // with this status; the zero value is 401
	APIResponds int     // the stand-in API responds to every request with this status
	APIConduct  Conduct // the stand-in API misbehaves in this way
	Patience    int     // the seconds that a worker has to connect; the zero value is usualPatience

	// Taken over from the request before, where the case has one.
	SameConnection bool // it is sent over the same connection
	SameRun        bool // its run id
	SameBody       bool // its body, and so its nonce

	Chunked     bool   // the body is sent in chunks, without a length
	ContentType string // the zero value is application/json

	Key      KeyName       `fault:"key"`       // the signing key; the zero value is Primary
	Unsigned bool          `fault:"unsigned"`  // there is no signature header
	Age      time.Duration `fault:"age"`       // signed this long ago; negative is in the future
	Redate   time.Duration `fault:"redate"`    // t is changed by this much after signing
	Header   string        `fault:"header"`    // a template for the signature header, see [spellTime] and [spellMAC]
	Tamper   Tamper        `fault:"tamper"`    // the body is modified after signing
	Over     MACInput      `fault:"over"`      // what the MAC covers instead of the body
	Hash     HashName      `fault:"algorithm"` // replaces HMAC-SHA256
	Gzipped  bool          `fault:"encoding"`  // the body is compressed after signing
	Bodiless bool          `fault:"body"`      // there is no body, and the MAC covers none
	Borrowed bool          `fault:"borrowed"`  // the signature header is that of the request before
	Split    Split         `fault:"split"`     // an expired message, split differently between body and t
}

// usualPatience allows for the pause that SDKs make after a start that failed.
const usualPatience = 4

// BodyForm is how the payload of a request is encoded.
type BodyForm string

// The body forms. The MAC covers the canonical form, whichever form is sent.
const (
	Canonical     BodyForm = ""                       // as the server encodes a call
	Rich          BodyForm = "rich"                   // canonical, with every kind of character and number
	ServerEncoded BodyForm = "as the server encodes"  // &, < and > escaped, as the server encodes a sync
	Respaced      BodyForm = "with white space"       // the same value, with white space added
	Reordered     BodyForm = "with members reordered" // the same value, with the members in reverse order
	Large         BodyForm = "of almost four mebibytes"

	// Calls that have no canonical form, or not everywhere.
	WithDuplicateName BodyForm = "a call with a name twice"
	WithHugeNumber    BodyForm = "a call with a number beyond double"
	WithLoneSurrogate BodyForm = "a call with half a surrogate pair"
	WithInvalidUTF8   BodyForm = "a call with invalid UTF-8 in a step's output"
	WithDeepNesting   BodyForm = "a call with data nested two thousand deep"

	// Invalid or unusual bodies. They are sent unsigned.
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
	ShortestCall   BodyForm = "a call with nothing but the event's name"
)

// changedCalls are calls in which a text was replaced by another.
var changedCalls = map[BodyForm][2]string{
	WithDuplicateName: {plainPad, plainPad + `,"pad":"b"`},
	WithHugeNumber:    {plainPad, `"pad":1e400`},
	WithLoneSurrogate: {plainPad, `"pad":"\ud800"`},
	WithInvalidUTF8:   {`"steps":{}`, "\"steps\":{\"0000000000000000000000000000000000000001\":{\"data\":\"\xff\"}}"},
	WithDeepNesting:   {plainPad, `"pad":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000)},
}

// plainPad is a member of a call's event data, to be replaced.
const plainPad = `"pad":"a"`

// literalBodies are the bodies that are sent exactly as given.
var literalBodies = map[BodyForm]string{
	NotJSON: "not json", Truncated: `{"event":{"data":`, Trailing: `{} x`, InvalidUTF8: "{\"a\":\"\xff\xfe\"}",
	ByteOrderMark: "\ufeff{}", LoneSurrogate: `{"a":"\ud800"}`, HugeNumber: `{"a":1e999}`,
	Nested: strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), DuplicateNames: `{"a":1,"a":2}`,
	Null: "null", Scalar: "1", List: "[]", True: "true", EmptyText: `""`, EmptyObject: "{}", ShortestCall: `{"event":{"name":"` + EchoEvent + `"}}`, BlankBody: " ", LineBreak: "\r\n",
	Prototype: `{"__proto__":{"toString":1},"constructor":{"prototype":null}}`,
}

// Tamper is where a body is modified after signing.
type Tamper string

// The modifications.
const (
	AtStart  Tamper = "at the start"
	InMiddle Tamper = "in the middle"
	AtEnd    Tamper = "at the end"
	Emptied  Tamper = "emptied"
	Replaced Tamper = "replaced"
)

// MACInput is what the MAC covers instead of the canonical body before the time.
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

	// What a canonicaliser may leave behind when it fails.
	OfNull        MACInput = "the text null"
	OfUndefined   MACInput = "the text undefined"
	OfNone        MACInput = "the text None"
	OfNil         MACInput = "the text <nil>"
	OfEmptyObject MACInput = "an empty object"
	OfEmptyArray  MACInput = "an empty array"
	OfEmptyText   MACInput = "an empty JSON text"
	OfObjectText  MACInput = "the text [object Object]"
)

// literalMessages are the messages that do not depend on the body.
var literalMessages = map[MACInput]string{
	OfNull: "null", OfUndefined: "undefined", OfNone: "None", OfNil: "<nil>",
	OfEmptyObject: "{}", OfEmptyArray: "[]", OfEmptyText: `""`, OfObjectText: "[object Object]",
}

// HashName is an algorithm other than HMAC-SHA256.
type HashName string

// The other algorithms.
const (
	SHA1   HashName = "HMAC-SHA1"
	SHA512 HashName = "HMAC-SHA512"
	Plain  HashName = "SHA-256 without a key"

	MD5            HashName = "HMAC-MD5"
	SHA224         HashName = "HMAC-SHA224"
	SHA384         HashName = "HMAC-SHA384"
	SHA512Half     HashName = "HMAC-SHA512/256"
	SHA3           HashName = "HMAC-SHA3-256"
	TwiceHashed    HashName = "HMAC-SHA256 of the message's SHA-256"
	KeyFirst       HashName = "SHA-256 of the key and the message"
	KeyLast        HashName = "SHA-256 of the message and the key"
	PlainMD5       HashName = "MD5 without a key"
	PlainSHA1      HashName = "SHA-1 without a key"
	PlainSHA512    HashName = "SHA-512 without a key"
	PlainTwice     HashName = "SHA-256 of the SHA-256 without a key"
	CRC32          HashName = "CRC-32"
	MessageItself  HashName = "no hash: the message itself"
	KeyedByMessage HashName = "HMAC-SHA256 with the message as the key"
)

// IsValid reports whether a request is valid in a set-up.
func IsValid(s Stimulus, in Setup) bool { return len(s.Fields().faults(in)) == 0 }

// faults names the fault fields that are set. Signing with a key that the set-up
// is configured with is not a fault.
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

// valid is the same request without its faults.
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

// Scripts reports whether the stimulus needs other responses from the stand-in API
// than the usual ones.
func (in Fields) Scripts() bool {
	return in.APIRefuses != "" || in.APIResponds != 0 || in.APIConduct != ""
}

// ControlOf is the control of a case in a set-up: its stimulus without the fault,
// or a valid call where the response to the stimulus does not show acceptance.
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
	case KindConnect:
		if _, unfit := s.Control(); !unfit {
			return Work{}
		}
	}
	return Call(Fields{}.valid(s))
}

// SameShape is a valid request in the unusual shape of a case: with its header
// fields, host, content type and framing. ok is false where the shape is usual.
func SameShape(c Case, s Setup) (valid Stimulus, ok bool) {
	in := c.When.Fields().valid(s)
	if in.Headers == "" && in.Host == "" && in.ContentType == "" && !in.Chunked {
		return nil, false
	}
	switch c.When.Kind() {
	case KindCall:
		in.Function = ""
		return Call(in), true
	case KindProbe:
		return Probe(in), true
	case KindIntrospect:
		return Introspect(in), true
	case KindSync:
		return Sync(in), true
	case KindInBandSync:
		return InBandSync(in), true
	}
	return nil, false
}

// asSent is the request with the server's own header fields and framing. A target
// may refuse other ones even in a valid request (R31, R32).
func (in Fields) asSent() Fields {
	in.Headers, in.Host, in.ContentType, in.Chunked = "", "", "", false
	in.SameConnection, in.SameRun, in.SameBody = false, false, false
	if !in.Body.isUsual() {
		in.Body = Canonical
	}
	return in
}

// Conduct is a misbehaviour of the stand-in API.
type Conduct string

// The misbehaviours.
const (
	Redirects Conduct = "redirects to another origin" // 307, so that method and body go along
	Withholds Conduct = "withholds its response and closes the connection"
	// SendsAway closes a worker's first connection before it is ready, as a gateway does
	// that is being replaced.
	SendsAway Conduct = "has its gateway close a worker's first connection"
)
