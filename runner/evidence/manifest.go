package evidence

import (
	"time"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// schemaName names the format. One that is not compatible gets another number.
const schemaName = "urn:countersign:evidence:1"

// The files of a folder.
const (
	manifestFile  = "manifest.json"
	runFile       = "run.json"
	casesFile     = "cases.jsonl"
	processesFile = "processes.jsonl"
	exchangesFile = "exchanges.jsonl"
	sumsFile      = "SHA256SUMS"
)

// summed are the files that are named in SHA256SUMS, in its order.
var summed = []string{casesFile, exchangesFile, manifestFile, processesFile, runFile}

// Manifest says who wrote a folder.
type Manifest struct {
	Schema    string        `json:"schema"`
	Complete  bool          `json:"complete"` // false while the run goes on
	Tool      report.Tool   `json:"tool"`     // that judged
	Started   time.Time     `json:"started"`
	Target    report.Target `json:"target"`
	Seed      uint64        `json:"seed"`
	Catalogue Catalogue     `json:"catalogue"`
}

// Catalogue is the one that was judged by.
type Catalogue struct {
	Digest string `json:"digest"` // see [suite.CatalogueDigest]
	Cases  int    `json:"cases"`
}

// Run is what a report says besides the verdicts, and what is known of the whole run.
type Run struct {
	Tier         string                `json:"tier"`
	Profile      suite.Profile         `json:"profile"`
	Patterns     []string              `json:"patterns,omitempty"` // of the cases that were selected; empty: the tier's
	Destructive  bool                  `json:"destructive,omitempty"`
	Target       report.Target         `json:"target"` // as it is known after the run
	Took         time.Duration         `json:"tookNs"`
	Command      string                `json:"command"` // runs it again
	SelfCheck    report.SelfCheck      `json:"selfCheck"`
	Measurements *engine.Measurements  `json:"measurements,omitempty"`
	Setup        []report.SetupMistake `json:"setup,omitempty"` // of an endpoint at a URL that was not clean
	Observed     engine.Evidence       `json:"observed"`
}

// Contents are what a folder holds.
type Contents struct {
	Manifest Manifest
	Run      Run
	Digest   string // the SHA-256 of SHA256SUMS, in hexadecimal
}
