package suite

import "strings"

// Attacker is who can send a request that a target must refuse.
type Attacker string

// The attackers, from the one who needs least.
const (
	// Anyone can reach the endpoint and knows nothing secret.
	Anyone Attacker = "anyone"
	// Observer has recorded one valid exchange, and may also have put data into an
	// event beforehand. They have no key.
	Observer Attacker = "observer"
	// Neighbour holds another secret of the account: an event key, a bearer hash, a
	// former key or another environment's key.
	Neighbour Attacker = "neighbour"
	// Operator makes a slip of configuration; then anyone can send the request.
	Operator Attacker = "operator"
	// Signer holds the signing key. What only they can send is hardening.
	Signer Attacker = "signer"
)

// Means says what an attacker has, for a sentence that ends in what they can do.
func (a Attacker) Means() string {
	return map[Attacker]string{
		Anyone:    "anyone who can reach the endpoint, without any secret,",
		Observer:  "whoever has recorded one valid request, without a key,",
		Neighbour: "whoever holds another secret of the account, but not this key,",
		Operator:  "anyone, once the environment is misconfigured in this way,",
		Signer:    "only someone who holds the signing key (this is hardening)",
	}[a]
}

// can says what an attacker can do where a risk is real.
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

// Why says what a violation means: who can do what, or what breaks where nobody
// needs to attack.
func (c Case) Why() string {
	if c.By == "" {
		return c.Risk.Why()
	}
	return c.By.Means() + " " + c.Risk.can()
}

// Attacker derives who can send a case's request from its one fault. A case that
// knows better names its attacker itself.
func (c Case) Attacker() Attacker {
	if !c.Then.Negative || len(c.Faults()) == 0 && c.Fit() {
		return ""
	}
	if !c.Fit() {
		return Operator
	}
	return c.When.Fields().attacker()
}

func (in Fields) attacker() Attacker {
	switch {
	case in.Unsigned, in.Key == UnknownKey, in.Key == EmptyKey, in.Hash == Plain:
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

// spellingAttacker is who can write a signature header: a right MAC over an
// unusual t takes the key, an old header was recorded, and the rest is made up.
func spellingAttacker(spelling string) Attacker {
	switch {
	case strings.Contains(spelling, "{s:old}"):
		return Observer
	case strings.Contains(spelling, "{s}"), strings.Contains(spelling, "{s:long}"):
		return Signer
	}
	return Anyone
}
