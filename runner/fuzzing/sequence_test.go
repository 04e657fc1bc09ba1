package fuzzing

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/fuzz/live"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/inprocess"
	"github.com/countersign-dev/countersign/suite/longtest"
	"github.com/countersign-dev/countersign/suite/zoo"
)

// A finding that needs several requests is kept with all of them, and replayed from its
// folder, over loopback as in memory.
func TestSequencesAreKeptAndReplayed(t *testing.T) {
	longtest.Skip(t)
	for mutant, want := range map[string]struct {
		state    string // of a finding, in words
		sequence int    // requests besides the last one
	}{
		"cold-lets-unsigned-in":       {"to a target that was just started", 0},
		"breaker-fails-open":          {"after 20 times call: ", 2},
		"connection-is-authenticated": {"after call, unchanged", 2},
		"in-flight-lets-unsigned-in":  {"while valid calls have arrived except for their last byte", 2},
	} {
		t.Run(mutant, func(t *testing.T) {
			t.Parallel()
			lab := overLoopback(t, mutant)
			folder := t.TempDir()
			o := Options{Options: live.Options{Seed: 1, Requests: 3000, Workers: 2}, Target: "mine", Folder: folder}
			r, err := Run(t.Context(), lab, o)
			if err != nil || r.Lost != nil || len(r.Findings) == 0 {
				t.Fatalf("%v, %v, %d findings; unconfirmed %+v", err, r.Lost, len(r.Findings), r.Unconfirmed)
			}
			at := slices.IndexFunc(r.Findings, func(f live.Finding) bool { return strings.Contains(f.Input.String(), want.state) })
			if at < 0 {
				t.Fatalf("no finding %s among %d", want.state, len(r.Findings))
			}
			place := filepath.Join(folder, r.Findings[at].Name())
			readme := contents(t, place, readmeFile)
			if !strings.Contains(readme, "What is sent to the target each time") || !strings.Contains(contents(t, place, scriptFile), "one request of a sequence") {
				t.Errorf("the finding is not described as a sequence:\n%s", readme)
			}
			for n := range want.sequence {
				if text := contents(t, place, live.SequenceFile(n)); !strings.HasPrefix(text, "POST /api/inngest?fnId=") {
					t.Errorf("%s:\n%s", live.SequenceFile(n), text)
				}
			}
			f, err := ReadFinding(place)
			if err != nil {
				t.Fatal(err)
			}
			for name, reproduced := range map[string]int{mutant: 3, "": 0} {
				again, err := live.Replay(t.Context(), overLoopback(t, name), f, live.Options{})
				if err != nil || again.Void != "" || again.Reproduced != reproduced {
					t.Errorf("%s on %q: %+v, %v", f.Input, name, again, err)
				}
			}
		})
	}
}

// overLoopback is a lab whose endpoints are served by a real server, and whose
// connections are kept.
func overLoopback(t *testing.T, mutant string) *inprocess.Lab {
	t.Helper()
	m, known := zoo.Find(mutant)
	if mutant != "" && !known {
		t.Fatalf("there is no mutant %q", mutant)
	}
	lab := inprocess.NewReference(inprocess.Options{Keys: suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), KeepAlive: true}, m.Break)
	t.Cleanup(lab.Close)
	return lab
}

func contents(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
