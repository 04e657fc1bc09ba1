// Package suite is the catalogue of conformance cases and the words that they
// are written in.
//
// A [Case] is a value that reads as a sentence: given this setup, when this is
// sent, then this is observed. [Catalogue] lists every case; package engine runs
// them against a target, and package suitetest against an [net/http.Handler]
// from a Go test. The zero value of every stimulus is the happy path, so a
// literal shows only what is unusual about it.
package suite

import (
	"fmt"
	"time"
)

// Case is one requirement, with what shows whether a target meets it.
type Case struct {
	ID     string   // words, dotted, permanent
	Clause Citation // where the specification asks for it
	Source string   // the sentence of the seed it carries: "KEYS 3"
	Level  Level
	Risk   Risk
	By     Attacker // who can send it; empty where nothing must be refused
	Title  string   // what is owed, as a sentence
	Tier   Tier
	// Destructive cases may end their target. They run last, on a target of
	// their own, and only where that is asked for.
	Destructive bool
	Ambiguity   string       // the ambiguity that it touches: "R5"
	Needs       []Capability // optional capabilities without which it does not apply
	Rests       []string     // ids of cases that must hold for this one to be judged, besides those that follow from what it sends
	Given       Setup
	When        Stimulus
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
	Forgery          Risk = "forgery"          // something unsigned runs
	Replay           Risk = "replay"           // something old runs
	Disclosure       Risk = "disclosure"       // something secret is told
	Lockout          Risk = "lockout"          // something authentic is refused
	Availability     Risk = "availability"     // the endpoint stops answering
	Interoperability Risk = "interoperability" // the two sides do not understand each other
)

// Why says what a violation means to those who run the target.
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

// Tier says which runs include a case.
type Tier int

// The tiers; each includes the one before it.
const (
	Default Tier = iota
	Smoke
	Deep
)

// String names the tier as the command line spells it.
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
)

// Capabilities is the closed list.
var Capabilities = []Capability{TrustProbe, ResponseSignature, InBand, Checkpoint, Connect, CodeKey, CodeFallback, CodeMode, Events}

// Guard keeps a stimulus clear of the edge of a time limit, so that a slow
// exchange cannot carry it across.
const Guard = 5 * time.Second

// Core are the cases without which no run may call a target conforming: an
// unsigned call, one by the wrong key, an expired one and a tampered one.
var Core = []string{"receiving.unsigned", "receiving.wrong-key", "receiving.expired", "receiving.tampered"}

// Catalogue is every case, chapter by chapter. Expectations keep state while
// they match, so each call gives fresh values.
func Catalogue() []Case {
	var all []Case
	for _, chapter := range chapters {
		all = append(all, chapter()...)
	}
	link(all)
	return all
}

// Find gives the case with an id.
func Find(id string) (Case, error) {
	for _, c := range Catalogue() {
		if c.ID == id {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("there is no case %q", id)
}
