package suite

import "time"

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
	Members  string   // members of the payload, one "path=JSON" per line, in place of the server's or in addition
	Bare     bool     // without the header fields that Inngest sends and that it can do without
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

// The seconds that a worker has to connect. Usually they allow for the pause that SDKs make
// after a start that failed; with LongPatience, for longer pauses and slow machines.
const usualPatience, LongPatience = 4, 12

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

// Scripts reports whether the stimulus needs other responses from the stand-in API
// than the usual ones.
func (in Fields) Scripts() bool {
	return in.APIRefuses != "" || in.APIResponds != 0 || in.APIConduct != ""
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

// Split is where a recorded message is split anew between body and t. The MAC
// covers both without a separator, so it remains correct: an observer who recorded
// a request needs no key for this.
type Split string

// The splits. "Fresh" is a current time that was part of the body when it was
// signed. Whoever can send events, or call a durable endpoint, can place it there.
const (
	FreshBehind   Split = "the body was a whole call with a fresh number behind it, and t begins at that number"
	FreshInEvent  Split = "t begins at a fresh number in the event's data"
	FreshInText   Split = "the body was a JSON text, and t begins at a fresh number in it"
	FreshInArray  Split = "the body was an array, and t begins at a fresh number in it"
	FreshInNumber Split = "the body was a number and white space, and t begins at its second digit"
	EmptyTime     Split = "all of it is the body, and t is empty"
	NoTime        Split = "all of it is the body, and there is no t"
)
