// Package suite is the catalogue of conformance cases and the types that they
// are made of.
//
// A [Case] is a value that reads as a sentence: given this setup, when this is
// sent, then this is observed. [Catalogue] lists every case; package engine runs
// them against a target, and package suitetest against an [net/http.Handler]
// from a Go test. The zero value of every stimulus is the happy path, so a
// literal shows only what is unusual about it.
package suite

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

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

// Catalogue returns all cases, chapter by chapter. The slice is the caller's; what
// its cases refer to is shared.
func Catalogue() []Case { return slices.Clone(catalogue()) }

// catalogue is made once, when it is first asked for: a report asks for each of its
// results.
var catalogue = sync.OnceValue(func() []Case {
	var all []Case
	for _, chapter := range chapters {
		all = append(all, chapter()...)
	}
	link(all)
	return all
})

// Find returns the case with an id.
func Find(id string) (Case, error) {
	for _, c := range catalogue() {
		if c.ID == id {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("there is no case %q", id)
}
