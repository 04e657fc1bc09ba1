package zoo

import (
	_ "embed" // the kill matrix
	"strings"
)

// killMatrix is the golden file of this package's tests, which keep it equal to
// what the suite detects.
//
//go:embed testdata/kill-matrix.txt
var killMatrix string

// Row is one row of the kill matrix: a mutant, and the verdicts of the cases that it
// does not pass.
type Row struct {
	Mutant   Mutant
	Verdicts map[string]string   // by case id; a case that is not in it passes
	Culprits map[string][]string // by case id: the kinds of content because of which it fails, where it names them
	Void     bool                // the run was void, so there are no verdicts
}

// because stands in the kill matrix between a case and the kinds that it names.
const because = " because of: "

// KillMatrix returns the verdicts of every mutant when all cases are judged on it.
func KillMatrix() []Row {
	mutants := map[string]Mutant{}
	for _, m := range Mutants() {
		mutants[m.Name] = m
	}
	var rows []Row
	for line := range strings.Lines(killMatrix) {
		if name, _, isMutant := strings.Cut(line, " ("); isMutant && line[0] != ' ' {
			rows = append(rows, Row{Mutant: mutants[name], Verdicts: map[string]string{}, Culprits: map[string][]string{}})
			continue
		}
		row := &rows[len(rows)-1]
		verdict, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		if verdict == "void:" {
			row.Void = true
			continue
		}
		id, kinds, named := strings.Cut(id, because)
		if row.Verdicts[id] = verdict; named {
			row.Culprits[id] = strings.Split(kinds, " | ")
		}
	}
	return rows
}
