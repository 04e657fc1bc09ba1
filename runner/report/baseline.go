package report

import (
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Baseline is the known violations of a target. It is strict both ways: a
// violation that it does not name counts, and an entry that excuses no violation, or
// has expired, makes it stale.
type Baseline struct {
	File    string          `json:"file"`
	Entries []engine.Excuse `json:"-"`
	Stale   []string        `json:"stale,omitempty"`   // entries for cases that do not exist
	Expired []string        `json:"expired,omitempty"` // entries that excuse nothing any more
}

// apply excuses cases in place, and gives the baseline with what is stale in it.
// Entries for cases that were not selected, or do not apply, excuse nothing.
func (b *Baseline) apply(cases []Case, at time.Time) *Baseline {
	if b == nil {
		return nil
	}
	index := map[string]int{}
	for i, c := range cases {
		index[c.ID] = i
	}
	applied := Baseline{File: b.File, Entries: b.Entries}
	for _, excuse := range b.Entries {
		i, chosen := index[excuse.Case]
		_, err := suite.Find(excuse.Case)
		switch {
		case !chosen && err != nil:
			applied.Stale = append(applied.Stale, excuse.Case)
		case excuse.Expired(at):
			applied.Expired = append(applied.Expired, excuse.Case)
		case chosen:
			cases[i].excuse(excuse)
		}
	}
	return &applied
}

func (c *Case) excuse(e engine.Excuse) {
	if verdict := e.Apply(c.Verdict); verdict != c.Verdict {
		c.Verdict, c.Excuse = verdict, &e
	}
}

// excusedViolation reports whether a violation is excused, not an open question.
func (c Case) excusedViolation() bool {
	return c.Verdict == engine.Excused && c.Excuse.Excuses != engine.Inconclusive
}
