package suite

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// unjudged gives the reason why a clause has no case.
var unjudged = map[string]string{
	"SPEC 3.1":      "a heading: its entries have the cases",
	"SPEC 3.1(1)":   "the event key signs nothing; sending.event shows that the signing key does not stand in for it",
	"SPEC 3.2":      "a heading: its entries have the cases",
	"SPEC 3.2(1)":   "cited as SPEC 4.2.1(1), SPEC 4.2.2(1) and SPEC 7, which say what it does",
	"SPEC 3.2(2)":   "every run relies on it: without it the stand-in API receives nothing and every sync fails",
	"SPEC 3.2(3)":   "sending.event relies on it",
	"SPEC 3.2(5)":   "a path does not affect signatures, and the runner needs it to find the endpoint",
	"SPEC 4.1.1":    "a heading: its entries have the cases",
	"SPEC 4.1.1(1)": "cited as SPEC 4.1.2(1) and SPEC 4.1.4(1), which say where it is required",
	"SPEC 4.1.1(3)": "cited as SPEC 3.1(4), which says what it contains",
	"SPEC 4.1.1(5)": "cited as SPEC 4.3.2(4), which says when it is required",
	"SPEC 4.1.1(6)": "cited as SPEC 4.3.5, which says when it is required",
	"SPEC 4.1.2":    "a heading: its entries have the cases",
	"SPEC 4.1.2(2)": "the version of an execution does not affect signatures",
	"SPEC 4.2.1":    "which server an SDK contacts by default cannot be observed without letting it reach the Internet",
	"SPEC 4.2.3":    "every run relies on it: the API and the event API are set to the stand-in",
	"SPEC 4.3.2":    "a heading: its entries have the cases",
	"SPEC 4.3.2(3)": "cited as SPEC 4.1.4, whose rules these are",
	"SPEC 10.3.2":   "the SDK starts such a run from a request that is not Inngest's, at an endpoint that is not the serve endpoint",
	"SPEC 10.3.3":   "how often a request is retried after an error that is not a refusal does not affect keys; checkpoint.no-switch shows that the key stays the same",
	"KEYS 9":        "a rotation takes several stages and processes: `countersign rotate` performs one, `countersign sweep` finds the minimum version",
}

// CoverageRow is a clause, or a sentence of [Sources], with the cases that test it
// or the reason why none does.
type CoverageRow struct {
	Where, Text string
	Cases       []string
	Reason      string
}

// Coverage lists every clause, by section, and then every sentence of [Sources].
func Coverage() []CoverageRow {
	byPlace := map[string][]string{}
	for _, c := range Catalogue() {
		byPlace[c.Clause.String()] = append(byPlace[c.Clause.String()], c.ID)
		byPlace[c.Source] = append(byPlace[c.Source], c.ID)
	}
	var rows []CoverageRow
	add := func(where, text string) {
		rows = append(rows, CoverageRow{where, text, byPlace[where], unjudged[where]})
	}
	for _, section := range slices.SortedFunc(maps.Keys(clauses), bySection) {
		for item, text := range clauses[section] {
			add(Citation{Section: section, Item: item}.String(), text)
		}
	}
	for _, sentence := range slices.SortedFunc(maps.Keys(Sources), bySection) {
		add(sentence, Sources[sentence])
	}
	return rows
}

// bySection compares numbered headings: 4.2 before 4.10, KEYS 2 before KEYS 10.
func bySection(a, b string) int {
	numbers := func(text string) []int {
		var all []int
		for part := range strings.SplitSeq(strings.TrimPrefix(text, "KEYS "), ".") {
			n, _ := strconv.Atoi(part) // headings are numbers
			all = append(all, n)
		}
		return all
	}
	return slices.Compare(numbers(a), numbers(b))
}
