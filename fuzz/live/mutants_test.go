package live

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// mutantsGolden says how many requests it takes to find each mutant. Update it
// with UPDATE_GOLDEN=1 (minutes), and read the diff: it is a change of the
// fuzzer's power.
const mutantsGolden = "testdata/mutants.golden"

const (
	seeds11 = 11
	enough  = 20_000 // requests, after which a mutant counts as not found
)

// requestsUntil is how many requests one worker sends until it sees a mutant's
// defect; more than enough where it does not. It is void where the defect is that
// no valid request is accepted: then the campaign proves nothing, and says so.
func requestsUntil(t testing.TB, m zoo.Mutant, o Options) (n int, void bool) {
	c, err := Fuzz(t.Context(), memory(t, m.Name), o)
	switch {
	case err != nil:
		t.Errorf("%s: %v", m.Name, err)
	case c.Void != "" || len(c.Findings) > 0:
		return c.Requests, c.Void != ""
	}
	return enough + 1, false
}

// isVoid is the mark of a row whose mutant makes every campaign void.
const isVoid = " (void)"

// count is the row of a mutant: the median of an odd number of campaigns, and a
// mark if most of them were void.
func count(t testing.TB, m zoo.Mutant) string {
	var counted []int
	voids := 0
	for seed := range uint64(seeds11) {
		n, void := requestsUntil(t, m, Options{Seed: seed + 1, Requests: enough, stopAtFirst: true})
		counted = append(counted, n)
		if void {
			voids++
		}
	}
	slices.Sort(counted)
	row := strconv.Itoa(counted[seeds11/2])
	if voids > seeds11/2 {
		row += isVoid
	}
	return row
}

// requestsIn is the number of requests in a row; more than enough where there is none.
func requestsIn(row string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(row, isVoid))
	if err != nil {
		return enough + 1
	}
	return n
}

func TestEveryMutantIsFoundOrOutOfScope(t *testing.T) {
	rows := golden(t)
	medians := map[int][]int{} // by their bound
	for _, m := range zoo.Mutants() {
		row, there := rows[m.Name]
		reason := reasonOf(m.Name)
		switch {
		case !there:
			t.Errorf("%s is not in %s: add it with UPDATE_GOLDEN=new go test ./fuzz/live -run TheTableIsFresh", m.Name, mutantsGolden)
		case reason != "" && row != "not: "+reason:
			t.Errorf("%s: the table says %q", m.Name, row)
		case reason == "":
			if requestsIn(row) > enough {
				t.Errorf("%s is not found: %q", m.Name, row)
			}
			medians[boundOf(m)] = append(medians[boundOf(m)], requestsIn(row))
		}
		delete(rows, m.Name)
	}
	for name := range rows {
		t.Errorf("%s is in the table, and not in the zoo", name)
	}
	for bound, all := range medians {
		slices.Sort(all)
		if at := all[len(all)*9/10]; at > bound {
			t.Errorf("nine in ten of %d mutants take up to %d requests, more than %d", len(all), at, bound)
		}
	}
}

// boundOf is how many requests nine in ten mutants may take. For what shows with one entry
// of a dictionary, or only after or beside other requests, they are more.
func boundOf(m zoo.Mutant) int {
	if strings.HasPrefix(m.Kills, "facets.") || m.Part == zoo.Memory || m.Part == zoo.Sharing {
		return 7000
	}
	return 2000
}

func golden(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(mutantsGolden))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, row, found := strings.Cut(strings.TrimSpace(line), ": "); found && line[0] != '#' {
			rows[name] = row
		}
	}
	return rows
}

// What makes a campaign void shows before anything is drawn, so all rows can be
// looked at.
func TestTheTableSaysWhatIsVoid(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	rows := golden(t)
	for _, m := range zoo.Mutants() {
		if reasonOf(m.Name) != "" {
			continue
		}
		_, void := requestsUntil(t, m, Options{Seed: 1, Requests: 1, stopAtFirst: true})
		if void != strings.HasSuffix(rows[m.Name], isVoid) {
			t.Errorf("%s: it is %v that campaigns are void, and the table says %q", m.Name, void, rows[m.Name])
		}
	}
}

// Some rows are counted again. The code and the table decide which: the same tree
// counts the same rows, and a tree in which something changed counts others.
func TestTheTableIsFresh(t *testing.T) {
	t.Parallel()
	longtest.Skip(t)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		writeTable(t, os.Getenv("UPDATE_GOLDEN"))
	}
	rows := golden(t)
	for _, m := range sample(t, rows) {
		t.Run(m.Name, func(t *testing.T) {
			if got := count(t, m); got != rows[m.Name] {
				t.Errorf("it takes %s requests, and the table says %s: update it with UPDATE_GOLDEN=1", got, rows[m.Name])
			}
		})
	}
}

// atATime is how many requests the rows of a sample have together, so a row with
// more is never in one.
const atATime = 1000

func sample(t testing.TB, rows map[string]string) (chosen []zoo.Mutant) {
	random, left := rand.New(rand.NewChaCha8(stateOf(t))), atATime
	mutants := zoo.Mutants()
	random.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	for _, m := range mutants {
		if n := requestsIn(rows[m.Name]); n <= left {
			chosen, left = append(chosen, m), left-n
		}
	}
	return chosen
}

// stateOf is a hash of all on which a row depends: the table, the fuzzer, and
// what it fuzzes.
func stateOf(t testing.TB) (state [sha256.Size]byte) {
	t.Helper()
	hash := sha256.New()
	for _, pattern := range []string{mutantsGolden, "*.go", "../../suite/*.go", "../../suite/engine/*.go", "../../suite/inprocess/*.go", "../../suite/zoo/*.go", "../../reference/*.go"} {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("there is nothing like %s: %v", pattern, err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(hash, "%s %d\n%s", filepath.ToSlash(name), len(text), text)
		}
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// writeTable counts all mutants again, or with UPDATE_GOLDEN=new only those that
// the table does not know or did not find, or with a list of names only these.
func writeTable(t *testing.T, which string) {
	mutants, known := zoo.Mutants(), map[string]string{}
	if which != "1" {
		known = golden(t)
		for name := range strings.SplitSeq(which, ",") {
			delete(known, name)
		}
	}
	rows := make([]string, len(mutants))
	var counting sync.WaitGroup
	slots := make(chan struct{}, 8) // most of them wait
	for i, m := range mutants {
		counting.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			row := known[m.Name]
			switch {
			case reasonOf(m.Name) != "":
				row = "not: " + reasonOf(m.Name)
			case requestsIn(row) > enough:
				row = count(t, m)
			}
			rows[i] = m.Name + ": " + row + "\n"
		})
	}
	counting.Wait()
	head := fmt.Sprintf("# Requests until each mutant is found: the median of %d seeds, one worker, a stopped clock;\n# void where no valid request is accepted, so that the campaign proves nothing and says so (exit 4).\n", seeds11)
	if err := os.WriteFile(filepath.FromSlash(mutantsGolden), []byte(head+strings.Join(rows, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}
