package suite

import "strings"

// Attacker is who can send a request that a target must refuse.
type Attacker string

// The attackers, from the one who needs least.
const (
	// Anyone can reach the endpoint and knows nothing secret.
	Anyone Attacker = "anyone"
	// Observer has recorded one valid exchange, and may have placed data in an
	// event before that. They have no key.
	Observer Attacker = "observer"
	// Neighbour holds another secret of the account: an event key, a bearer hash, a
	// former key or another environment's key.
	Neighbour Attacker = "neighbour"
	// Operator makes a mistake in the configuration, after which anyone can send
	// the request.
	Operator Attacker = "operator"
	// Signer holds the signing key. Refusing what only they can send is hardening.
	Signer Attacker = "signer"
)

// Means describes what an attacker has. It is the first half of a sentence that
// [Risk.can] completes.
func (a Attacker) Means() string {
	return map[Attacker]string{
		Anyone:    "anyone who can reach the endpoint, without any secret,",
		Observer:  "whoever has recorded one valid request, without a key,",
		Neighbour: "whoever holds another secret of the account, but not this key,",
		Operator:  "anyone, once the environment is misconfigured in this way,",
		Signer:    "only someone who holds the signing key (this is hardening)",
	}[a]
}

// can describes what an attacker can do if a target has this risk.
func (r Risk) can() string {
	return map[Risk]string{
		Forgery:          "can run the app's functions with data of their choice",
		Replay:           "can run a function again later than five minutes after it was signed",
		Disclosure:       "learns what only holders of the key may know",
		Lockout:          "can cause valid requests to be refused",
		Availability:     "can stop the endpoint for everybody",
		Interoperability: "gets a response that Inngest does not expect",
	}[r]
}

// Why explains the effect of a violation: what an attacker can do or, where no
// attacker is involved, what breaks.
func (c Case) Why() string {
	if c.By == "" {
		return c.Risk.Why()
	}
	return c.By.Means() + " " + c.Risk.can()
}

// Attacker derives who can send the request of a case from its fault. A case whose
// attacker cannot be derived sets By itself.
func (c Case) Attacker() Attacker {
	if !c.Then.Negative || len(c.Faults()) == 0 && c.AcceptsValid() {
		return ""
	}
	if !c.AcceptsValid() {
		return Operator
	}
	return c.When.Fields().attacker()
}

func (in Fields) attacker() Attacker {
	switch {
	case in.Unsigned, in.Key == UnknownKey, in.Key == EmptyKey, in.Hash.isKeyless():
		return Anyone
	case in.Hash != "", in.Over == TimeFirst, in.Over == BodyOnly, in.Over == DecodedAsKey, in.Over == WholeKeyText:
		return Signer
	case in.Header != "":
		return spellingAttacker(in.Header)
	case in.Key == Fallback && in.Age == 0 && in.Redate == 0 && in.Tamper == "":
		return Neighbour
	}
	return Observer
}

// spellingAttacker is who can write a signature header: the signer if it has a
// correct MAC over an unusual t, an observer if the MAC is a recorded one, and
// otherwise anyone.
func spellingAttacker(spelling string) Attacker {
	switch {
	case strings.Contains(spelling, "{s:old}"):
		return Observer
	case strings.Contains(spelling, "{s}"), strings.Contains(spelling, "{s:long}"):
		return Signer
	}
	return Anyone
}
