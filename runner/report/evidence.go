package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// EvidenceSource is what was judged, where the target itself was not: what an earlier run
// observed. Cases are named by their ids.
type EvidenceSource struct {
	SHA256 string `json:"sha256"` // of its SHA256SUMS
	Tool   Tool   `json:"tool"`   // the program that gathered it
	// SameCatalogue: it was gathered by the catalogue that judges it.
	SameCatalogue bool     `json:"sameCatalogue"`
	Absent        []string `json:"absent,omitempty"`  // are not in it: not scored
	Changed       []string `json:"changed,omitempty"` // send something else by now: inconclusive
	Removed       []string `json:"removed,omitempty"` // are in it, and not in the catalogue any more
}

// mostNamed is how many cases are named in a sentence.
const mostNamed = 12

// remarks are what else is to be known of how cases were judged.
func (r Report) remarks() []string { return append(r.ofCatalogue(), r.ofEvidence()...) }

// ofEvidence says what was judged, and what could not be; nothing, if the target itself
// was judged.
func (r Report) ofEvidence() []string {
	e := r.Evidence
	if e == nil {
		return nil
	}
	with := e.Tool.Name + " " + e.Tool.Version
	if e.SameCatalogue {
		with += ", by the same catalogue"
	}
	said := []string{fmt.Sprintf("Judged from evidence that was gathered %s with %s. SHA-256 of its SHA256SUMS: %s.", r.Started.Format("2006-01-02 15:04:05 MST"), cut(with, mostWith), e.SHA256)}
	for _, list := range []struct {
		ids  []string
		says string
	}{
		{e.Absent, "not in the evidence, and not scored"}, {e.Changed, "inconclusive, because the request is another one now"}, {e.Removed, "in the evidence, and not in the catalogue any more"},
	} {
		if len(list.ids) == 0 {
			continue
		}
		named := slices.Clone(list.ids[:min(mostNamed, len(list.ids))])
		for i, id := range named {
			named[i] = cut(id, mostWith)
		}
		if more := len(list.ids) - mostNamed; more > 0 {
			named = append(named, fmt.Sprintf("and %d more", more))
		}
		said = append(said, fmt.Sprintf("%s %s: %s.", page.Count(len(list.ids), "case"), list.says, strings.Join(named, ", ")))
	}
	return said
}

// mostWith is how much of a name is shown that evidence has.
const mostWith = 100
