package report

import (
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// The verdicts that exist only where a baseline is named.
const (
	Excused    engine.Verdict = "excused"    // known, with a reason
	Surprising engine.Verdict = "surprising" // excused, yet it passes
)

// Baseline is the known violations of a target. It is strict both ways: a
// violation that it does not name counts, and an entry that excuses no violation
// makes it stale.
type Baseline struct {
	File    string   `json:"file"`
	Entries []Excuse `json:"-"`
	Stale   []string `json:"stale,omitempty"` // entries for cases that do not exist
}

// Excuse is one entry of a baseline.
type Excuse struct {
	Case   string `json:"-"      yaml:"case"`
	Reason string `json:"reason" yaml:"reason"`
	Link   string `json:"link"   yaml:"link"`
}

// apply excuses cases in place, and gives the baseline with what is stale in it.
// Entries for cases that were not selected, or do not apply, excuse nothing.
func (b *Baseline) apply(cases []Case) *Baseline {
	if b == nil {
		return nil
	}
	at := map[string]int{}
	for i, c := range cases {
		at[c.ID] = i
	}
	applied := Baseline{File: b.File, Entries: b.Entries}
	for _, excuse := range b.Entries {
		if i, chosen := at[excuse.Case]; chosen {
			cases[i].excuse(excuse)
		} else if _, err := suite.Find(excuse.Case); err != nil {
			applied.Stale = append(applied.Stale, excuse.Case)
		}
	}
	return &applied
}

func (c *Case) excuse(e Excuse) {
	switch c.Verdict {
	case engine.Fail, engine.Warn:
		c.Verdict, c.Excuse = Excused, &e
	case engine.Pass, engine.Observed:
		c.Verdict, c.Excuse = Surprising, &e
	}
}
