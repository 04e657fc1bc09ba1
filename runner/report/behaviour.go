package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/runner/page"
)

// behaviour shows what the target does where the specification is ambiguous.
func (t text) behaviour(r Report) {
	found := r.unspecified()
	if len(found) == 0 {
		return
	}
	t.Heading("Unspecified behaviour (observed, not scored)")
	for _, u := range found {
		for i, behaviour := range u.Behaviours {
			if i > 0 {
				u.ID, u.Question = "", ""
			}
			t.observation(u.ID, u.Question, behaviour)
		}
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
