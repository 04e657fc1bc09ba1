package vectors

import (
	"strings"
	"unicode/utf8"
)

// Results of the files about signatures, keys and bodies.
const (
	Accept      = "accept"
	Refuse      = "refuse"
	Unspecified = "unspecified" // never scored; Reference says what the reference does
)

// Common is what every vector has.
type Common struct {
	ID      string   `json:"id"`
	Clause  string   `json:"clause"` // "SPEC 4.1.3(4)"
	Level   string   `json:"level"`  // MUST, SHOULD, MAY
	Risk    string   `json:"risk"`
	Reading string   `json:"reading,omitempty"` // the ambiguity that it touches: "R5"
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"`
	// Control is the id of a valid vector that differs only in what Differs names.
	Control string   `json:"control,omitempty"`
	Differs []string `json:"differs,omitempty"`
}

// About is the vector's own Common.
func (c Common) About() Common { return c }

// Header is the values of X-Inngest-Signature and what they say.
type Header struct {
	Common
	Values    []string `json:"values"` // none, one, or the header sent more than once
	Result    string   `json:"result"`
	Reference string   `json:"reference,omitempty"`
	T         string   `json:"t,omitempty"`    // where it parses
	S         string   `json:"s,omitempty"`    // where it parses
	Rule      string   `json:"rule,omitempty"` // the broken rule, where it does not
}

// KeyHash is the text of a key and what becomes of it.
type KeyHash struct {
	Common
	Key       string `json:"key"` // as it stands in the environment
	Result    string `json:"result"`
	Reference string `json:"reference,omitempty"`
	Reason    string `json:"reason,omitempty"`     // no-key or malformed
	HMACKey   string `json:"hmacKey,omitempty"`    // text, never hex-decoded
	BearerHex string `json:"bearerHash,omitempty"` // SHA-256 of the decoded key, in hex
	Bearer    string `json:"bearer,omitempty"`
}

// Canonical is a text and its canonical form.
type Canonical struct {
	Common
	Body
	Result    string  `json:"result"`
	Reference string  `json:"reference,omitempty"`
	Canonical *string `json:"canonical,omitempty"`
	SHA256    string  `json:"sha256,omitempty"` // of the canonical bytes, in hex
}

// Sign is what is signed and the header that comes of it.
type Sign struct {
	Common
	What   string `json:"what"` // request, or answer: an answer is signed as its raw bytes
	Key    string `json:"key"`
	Method string `json:"method,omitempty"` // of a request
	Body
	Now       int64   `json:"now"` // unix seconds
	Result    string  `json:"result"`
	Reference string  `json:"reference,omitempty"`
	Reason    string  `json:"reason,omitempty"` // no-key, no-message, no-canonical-form
	Canonical *string `json:"canonical,omitempty"`
	Message
	MAC    string `json:"mac,omitempty"`
	Header string `json:"header,omitempty"`
}

// Verify is one request as it arrives, and whether it came from Inngest.
type Verify struct {
	Common
	Cases   []string `json:"cases,omitempty"` // of the catalogue, that send this request
	Now     int64    `json:"now"`             // the verifier's clock, unix seconds
	Keys    Keys     `json:"keys"`            // what the verifier is configured with
	Method  string   `json:"method"`
	Target  string   `json:"target"`
	Headers []Field  `json:"headers"`
	Body
	Result    string  `json:"result"`
	Reference string  `json:"reference,omitempty"`
	Key       string  `json:"key,omitempty"`    // which key verified it: primary or fallback
	Reason    string  `json:"reason,omitempty"` // the first check that failed
	Rule      string  `json:"rule,omitempty"`   // where that is the header
	Canonical *string `json:"canonical,omitempty"`
	Sender    *Sender `json:"sender,omitempty"`   // how the signature was made
	Verifier  *Steps  `json:"verifier,omitempty"` // what a verifier comes by on the way
}

// Keys are the texts of the two variables; nil where one is not set.
type Keys struct {
	Primary  *string `json:"primary"`
	Fallback *string `json:"fallback"`
}

// Field is one header field.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Sender is how a signature was made, before the header was spelled.
type Sender struct {
	Algorithm string  `json:"algorithm"`
	HMACKey   *string `json:"hmacKey,omitempty"`    // text
	KeyHex    string  `json:"hmacKeyHex,omitempty"` // where the key is no text
	Message
	MAC string `json:"mac"`
}

// Steps are the values between a request and its verdict. Those that a verifier
// does not come by are left out.
type Steps struct {
	T   string `json:"t"`
	Age int64  `json:"age"` // seconds from t to now; negative is ahead
	Message
	PrimaryMAC  string `json:"primaryMac,omitempty"`
	FallbackMAC string `json:"fallbackMac,omitempty"`
}

// Mode is an environment and the mode that it selects.
type Mode struct {
	Common
	Env       map[string]string `json:"env"`
	Result    string            `json:"result"` // cloud, dev or unspecified
	Reference string            `json:"reference,omitempty"`
	API       string            `json:"api"`    // origin of the API
	Events    string            `json:"events"` // origin of the event API
	// Policy is how much of a signature each kind of request needs: required,
	// if-present, advisory or ignored.
	Policy map[string]string `json:"policy"`
}

// BearerFallback is one request to the API, with all that follows from the
// API's answers.
type BearerFallback struct {
	Common
	Keys      Keys          `json:"keys"`
	Env       string        `json:"env,omitempty"` // INNGEST_ENV
	Request   APICall       `json:"request"`
	Responses []APIResponse `json:"responses"` // of the API, by bearer
	Result    string        `json:"result"`    // answered, refused, failed or unspecified
	Reference string        `json:"reference,omitempty"`
	Status    int           `json:"status,omitempty"` // where it was answered
	Sent      []Attempt     `json:"sent"`             // exactly these requests, in this order
}

// APICall is what an SDK has to ask of the API.
type APICall struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Query  string `json:"query,omitempty"`
	Body   string `json:"body,omitempty"`
}

// APIResponse is the API's response to a bearer; Status 0 is no response at all.
type APIResponse struct {
	Bearer *string `json:"bearer"` // nil: the request has none
	Status int     `json:"status"`
	Body   string  `json:"body,omitempty"`
}

// Attempt is one request as the API hears it.
type Attempt struct {
	APICall
	Bearer *string `json:"bearer"`
	Env    string  `json:"env,omitempty"` // X-Inngest-Env
}

// Of names the file of the vectors.
func (Header) Of() string         { return "header" }
func (KeyHash) Of() string        { return "key-hash" }
func (Canonical) Of() string      { return "canonical" }
func (Sign) Of() string           { return "sign" }
func (Verify) Of() string         { return "verify" }
func (Mode) Of() string           { return "mode" }
func (BearerFallback) Of() string { return "bearer-fallback" }

// Observation is the expected result.
func (v Header) Outcome() string         { return v.Result }
func (v KeyHash) Outcome() string        { return v.Result }
func (v Canonical) Outcome() string      { return v.Result }
func (v Sign) Outcome() string           { return v.Result }
func (v Verify) Outcome() string         { return v.Result }
func (v Mode) Outcome() string           { return v.Result }
func (v BearerFallback) Outcome() string { return v.Result }

// isPlain: text that every JSON library reads and writes alike.
func isPlain(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }
