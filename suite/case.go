// Package suite is the catalogue of conformance cases and the types that they
// are made of.
//
// A [Case] is a value that reads as a sentence: given this setup, when this is
// sent, then this is observed. [Catalogue] lists every case; package engine runs
// them against a target, and package suitetest against an [net/http.Handler]
// from a Go test. The zero value of every stimulus is the happy path, so a
// literal shows only what is unusual about it.
package suite

import "time"

// Case is one requirement, and the request and expectation that test it.
type Case struct {
	ID     string   // dotted words, permanent: "receiving.unsigned"
	Clause Citation // the clause of the specification
	Source string   // the sentence of [Sources] that it tests: "KEYS 3"
	Level  Level
	Risk   Risk
	By     Attacker // who can send the request; empty if it need not be refused
	Title  string   // the requirement, as a sentence
	Tier   Tier
	// Destructive cases may crash their target. They run last, each on a target of
	// its own, and only if destructive cases are enabled.
	Destructive bool
	Ambiguity   string       // the id of the ambiguity that it touches: "R5"
	Needs       []Capability // optional capabilities without which it is not applicable
	Rests       []string     // ids of cases that must pass before this one can be judged, besides the derived ones
	Given       Setup
	State       State
	When        Stimulus
	Also        []Stimulus // further requests of its kind, each of which must meet the expectation, too
	Facets      Facets     // deviations that the request carries in groups; the zero value is none
	Then        Expectation
}

// Level is how strong a requirement is (RFC 2119).
type Level string

// The levels.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	May    Level = "MAY" // reported, never scored
)

// Risk is what a violation leads to.
type Risk string

// The risks.
const (
	Forgery          Risk = "forgery"          // a request that Inngest did not sign is accepted
	Replay           Risk = "replay"           // an old request is accepted
	Disclosure       Risk = "disclosure"       // a secret or a privileged field is disclosed
	Lockout          Risk = "lockout"          // a valid request is refused
	Availability     Risk = "availability"     // the endpoint stops responding
	Interoperability Risk = "interoperability" // Inngest and the SDK do not understand each other
)

// Why explains what a violation means for those who run the target.
func (r Risk) Why() string {
	return map[Risk]string{
		Forgery:          "anyone who can reach the endpoint may run its functions",
		Replay:           "whoever records one request may run it again later",
		Disclosure:       "someone without the key learns what only its holders may know",
		Lockout:          "authentic requests are refused, and functions stop running",
		Availability:     "one request may stop the endpoint for everybody",
		Interoperability: "Inngest and the SDK do not understand each other",
	}[r]
}

// Tier is the size of a run, and the smallest run that includes a case.
type Tier int

// The tiers. Deep includes default, and default includes smoke.
const (
	Default Tier = iota
	Smoke
	Deep
)

// String is the tier's name on the command line.
func (t Tier) String() string { return [...]string{"default", "smoke", "deep"}[t] }

// Includes reports whether a run of tier t includes a case of tier other.
func (t Tier) Includes(other Tier) bool {
	rank := [...]int{Default: 1, Smoke: 0, Deep: 2}
	return rank[other] <= rank[t]
}

// Capability is something that an SDK may offer. The list is closed.
type Capability string

// The capabilities.
const (
	TrustProbe        Capability = "trust-probe"
	ResponseSignature Capability = "response-signature"
	InBand            Capability = "in-band-sync"
	Checkpoint        Capability = "checkpoint"
	Connect           Capability = "connect"
	CodeKey           Capability = "code-key"      // a signing key passed in code
	CodeFallback      Capability = "code-fallback" // a fallback key passed in code
	CodeMode          Capability = "code-mode"     // the mode passed in code
	Events            Capability = "events"
	PlatformEnv       Capability = "platform-environment" // the branch that a platform names is sent to the API
)

// Capabilities is the closed list.
var Capabilities = []Capability{TrustProbe, ResponseSignature, InBand, Checkpoint, Connect, CodeKey, CodeFallback, CodeMode, Events, PlatformEnv}

// Guard is the distance that a stimulus keeps from a time limit, so that a slow
// exchange cannot cross the limit.
const Guard = 5 * time.Second

// Core are the ids of the cases that a run must have judged before it may report
// that a target conforms: unsigned, wrong key, expired and tampered.
var Core = []string{"receiving.unsigned", "receiving.wrong-key", "receiving.expired", "receiving.tampered"}

// Sent describes what a case sends, in words.
func (c Case) Sent() string { return c.InState(Describe(c.When)) }

// InState adds the state in which a request is sent to its description.
func (c Case) InState(request string) string {
	if c.State.IsZero() {
		return request
	}
	return request + "; " + c.State.String()
}

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
