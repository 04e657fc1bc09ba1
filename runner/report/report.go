// Package report turns the verdicts of a run into reports for people and machines.
//
// [New] is a pure function from a judged run to a [Report], which is the whole
// published result; [Text] formats it for a terminal, and [Formats] lists the
// formats for files. Nothing here knows a process, a socket or a clock.
package report

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/causes"
	"github.com/countersign-dev/countersign/suite/engine"
)

// schemaName names the format of a [Report]; report.schema.json describes it.
const schemaName = "urn:countersign:report:2"

// Report is the published result of one run, with secrets replaced by tokens.
type Report struct {
	Schema       string                 `json:"schema"`
	Conclusion   Conclusion             `json:"conclusion"`
	Void         bool                   `json:"void"` // the results can't be trusted
	VoidReason   string                 `json:"voidReason,omitempty"`
	Incomplete   string                 `json:"incomplete,omitempty"` // why not every case was run
	Diagnosis    *engine.Diagnosis      `json:"diagnosis,omitempty"`  // why no valid request was observed to run
	Setup        []SetupMistake         `json:"setup,omitempty"`      // what is wrong with the set-up of an endpoint at a URL
	RandomSeed   uint64                 `json:"randomSeed"`
	Target       Target                 `json:"target"`
	Tool         Tool                   `json:"tool"`
	Tier         string                 `json:"tier"`
	Profile      suite.Profile          `json:"profile,omitempty"` // how ambiguities were scored; default or spec
	Started      time.Time              `json:"started"`
	TookMS       int64                  `json:"tookMs"`
	Setups       int                    `json:"setups"`          // distinct set-ups that were started
	Processes    int                    `json:"processes"`       // times that the target was started
	Clock        string                 `json:"clock,omitempty"` // how the target's clock differs from ours
	SelfCheck    SelfCheck              `json:"selfCheck"`
	Judged       int                    `json:"judged"`            // cases with a verdict about the target
	InPlace      int                    `json:"inPlace,omitempty"` // of these, about calls, judged by another request in its place
	Total        int                    `json:"total"`             // cases selected
	Available    int                    `json:"available"`         // cases that the tier has
	Summary      map[engine.Verdict]int `json:"summary"`
	Baseline     *Baseline              `json:"baseline,omitempty"`
	Gate         *Gate                  `json:"gate,omitempty"`         // what conforming requires besides
	Catalogue    string                 `json:"catalogue,omitempty"`    // the version of the catalogue that was scored; empty: the newest
	Evidence     *EvidenceSource        `json:"evidence,omitempty"`     // that was judged, where the target itself was not
	Measurements *engine.Measurements   `json:"measurements,omitempty"` // facts, never scored
	Causes       []causes.Cause         `json:"causes"`                 // likely ones, of what failed; a failure in none of them is not explained
	Cases        []Case                 `json:"cases"`
}

// Tool is the program that judged.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target is what was judged.
type Target struct {
	Name    string     `json:"name"`
	Version string     `json:"version"`
	Kind    TargetKind `json:"kind"`
	URL     string     `json:"url,omitempty"`
	SDK     string     `json:"sdk,omitempty"` // what it calls itself in X-Inngest-Sdk
	// Identity says how it is known that a response is the target's own, of a launched
	// one.
	Identity Identity `json:"identity,omitempty"`

	// Of a target at a URL: how many requests were sent to it, the id of the function
	// that they may run, and whether the user accepts that calls are judged by other
	// requests in their place.
	Requests    int    `json:"requests,omitempty"`
	Function    string `json:"function,omitempty"`
	AcceptProbe bool   `json:"acceptProbe,omitempty"`
	// ProbeRefused says why a valid trust probe was not accepted, where a signed GET was.
	ProbeRefused *engine.Diagnosis `json:"probeRefused,omitempty"`
}

// Identity is how it is known that a response is the target's own.
type Identity string

// The ways.
const (
	BySocket Identity = "socket" // a process that the run has started holds the socket that responded
	ByBeacon Identity = "beacon" // only the target knows the beacon; the system does not say whose socket it is
)

// TargetKind is how a target is reached.
type TargetKind string

// The kinds.
const (
	Embedded TargetKind = "embedded" // the reference, in this process
	Launched TargetKind = "launched" // installed and started by the run
	Attached TargetKind = "attached" // already running at a URL
)

// Case is one case with its verdict and the exchanges that led to it.
type Case struct {
	ID         string         `json:"id"`
	Clause     string         `json:"clause"`
	ClauseText string         `json:"clauseText"`
	Source     string         `json:"source"` // the sentence on signing keys that it covers: "KEYS 3"
	Level      suite.Level    `json:"level"`
	Risk       suite.Risk     `json:"risk"`
	By         suite.Attacker `json:"attacker,omitempty"` // who can send it, where it must be refused
	Why        string         `json:"why"`                // what a failure means: who can do what, or what breaks
	Title      string         `json:"title"`
	Setup      string         `json:"setup"`
	Sent       string         `json:"sent"`
	InPlace    suite.Kind     `json:"inPlace,omitempty"` // the kind of request that was sent in place of a call
	Verdict    engine.Verdict `json:"verdict"`
	Ambiguity  string         `json:"ambiguity,omitempty"` // of the specification, that the case touches: "R5"
	Behaviour  string         `json:"behaviour,omitempty"` // of the target, where the specification is ambiguous
	Expected   string         `json:"expected"`
	Observed   string         `json:"observed"`
	Note       string         `json:"note,omitempty"`
	Unscored   engine.Verdict `json:"unscored,omitempty"` // what the verdict would be, if the catalogue that scores had the case
	Cause      string         `json:"cause,omitempty"`    // of a blocked case: the id of the case that failed
	Core       bool           `json:"core,omitempty"`     // not selected: added because exit code 0 requires it, or because others rest on it
	Excuse     *engine.Excuse `json:"excuse,omitempty"`
	Exchanges  []Exchange     `json:"exchanges"`
	Reproduce  string         `json:"reproduce"`
}

// Conclusion is the conclusion of a run, a rotation or a sweep.
type Conclusion struct {
	Verdict  string `json:"verdict"` // one of a few words: "conforms", "violates", …
	ExitCode int    `json:"exitCode"`
	Why      string `json:"why"`
}
