package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// behaviour shows what the target does where the specification is ambiguous.
// Observed cases always count; scored ones only where all of them that touch the
// same ambiguity agree and no observed case does.
func (t text) behaviour(r Report) {
	shown := groups(r, engine.Observed, Case.unspecified)
	scored := groups(r, "", Case.unspecified)
	for _, g := range scored {
		if len(sameAmbiguity(shown, g)) == 0 && len(sameAmbiguity(scored, g)) == 1 {
			shown = append(shown, g)
		}
	}
	if len(shown) == 0 {
		return
	}
	slices.SortStableFunc(shown, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.number(), b.number()), strings.Compare(a.key, b.key))
	})
	t.Heading("Unspecified behaviour (observed, not scored)")
	above := ""
	for _, g := range shown {
		id, question := g.first.Ambiguity, ""
		if id == above {
			id = ""
		} else if ambiguity, known := suite.FindAmbiguity(id); known {
			question = ambiguity.Question
		}
		t.observation(id, question, g.first.Behaviour+whichCases(g, shown))
		above = g.first.Ambiguity
	}
}

// unspecified is the key of the behaviour that a case shows: "R5: accepted";
// empty where it shows none.
func (c Case) unspecified() string {
	if c.Behaviour == "" {
		return ""
	}
	return c.Ambiguity + ": " + c.Behaviour
}

// observation writes a question and the behaviour beside each other.
func (t text) observation(id, question, behaviour string) {
	const indent, gap = 8, 2
	half := (t.Width() - indent - gap) / 2
	left, right := page.Wrap(question, half), page.Wrap(behaviour, half)
	for i := range max(len(left), len(right)) {
		t.Line(page.Space(3), page.Text(page.Pad(id, indent-3), page.Dim), page.Text(page.Pad(at(left, i), half+gap), page.Dim), page.Text(at(right, i)))
		id = ""
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// whichCases names the cases of a behaviour, where the target behaves in more
// than one way.
func whichCases(g group, all []group) string {
	if len(sameAmbiguity(all, g)) == 1 {
		return ""
	}
	return " (" + strings.Join(g.ids, ", ") + ")"
}

func sameAmbiguity(all []group, as group) []group {
	return slices.DeleteFunc(slices.Clone(all), func(g group) bool { return g.first.Ambiguity != as.first.Ambiguity })
}

// number is that of the ambiguity: 5 for "R5".
func (g group) number() (n int) {
	_, _ = fmt.Sscanf(g.first.Ambiguity, "R%d", &n) // every ambiguity has a number
	return n
}
