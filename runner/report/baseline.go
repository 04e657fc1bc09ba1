package report

import (
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Baseline is the known violations of a target. It is strict both ways: a
// violation that it does not name counts, and an entry that excuses no violation
// makes it stale.
type Baseline struct {
	File    string          `json:"file"`
	Entries []engine.Excuse `json:"-"`
	Stale   []string        `json:"stale,omitempty"` // entries for cases that do not exist
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

func (c *Case) excuse(e engine.Excuse) {
	if verdict := c.Verdict.UnderExcuse(); verdict != c.Verdict {
		c.Verdict, c.Excuse = verdict, &e
	}
}
