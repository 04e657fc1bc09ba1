package vectors

import (
	"strings"
	"unicode/utf8"
)

// Results of the files about signatures, keys and bodies.
const (
	Accept      = "accept"
	Refuse      = "refuse"
	Unspecified = "unspecified" // never scored; Reference is the result of the reference
	Unsigned    = "unsigned"    // a recorded request that the server does not sign
)

// Common holds the fields that every vector has.
type Common struct {
	ID        string   `json:"id"`
	Clause    string   `json:"clause"` // "SPEC 4.1.3(4)"
	Level     string   `json:"level"`  // MUST, SHOULD, MAY
	Risk      string   `json:"risk"`
	By        string   `json:"by,omitempty"`        // of a negative: who can send it (anyone, observer, neighbour, operator, signer)
	Ambiguity string   `json:"ambiguity,omitempty"` // the ambiguity that it depends on: "R5"
	Comment   string   `json:"comment"`
	Flags     []string `json:"flags"`
	// Control is the id of a valid vector that differs only in what Differs names.
	Control string   `json:"control,omitempty"`
	Differs []string `json:"differs,omitempty"`
}

// About returns the vector's Common.
func (c Common) About() Common { return c }

// Header is the values of X-Inngest-Signature and their meaning.
type Header struct {
	Common
	Values    []string `json:"values"` // none, one, or several where the header is repeated
	Result    string   `json:"result"`
	Reference string   `json:"reference,omitempty"`
	T         string   `json:"t,omitempty"`    // where it parses
	S         string   `json:"s,omitempty"`    // where it parses
	Rule      string   `json:"rule,omitempty"` // the rule that it breaks, where it does not parse
}

// KeyHash is the text of a key and what is derived from it.
type KeyHash struct {
	Common
	Key       string `json:"key"` // the value of the environment variable
	Result    string `json:"result"`
	Reference string `json:"reference,omitempty"`
	Reason    string `json:"reason,omitempty"`     // no-key or malformed
	HMACKey   string `json:"hmacKey,omitempty"`    // text, never hex-decoded
	BearerHex string `json:"bearerHash,omitempty"` // SHA-256 of the decoded key, in hex
	Bearer    string `json:"bearer,omitempty"`
}

// Canonical is a JSON text and its canonical form.
type Canonical struct {
	Common
	Body
	Result    string  `json:"result"`
	Reference string  `json:"reference,omitempty"`
	Canonical *string `json:"canonical,omitempty"`
	SHA256    string  `json:"sha256,omitempty"` // of the canonical bytes, in hex
}

// Sign is a request or response and its signature.
type Sign struct {
	Common
	What string `json:"what"` // request, sync or response: of a sync the canonical form is signed
	Key  string `json:"key"`
	Body
	Now       int64   `json:"now"` // unix seconds
	Result    string  `json:"result"`
	Reference string  `json:"reference,omitempty"`
	Reason    string  `json:"reason,omitempty"`    // no-key or malformed
	Canonical *string `json:"canonical,omitempty"` // of a sync
	Message
	MAC    string `json:"mac,omitempty"`
	Header string `json:"header,omitempty"`
}

// Verify is a received request, and whether Inngest signed it.
type Verify struct {
	Common
	Cases   []string `json:"cases,omitempty"` // the cases of the catalogue with this request
	Now     int64    `json:"now"`             // the verifier's clock, unix seconds
	Keys    Keys     `json:"keys"`            // the configured keys
	Method  string   `json:"method"`
	Target  string   `json:"target"`
	Headers []Field  `json:"headers"`
	Body
	Result    string         `json:"result"`
	Reference string         `json:"reference,omitempty"`
	Key       string         `json:"key,omitempty"`    // the key that it was signed with: primary or fallback
	Reason    string         `json:"reason,omitempty"` // the first check that fails
	Rule      string         `json:"rule,omitempty"`   // where the reason is header
	Canonical *string        `json:"canonical,omitempty"`
	Sender    *Sender        `json:"sender,omitempty"`   // how the signature was made
	Verifier  *Intermediates `json:"verifier,omitempty"` // the intermediate values of verification
}

// Keys are the values of the two variables; nil is a variable that is not set.
type Keys struct {
	Primary  *string `json:"primary"`
	Fallback *string `json:"fallback"`
}

