package sweep

import (
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite/engine"
)

// Finding is what holds of one case over the versions.
type Finding struct {
	Kind  Kind   `json:"kind"`
	From  string `json:"from,omitempty"`  // the first version that holds after one that does not
	Until string `json:"until,omitempty"` // the last version that holds before one that does not
	Text  string `json:"text"`
}

// Kind sorts findings.
type Kind string

// The kinds, in the order in which they are told.
const (
	HoldsFrom       Kind = "holds-from"
	HoldsUntil      Kind = "holds-until"
	NotMonotone     Kind = "not-monotone"
	NeverHolds      Kind = "never-holds"
	HoldsThroughout Kind = "holds-throughout"
	NothingOwed     Kind = "nothing-owed"
	DoesNotApply    Kind = "does-not-apply"
	NotKnown        Kind = "not-known"
)

var kinds = []Kind{HoldsFrom, HoldsUntil, NotMonotone, NeverHolds, HoldsThroughout, NothingOwed, DoesNotApply, NotKnown}

// kind is what a verdict means over versions.
type kind string

const (
	holds   kind = "holds"
	misses  kind = "misses"
	observe kind = "observed"
	apart   kind = "does not apply"
	unknown kind = "not known"
)

func kindOf(v engine.Verdict) kind {
	switch v {
	case engine.Pass:
		return holds
	case engine.Fail, engine.Warn:
		return misses
	case engine.Observed:
		return observe
	case engine.NotApplicable:
		return apart
	}
	return unknown
}

// find concludes on one case.
func find(versions []Version, id string) Finding {
	var labels []string
	for _, v := range versions {
		labels = append(labels, v.Version)
	}
	return Conclude(labels, assumed(versions, id))
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

// Conclude says in words what a row of verdicts shows, one for each version,
// oldest first.
func Conclude(versions []string, cells []engine.Verdict) Finding {
	all := runs(versions, cells)
	settled := runs(only(versions, cells, holds, misses))
	f := scored(settled)
	if len(settled) == 0 {
		f = unscored(all)
	}
	if apartFrom := where(all, apart); apartFrom != "" && f.Kind != DoesNotApply {
		f.Text += "; does not apply to " + apartFrom
	}
	if open := where(all, unknown); open != "" && f.Kind != NotKnown {
		f.Text += "; not known in " + open
	}
	return f
}

// scored is for versions that hold and versions that do not, in turns.
func scored(settled []run) Finding {
	f := Finding{Kind: NotMonotone}
	for i, r := range settled {
		switch {
		case r.kind == holds && i > 0 && f.From == "":
			f.From = r.from
		case r.kind == misses && i > 0:
			f.Until = settled[i-1].to
		}
	}
	switch {
	case f.From == "" && f.Until == "" && where(settled, holds) != "":
		f.Kind, f.Text = HoldsThroughout, "holds throughout"
	case f.From == "" && f.Until == "":
		f.Kind, f.Text = NeverHolds, "never holds"
	case f.Until == "":
		f.Kind, f.Text = HoldsFrom, "holds from "+f.From+" on"
	case f.From == "":
		f.Kind, f.Text = HoldsUntil, "holds up to "+f.Until+", and not from "+settled[1].from+" on"
	default:
		f.Text = "not monotone: holds in " + where(settled, holds) + "; not in " + where(settled, misses)
	}
	return f
}

// unscored: no version was judged by this case.
func unscored(all []run) Finding {
	switch {
	case where(all, observe) != "":
		return Finding{Kind: NothingOwed, Text: "nothing is owed: `countersign run` tells the way taken"}
	case where(all, apart) != "":
		return Finding{Kind: DoesNotApply, Text: "does not apply"}
	}
	return Finding{Kind: NotKnown, Text: "not known"}
}

// run is neighbouring versions in which a case is of one kind.
type run struct {
	kind     kind
	from, to string
}

func runs(versions []string, cells []engine.Verdict) (found []run) {
	for i, cell := range cells {
		if k := kindOf(cell); len(found) == 0 || found[len(found)-1].kind != k {
			found = append(found, run{k, versions[i], versions[i]})
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
func where(all []run, k kind) string {
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
