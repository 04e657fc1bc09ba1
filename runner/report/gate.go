package report

import (
	"fmt"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Gate is what conforming requires besides the MUSTs that were judged. The zero Gate
// requires nothing.
type Gate struct {
	Require   suite.Level `json:"require,omitempty"`   // SHOULD: a SHOULD that is not met is a violation
	MinJudged int         `json:"minJudged,omitempty"` // cases with a verdict about the target
}

// violated counts what makes a target violate: failures, and warnings where the gate
// requires each SHOULD.
func (r Report) violated() int {
	n := r.Summary[engine.Fail]
	if r.Gate != nil && r.Gate.Require == suite.Should {
		n += r.Summary[engine.Warn]
	}
	return n
}

// tooFew says that fewer cases were judged than the gate requires; empty if not.
func (r Report) tooFew() string {
	if r.Gate == nil || r.Judged >= r.Gate.MinJudged {
		return ""
	}
	return fmt.Sprintf("%d cases were judged, and --min-judged requires %d", r.Judged, r.Gate.MinJudged)
}

// pin scores the cases as a version of the catalogue had them: one that it did not
// have is only observed, and a failure of one that was a SHOULD is a warning.
func (r *Report) pin(p *suite.Pinned) {
	if p == nil {
		return
	}
	r.Catalogue = p.Version
	for i := range r.Cases {
		c := &r.Cases[i]
		level, had := p.Level(c.ID)
		switch {
		case !had && (c.Verdict == engine.Fail || c.Verdict == engine.Warn || c.Verdict == engine.Pass):
			c.unscored(fmt.Sprintf("not scored: newer than the catalogue %s; its verdict would be %s", p.Version, c.Verdict), engine.Observed)
		case !had && (c.Verdict == engine.Inconclusive || c.Verdict == engine.Error || c.Verdict == engine.Blocked):
			c.unscored(fmt.Sprintf("newer than the catalogue %s, and could not be judged: %s", p.Version, c.Verdict), engine.NotApplicable)
		case had && level == suite.Should && c.Verdict == engine.Fail:
			c.score("a SHOULD in the catalogue "+p.Version, engine.Warn)
		case had && level == suite.May && (c.Verdict == engine.Fail || c.Verdict == engine.Warn):
			c.unscored(fmt.Sprintf("not scored in the catalogue %s; its verdict would be %s", p.Version, c.Verdict), engine.Observed)
		}
		if had {
			c.Level = level
		} else {
			c.Level = suite.May
		}
	}
}

// unscored replaces a verdict that does not count, and keeps it.
func (c *Case) unscored(note string, verdict engine.Verdict) {
	c.Unscored = c.Verdict
	c.score(note, verdict)
}

// ofCatalogue says what the catalogue that scores did not have; nothing, if that is the
// newest.
func (r Report) ofCatalogue() []string {
	if r.Catalogue == "" {
		return nil
	}
	n := 0
	would := map[engine.Verdict][]string{}
	for _, c := range r.Cases {
		if c.Unscored != "" {
			n++
			would[c.Unscored] = append(would[c.Unscored], c.ID)
		}
	}
	text := fmt.Sprintf("Scored by the catalogue %s", r.Catalogue)
	if n == 0 {
		return []string{text + ", which has every case of this run."}
	}
	text += fmt.Sprintf(": %s that it did not have, or not as a requirement, not scored", page.Count(n, "case"))
	for _, v := range []engine.Verdict{engine.Fail, engine.Warn, engine.Error, engine.Inconclusive, engine.Blocked} {
		if ids := would[v]; len(ids) > 0 {
			text += fmt.Sprintf("; %d would be %s: %s", len(ids), v, first(ids, mostNamed))
		}
	}
	return []string{text + "."}
}

// score changes a verdict, and says why.
func (c *Case) score(note string, v engine.Verdict) {
	if c.Verdict = v; c.Note != "" {
		note += "; " + c.Note
	}
	c.Note = note
}
