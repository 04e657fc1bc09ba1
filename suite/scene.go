package suite

import (
	"strconv"
	"time"
)

// Scene is the context in which a stimulus becomes a request. Equal scenes give
// equal requests, so that one literal is both a live request and a vector.
type Scene struct {
	Keys       Keyring
	ServerKind string // of the server that the target belongs to: "cloud" or "dev"
	Now        time.Time
	Nonce      string // 26 characters; also the run id and the deployId
	Run        string // the run id, where it is not the nonce
	Path, Host string
	Elsewhere  string // the host of an origin other than the API's
	Visibility Visibility
	// Function is the id of the function that is called, where acceptance shows by
	// call; elsewhere it is not used.
	Function string
	// Before is the request that was sent before this one, if the case has one.
	Before *Sent
	// AsCall makes a call even where runs cannot be observed. The function that it
	// names does not exist.
	AsCall bool
}

// Made is a request with the intermediate values of its signature.
type Made struct {
	Request   Request
	Entity    []byte // the body before it was compressed or split into chunks
	Canonical []byte // the canonical form of the body; nil if there is none
	Signed    []byte // the exact bytes that the MAC covers
	MAC       string // hexadecimal
	Signature string // the value of the header; empty if there is none
}

// Sent is a request that was made, and its scene.
type Sent struct {
	Made  Made
	Scene Scene
}

// Timestamp is the scene's time in unix seconds.
func (s Scene) Timestamp() string { return strconv.FormatInt(s.Now.Unix(), 10) }

func unix(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// Visibility is how much a lab can observe of its targets.
type Visibility int

const (
	// Full means that a beacon reports runs and a stand-in API receives requests.
	Full Visibility = iota
	// ByProbe means that only responses are observed. The trust probe shows whether
	// a signature is accepted.
	ByProbe
	// ByIntrospection means that only responses are observed. A signed GET shows
	// whether a signature is accepted.
	ByIntrospection
	// ByCall means that only responses are observed. Calls of a function that may run
	// show whether a signature is accepted.
	ByCall
)

// ShownBy is the kind of request that is sent for a stimulus: calls are replaced
// where runs cannot be observed.
func ShownBy(s Stimulus, visibility Visibility) Kind {
	switch {
	case s.Kind() == KindCall && visibility == ByIntrospection:
		return KindIntrospect
	case s.Kind() == KindCall && visibility == ByProbe:
		return KindProbe
	}
	return s.Kind()
}
