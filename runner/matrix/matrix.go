// Package matrix judges many targets and versions and compares them in one table:
// its columns are the targets, its rows the chapters of the catalogue or the cases.
//
// [Run] judges a few targets at a time and keeps every finished one in a folder,
// from which the next run goes on. A [Shard] is a part of the targets, for the jobs
// of a build matrix; [Merge] joins the results of all shards.
package matrix

import (
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/report"
	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// schemaName names the form of a [Matrix]; matrix.schema.json describes it.
const schemaName = "urn:countersign:matrix:1"

// Matrix is the published result of judging many targets.
type Matrix struct {
	Schema     string            `json:"schema"`
	Conclusion report.Conclusion `json:"conclusion"` // the worst of the columns
	Plan       Plan              `json:"plan"`
	Shard      Shard             `json:"shard"`
	Targets    []string          `json:"targets"` // of all shards, in the order of the columns
	Cases      []Row             `json:"cases"`
	Columns    []Column          `json:"columns"` // of this shard
}

// Plan is what all columns, also those of other shards, have in common.
type Plan struct {
	Tool        report.Tool   `json:"tool"`
	Tier        string        `json:"tier"`
	Profile     suite.Profile `json:"profile"`
	Patterns    []string      `json:"patterns"` // of the selected cases; none: those of the tier
	Destructive bool          `json:"destructive"`
	RandomSeed  uint64        `json:"randomSeed"`
}

// equal reports whether columns of both plans can be compared.
func (p Plan) equal(other Plan) bool {
	return p.Tool == other.Tool && p.Tier == other.Tier && p.Profile == other.Profile && p.Destructive == other.Destructive &&
		p.RandomSeed == other.RandomSeed && slices.Equal(p.Patterns, other.Patterns)
}

// Row is one row of the table.
type Row struct {
	ID      string      `json:"id"`
	Chapter string      `json:"chapter"`
	Clause  string      `json:"clause"`
	Level   suite.Level `json:"level"`
	Risk    suite.Risk  `json:"risk"`
	Title   string      `json:"title"`
}

// casesOf are the rows of a selection.
func casesOf(s run.Selection) ([]Row, error) {
	chosen, err := s.Choose()
	if err != nil {
		return nil, err
	}
	cases := []Row{}
	for _, c := range chosen.Cases {
		chapter, _, _ := strings.Cut(c.ID, ".")
		cases = append(cases, Row{c.ID, chapter, c.Clause.String(), c.Level, c.Risk, c.Title})
	}
	return cases, nil
}

// chapters are those of the rows, in their order.
func (m Matrix) chapters() []string {
	var found []string
	for _, c := range m.Cases {
		if !slices.Contains(found, c.Chapter) {
			found = append(found, c.Chapter)
		}
	}
	return found
}

// Column is one target with its verdicts.
type Column struct {
	Target     string                 `json:"target"` // as a command line names it, with its version
	Name       string                 `json:"name"`
	Version    string                 `json:"version"`
	Digest     string                 `json:"digest"`             // of the target's folder; empty for the embedded reference
	Baseline   string                 `json:"baseline,omitempty"` // the file of its known violations, and a hash of them
	Conclusion report.Conclusion      `json:"conclusion"`
	Output     string                 `json:"output,omitempty"` // the last lines of what did not install or start
	SetupMS    int64                  `json:"setupMs"`          // installing it
	RunMS      int64                  `json:"runMs"`            // judging it, with the self-check
	Setups     int                    `json:"setups"`           // distinct set-ups that were started
	Processes  int                    `json:"processes"`        // times that the target was started
	Summary    map[engine.Verdict]int `json:"summary"`
	Results    []Cell                 `json:"results"` // none if the target was not judged, or is void
}

// Cell is the verdict of one case.
type Cell struct {
	Case     string         `json:"case"`
	Verdict  engine.Verdict `json:"verdict"`
	Observed string         `json:"observed"`
	Note     string         `json:"note,omitempty"`
}

// notJudged is the verdict of a case in a target that was not judged.
const notJudged engine.Verdict = ""

func (c Column) verdict(id string) engine.Verdict {
	for _, r := range c.Results {
		if r.Case == id {
			return r.Verdict
		}
	}
	return notJudged
}
