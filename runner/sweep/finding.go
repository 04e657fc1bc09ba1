package sweep

import (
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Finding is how the verdict of one case changes over the versions.
type Finding struct {
	Kind  Change `json:"kind"`
	From  string `json:"from,omitempty"`  // the first version that passes after one that does not
	Until string `json:"until,omitempty"` // the last version that passes before one that does not
	Text  string `json:"text"`
}

// Change is how a verdict changes.
type Change string

// The kinds, in the order in which a page shows them.
const (
	PassesFrom    Change = "passes-from"
	PassesUntil   Change = "passes-until"
	NotMonotone   Change = "not-monotone"
	NeverPasses   Change = "never-passes"
	AlwaysPasses  Change = "always-passes"
	NotScored     Change = "not-scored"
	NotApplicable Change = "not-applicable"
	NotKnown      Change = "unknown"
)

var kinds = []Change{PassesFrom, PassesUntil, NotMonotone, NeverPasses, AlwaysPasses, NotScored, NotApplicable, NotKnown}

// kind is what a verdict means over versions.
type kind string

const (
	passes       kind = "passes"
	fails        kind = "fails"
	observed     kind = "observed"
	inapplicable kind = "not applicable"
	blocked      kind = "blocked"
	unknown      kind = "unknown"
)

func kindOf(v engine.Verdict) kind {
	switch v {
	case engine.Pass:
		return passes
	case engine.Fail, engine.Warn:
		return fails
	case engine.Observed:
		return observed
	case engine.NotApplicable:
		return inapplicable
	case engine.Blocked:
		return blocked
	}
	return unknown
}

// find concludes on one case.
func find(versions []Version, id string) Finding {
	var labels []string
	for _, v := range versions {
		labels = append(labels, v.Version)
	}
	return conclude(labels, assumed(versions, id))
}

// assumed are the verdicts of a case, where a version that a bisection skipped
// has the verdict of its judged neighbours if those two are of one kind.
func assumed(versions []Version, id string) []engine.Verdict {
	cells := make([]engine.Verdict, len(versions))
	last := -1
	for i, v := range versions {
		cells[i] = v.verdict(id)
		if kindOf(cells[i]) == unknown {
			continue
		}
		if last >= 0 && kindOf(cells[last]) == kindOf(cells[i]) {
			for _, between := range skipped(versions, last, i) {
				cells[between] = cells[last]
			}
		}
		last = i
	}
	return cells
}

// conclude describes a row of verdicts, one for each version, oldest first.
func conclude(versions []string, cells []engine.Verdict) Finding {
	all := segments(versions, cells)
	f := unscored(all)
	if settled := segments(only(versions, cells, passes, fails, blocked)); where(settled, passes)+where(settled, fails) != "" {
		f = scored(settled)
	}
	if without := where(all, inapplicable); without != "" && f.Kind != NotApplicable {
		f.Text += "; not applicable to " + without
	}
	if rests := where(all, blocked); rests != "" {
		f.Text += "; blocked in " + rests
	}
	if open := where(all, unknown); open != "" && f.Kind != NotKnown {
		f.Text += "; unknown in " + open
	}
	return f
}

// scored is for segments that pass, that fail, and that are blocked by the failure
// of another case.
func scored(settled []segment) Finding {
	f := Finding{Kind: NotMonotone}
	for i, r := range settled {
		switch {
		case r.kind == passes && i > 0 && f.From == "":
			f.From = r.from
		case r.kind != passes && i > 0 && settled[i-1].kind == passes:
			f.Until = settled[i-1].to
		}
	}
	switch {
	case where(settled, passes) == "":
		f.Kind, f.Text = NeverPasses, "never passes"
	case f.From == "" && f.Until == "":
		f.Kind, f.Text = AlwaysPasses, "always passes"
	case f.Until == "":
		f.Kind, f.Text = PassesFrom, "passes from "+f.From+" on"
	case f.From == "" && settled[1].kind == blocked:
		f.Kind, f.Text = PassesUntil, "passes up to "+f.Until
	case f.From == "":
		f.Kind, f.Text = PassesUntil, "passes up to "+f.Until+", fails from "+settled[1].from+" on"
	default:
		f.Text = "not monotone: passes in " + where(settled, passes)
		if in := where(settled, fails); in != "" {
			f.Text += "; fails in " + in
		}
	}
	return f
}

// unscored is for cases that no version passes or fails.
func unscored(all []segment) Finding {
	switch {
	case where(all, observed) != "":
		return Finding{Kind: NotScored, Text: "not scored: `countersign run` reports the behaviour"}
	case where(all, inapplicable) != "":
		return Finding{Kind: NotApplicable, Text: "not applicable"}
	}
	return Finding{Kind: NotKnown, Text: "unknown"}
}

// segment is consecutive versions in which a case is of one kind.
type segment struct {
	kind     kind
	from, to string
}

func segments(versions []string, cells []engine.Verdict) (found []segment) {
	for i, cell := range cells {
		if k := kindOf(cell); len(found) == 0 || found[len(found)-1].kind != k {
			found = append(found, segment{k, versions[i], versions[i]})
		}
		found[len(found)-1].to = versions[i]
	}
	return found
}

// only keeps the cells of some kinds.
func only(versions []string, cells []engine.Verdict, kept ...kind) (v []string, c []engine.Verdict) {
	for i, cell := range cells {
		if slices.Contains(kept, kindOf(cell)) {
			v, c = append(v, versions[i]), append(c, cell)
		}
	}
	return v, c
}

// where lists the versions of a kind.
func where(all []segment, k kind) string {
	var spans []string
	for _, r := range all {
		if r.kind == k {
			spans = append(spans, span(r.from, r.to))
		}
	}
	return strings.Join(spans, ", ")
}

func span(from, to string) string {
	if from == to {
		return from
	}
	return from + "–" + to
}
