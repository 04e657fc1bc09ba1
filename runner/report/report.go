// Package report turns what a run came to into what people and machines read.
//
// [New] is a pure function from a judged run to a [Report], which is the whole
// published result; [Text] sets it for a terminal, and [Formats] lists the
// formats for files. Nothing here knows a process, a socket or a clock.
package report

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Schema names the form of a [Report]; report.schema.json describes it.
const Schema = "urn:countersign:report:1"

// Report is the published result of one run. Secrets in it are tokens.
type Report struct {
	Schema       string                 `json:"schema"`
	Conclusion   Conclusion             `json:"conclusion"`
	Void         bool                   `json:"void"` // the run proves nothing, whatever the verdicts say
	VoidReason   string                 `json:"voidReason,omitempty"`
	RandomSeed   uint64                 `json:"randomSeed"`
	Target       Target                 `json:"target"`
	Tool         Tool                   `json:"tool"`
	Tier         string                 `json:"tier"`
	Profile      suite.Profile          `json:"profile,omitempty"` // how ambiguities were scored; default or spec
	Started      time.Time              `json:"started"`
	TookMS       int64                  `json:"tookMs"`
	Setups       int                    `json:"setups"` // distinct set-ups that were brought up
	SelfCheck    SelfCheck              `json:"selfCheck"`
	Judged       int                    `json:"judged"`    // cases with a verdict about the target
	Total        int                    `json:"total"`     // cases chosen
	Available    int                    `json:"available"` // cases that the tier has
	Summary      map[engine.Verdict]int `json:"summary"`
	Baseline     *Baseline              `json:"baseline,omitempty"`
	Measurements *engine.Measurements   `json:"measurements,omitempty"` // facts, never scored
	Cases        []Case                 `json:"cases"`
}

// Tool is the program that judged.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target is what was judged.
type Target struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Kind    Kind   `json:"kind"`
	URL     string `json:"url,omitempty"`
	SDK     string `json:"sdk,omitempty"` // what it calls itself in X-Inngest-Sdk
}

// Kind is how a target came to be there.
type Kind string

// The kinds.
const (
	Embedded Kind = "embedded" // the reference, in this process
	Launched Kind = "launched" // installed and started by the run
	Attached Kind = "attached" // found running at a URL
)

// SelfCheck is what the suite made of endpoints whose verdict is known. It is
// made in every run, before the target is judged.
type SelfCheck struct {
	Reference int      `json:"reference"` // cases in which the reference was judged
	Mutants   []Mutant `json:"mutants"`
	Misjudged string   `json:"misjudged,omitempty"` // what went wrong; voids the run
}

// Mutant is a deliberately broken endpoint and what its case made of it.
type Mutant struct {
	Name    string         `json:"name"`
	Case    string         `json:"case"`
	Verdict engine.Verdict `json:"verdict"`
}

// Case is one case with its verdict and all that led to it.
type Case struct {
	ID         string         `json:"id"`
	Clause     string         `json:"clause"`
	ClauseText string         `json:"clauseText"`
	Seed       string         `json:"seed"`
	Level      suite.Level    `json:"level"`
	Risk       suite.Risk     `json:"risk"`
	Title      string         `json:"title"`
	Setup      string         `json:"setup"`
	Sent       string         `json:"sent"`
	Verdict    engine.Verdict `json:"verdict"`
	Reading    string         `json:"reading"` // "R5: accepted"; empty where the texts agree
	Expected   string         `json:"expected"`
	Seen       string         `json:"seen"`
	Note       string         `json:"note,omitempty"`
	Core       bool           `json:"core,omitempty"` // not asked for: added because exit 0 requires it
	Excuse     *Excuse        `json:"excuse,omitempty"`
	Exchanges  []Exchange     `json:"exchanges"`
	Reproduce  string         `json:"reproduce"`
}
