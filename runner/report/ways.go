package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// readings are the ways that the target takes where the texts leave room. Cases
// that score nothing say it; the ways of scored ones are told where they agree.
func (p *page) readings(r Report) {
	taken := groups(r, engine.Observed, func(c Case) string { return c.Reading })
	scored := groups(r, "", func(c Case) string { return c.Reading })
	for _, g := range scored {
		if len(ways(taken, g.reading())) == 0 && len(ways(scored, g.reading())) == 1 {
			taken = append(taken, g)
		}
	}
	if len(taken) == 0 {
		return
	}
	byNumber := func(a, b group) int {
		return cmp.Or(cmp.Compare(number(a.key), number(b.key)), strings.Compare(a.key, b.key))
	}
	slices.SortStableFunc(taken, byNumber)
	p.heading("Where the texts leave room, the target goes this way")
	above := ""
	for _, g := range taken {
		id, way, _ := strings.Cut(g.key, ": ")
		if id == above {
			p.reading("", "", way+which(g, taken))
			continue
		}
		question, _ := suite.FindAmbiguity(id)
		p.reading(id, question.Question, way+which(g, taken))
		above = id
	}
}

// reading sets a question and the way taken beside each other.
func (p *page) reading(id, question, way string) {
	const margin, gap = 8, 2
	half := (p.width() - margin - gap) / 2
	left, right := wrap(question, half), wrap(way, half)
	for i := range max(len(left), len(right)) {
		p.line("   ", p.paint(pad(id, margin-3), dim), p.paint(pad(at(left, i), half+gap), dim), at(right, i))
		id = ""
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// which says of which cases a way was seen, where there is more than one way.
func which(g group, all []group) string {
	if len(ways(all, g.reading())) == 1 {
		return ""
	}
	return " (" + strings.Join(g.ids, ", ") + ")"
}

// ways are the groups of one reading.
func ways(all []group, reading string) []group {
	return slices.DeleteFunc(slices.Clone(all), func(g group) bool { return g.reading() != reading })
}

// reading is the id in a key such as "R5: accepted".
func (g group) reading() string {
	id, _, _ := strings.Cut(g.key, ":")
	return id
}

func number(reading string) (n int) {
	_, _ = fmt.Sscanf(reading, "R%d", &n) // what is no reading is sorted first
	return n
}

func (p *page) inapplicable(r Report) {
	reasons := groups(r, engine.NotApplicable, func(c Case) string { return c.Note })
	if len(reasons) == 0 {
		return
	}
	p.heading("Not applicable")
	for _, g := range reasons {
		p.paragraph(fmt.Sprintf("%s: %s", some(len(g.ids), "case"), g.key))
	}
}

// group is cases that have something in common.
type group struct {
	key   string
	first Case
	ids   []string
}

// groups gathers cases by a key, in the order of the cases; the empty verdict
// stands for any, and what has no key is left out.
func groups(r Report, verdict engine.Verdict, key func(Case) string) []group {
	var found []group
	for _, c := range r.Cases {
		if k := key(c); k != "" && (verdict == "" || c.Verdict == verdict) {
			i := slices.IndexFunc(found, func(g group) bool { return g.key == k })
			if i < 0 {
				i, found = len(found), append(found, group{key: k, first: c})
			}
			found[i].ids = append(found[i].ids, c.ID)
		}
	}
	return found
}