// Field is a header field.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Sender says how a signature was made, before it was written into the header.
type Sender struct {
	Algorithm string  `json:"algorithm"`
	HMACKey   *string `json:"hmacKey,omitempty"`    // text
	KeyHex    string  `json:"hmacKeyHex,omitempty"` // where the key is not text
	Message
	MAC string `json:"mac"`
}

// Intermediates are the intermediate values of verification. Those that it does
// not reach are omitted.
type Intermediates struct {
	T   string `json:"t"`
	Age int64  `json:"age"` // seconds from t to now; negative is ahead
	MACs
	Canonical *MACs `json:"canonical,omitempty"` // where the body has another canonical form
}

// MACs are the MACs of a message by each key.
type MACs struct {
	Message
	PrimaryMAC  string `json:"primaryMac,omitempty"`
	FallbackMAC string `json:"fallbackMac,omitempty"`
}

// Real is a request as Inngest's open-source server sent it.
type Real struct {
	Common
	Kind    string  `json:"kind"`          // call, sync, or durable: the request of a durable endpoint
	Mode    string  `json:"mode"`          // of the server: cloud or dev
	Now     int64   `json:"now,omitempty"` // the time at which it was signed
	Keys    Keys    `json:"keys"`          // the keys of the recording
	Method  string  `json:"method"`
	Target  string  `json:"target"`
	Headers []Field `json:"headers"`
	Body
	Result    string  `json:"result"`              // accept, or unsigned
	Key       string  `json:"key,omitempty"`       // primary or fallback
	Covers    string  `json:"covers,omitempty"`    // body, or canonical: what the MAC covers besides t
	Canonical *string `json:"canonical,omitempty"` // where the MAC covers it
	MAC       string  `json:"mac,omitempty"`
}

// Mode is an environment and the mode that it selects.
type Mode struct {
	Common
	Env       map[string]string `json:"env"`
	Result    string            `json:"result"` // cloud, dev or unspecified
	Reference string            `json:"reference,omitempty"`
	API       string            `json:"api"`    // origin of the API
	Events    string            `json:"events"` // origin of the event API
	// Policy is the verification policy of each kind of request: required,
	// if-present, advisory or ignored.
	Policy map[string]string `json:"policy"`
}

// BearerFallback is a request to the API and the attempts that the API's responses
// cause.
type BearerFallback struct {
	Common
	Keys      Keys          `json:"keys"`
	Env       string        `json:"env,omitempty"` // INNGEST_ENV
	Request   APICall       `json:"request"`
	Responses []APIResponse `json:"responses"` // of the API, by bearer
	Result    string        `json:"result"`    // answered, refused, failed or unspecified
	Reference string        `json:"reference,omitempty"`
	Status    int           `json:"status,omitempty"` // where the result is answered
	Sent      []Attempt     `json:"sent"`             // exactly these requests, in this order
}

// APICall is a request that an SDK makes to the API.
type APICall struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	Body   string `json:"body,omitempty"`
}

// APIResponse is the API's response to a bearer; Status 0 is no response at all.
type APIResponse struct {
	Bearer *string `json:"bearer"` // nil: a request without a bearer
	Status int     `json:"status"`
	Body   string  `json:"body,omitempty"`
}

// Attempt is a request that the API receives.
type Attempt struct {
	APICall
	Bearer *string `json:"bearer"`
	Env    string  `json:"env,omitempty"` // X-Inngest-Env
}

// FileName returns the name of the file, without its extension.
func (Header) FileName() string         { return "header" }
func (KeyHash) FileName() string        { return "key-hash" }
func (Canonical) FileName() string      { return "canonical" }
func (Sign) FileName() string           { return "sign" }
func (Verify) FileName() string         { return "verify" }
func (Mode) FileName() string           { return "mode" }
func (BearerFallback) FileName() string { return "bearer-fallback" }
func (Real) FileName() string           { return "real" }

// Outcome returns the expected result.
func (v Header) Outcome() string         { return v.Result }
func (v KeyHash) Outcome() string        { return v.Result }
func (v Canonical) Outcome() string      { return v.Result }
func (v Sign) Outcome() string           { return v.Result }
func (v Verify) Outcome() string         { return v.Result }
func (v Mode) Outcome() string           { return v.Result }
func (v BearerFallback) Outcome() string { return v.Result }
func (v Real) Outcome() string           { return v.Result }

// isPlain reports whether every JSON library handles a text alike.
func isPlain(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }
