package rotate

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
)

// Kind is a kind of request in the traffic.
type Kind string

// The kinds, in the order in which reports show them.
const (
	Call     Kind = "call"        // asks the function to run
	Read     Kind = "read"        // a call whose payload the SDK fetches from the API
	Sync     Kind = "sync"        // makes the SDK register its functions with the API
	Unknown  Kind = "unknown key" // a call signed with a key that is configured nowhere
	Unsigned Kind = "unsigned"
	Tampered Kind = "tampered"
	Expired  Kind = "expired"
	OldKey   Kind = "old key" // a call signed with A after the server has changed to B
)

var kinds = []Kind{Call, Read, Sync, Unknown, Unsigned, Tampered, Expired, OldKey}

// mix is one round of the traffic: forged requests alternate with authentic ones.
var mix = []Kind{Call, Unknown, OldKey, Read, Unsigned, Call, Sync, Tampered, OldKey, Call, Expired, Read}

// longAgo is older than any window allows.
const longAgo = 10 * time.Minute

// stimulus is a request of a kind, at a time at which the server signs with a key.
func (k Kind) stimulus(key suite.KeyName) suite.Stimulus {
	switch k {
	case Read:
		return suite.Call{Key: key, UseAPI: true}
	case Sync:
		return suite.Sync{Key: key}
	case Unknown:
		return suite.Call{Key: suite.UnknownKey}
	case Unsigned:
		return suite.Call{Key: key, Unsigned: true}
	case Tampered:
		return suite.Call{Key: key, Tamper: suite.InMiddle}
	case Expired:
		return suite.Call{Key: key, Age: longAgo}
	case OldKey:
		return suite.Call{Key: keyA}
	}
	return suite.Call{Key: key}
}

// signer names the key that a request of a kind shows; empty where it has none.
func (k Kind) signer(key suite.KeyName) string {
	switch k {
	case Unknown:
		return letter(suite.UnknownKey)
	case Unsigned:
		return ""
	case OldKey:
		return letter(keyA)
	}
	return letter(key)
}

// usesAPI reports whether the SDK sends a request to the API because of such a request.
func (k Kind) usesAPI() bool { return k == Read || k == Sync }

func (k Kind) authentic() bool { return k == Call || k == Read || k == Sync }

func (k Kind) forged() bool { return !k.authentic() && k != OldKey }
