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
	Verdicts map[string]string // by case id; a case that is not in it passes
	Void     bool              // the run was void, so there are no verdicts
}

// KillMatrix returns the verdicts of every mutant when all cases are judged on it.
func KillMatrix() []Row {
	mutants := map[string]Mutant{}
	for _, m := range Mutants() {
		mutants[m.Name] = m
	}
	var rows []Row
	for line := range strings.Lines(killMatrix) {
		if name, _, isMutant := strings.Cut(line, " ("); isMutant && line[0] != ' ' {
			rows = append(rows, Row{Mutant: mutants[name], Verdicts: map[string]string{}})
			continue
		}
		row := &rows[len(rows)-1]
		verdict, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		if verdict == "void:" {
			row.Void = true
			continue
		}
		row.Verdicts[id] = verdict
	}
	return rows
}
