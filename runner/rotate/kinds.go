package rotate

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// kind is a kind of request in the traffic.
type kind string

// The kinds, in the order in which reports show them.
const (
	kindCall     kind = "call"        // a call of the function
	kindRead     kind = "read"        // a call whose payload the SDK fetches from the API
	kindSync     kind = "sync"        // makes the SDK register its functions with the API
	kindUnknown  kind = "unknown key" // a call signed with a key that is configured nowhere
	kindUnsigned kind = "unsigned"
	kindTampered kind = "tampered"
	kindExpired  kind = "expired"
	kindOldKey   kind = "old key" // a call signed with A after the server has changed to B
)

var kinds = []kind{kindCall, kindRead, kindSync, kindUnknown, kindUnsigned, kindTampered, kindExpired, kindOldKey}

// mix is one round of the traffic: forged requests alternate with authentic ones.
var mix = []kind{kindCall, kindUnknown, kindOldKey, kindRead, kindUnsigned, kindCall, kindSync, kindTampered, kindOldKey, kindCall, kindExpired, kindRead}

// longAgo is older than any window allows.
const longAgo = 10 * time.Minute

// stimulus is a request of a kind, at a time at which the server signs with a key.
func (k kind) stimulus(key suite.KeyName) suite.Stimulus {
	switch k {
	case kindRead:
		return suite.Call{Key: key, UseAPI: true}
	case kindSync:
		return suite.Sync{Key: key}
	case kindUnknown:
		return suite.Call{Key: suite.UnknownKey}
	case kindUnsigned:
		return suite.Call{Key: key, Unsigned: true}
	case kindTampered:
		return suite.Call{Key: key, Tamper: suite.InMiddle}
	case kindExpired:
		return suite.Call{Key: key, Age: longAgo}
	case kindOldKey:
		return suite.Call{Key: keyA}
	}
	return suite.Call{Key: key}
}

// signer names the key that a request of a kind shows; empty where it has none.
func (k kind) signer(key suite.KeyName) string {
	switch k {
	case kindUnknown:
		return letter(suite.UnknownKey)
	case kindUnsigned:
		return ""
	case kindOldKey:
		return letter(keyA)
	}
	return letter(key)
}

// usesAPI reports whether the SDK sends a request to the API because of such a request.
func (k kind) usesAPI() bool { return k == kindRead || k == kindSync }

func (k kind) authentic() bool { return k == kindCall || k == kindRead || k == kindSync }

// forged: made without a configured key. An expired call is not forged: it was
// signed with the right key.
func (k kind) forged() bool { return k == kindUnknown || k == kindUnsigned || k == kindTampered }
