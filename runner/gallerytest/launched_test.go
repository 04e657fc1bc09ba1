package gallerytest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/countersign-dev/countersign/runner/run"
	"github.com/countersign-dev/countersign/suite/gallery"
)

// Variables that make this test binary a target.
const (
	endpointVariable = "GALLERYTEST_ENDPOINT" // its name
	tallyVariable    = "GALLERYTEST_TALLY"    // a file that grows by a byte with each request
	servePath        = "/api/inngest"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(endpointVariable); name != "" {
		fmt.Fprintln(os.Stderr, serveAs(name))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// startedOddly are correct endpoints that are peculiar only as processes.
var startedOddly = []gallery.Endpoint{
	{Name: "supervisor", Peculiar: "the process that is started listens nowhere: its child does"},
	{Name: "supervisor-that-restarts", Peculiar: "a child is replaced by another one after its first 40 requests"},
	{Name: "start-command-that-exits", Peculiar: "the process that is started ends when its child, a daemon, listens"},
}

func oddly(e gallery.Endpoint) bool {
	return slices.ContainsFunc(startedOddly, func(other gallery.Endpoint) bool { return other.Name == e.Name })
}

// process holds for endpoints that differ where they are processes: by how they
// are hosted and started, by what they do by themselves, and by what the network
// and the clock between us and them do.
func process(e gallery.Endpoint) bool {
	parts := []gallery.Part{gallery.Hosting, gallery.OwnDoing, gallery.Network, gallery.Clocks, gallery.Limits, gallery.Replays}
	return oddly(e) || slices.Contains(parts, e.Part)
}

// launched judges an endpoint as a target that is started as a process.
func launched(ctx context.Context, e *subject) []string {
	self, err := os.Executable()
	if err != nil {
		e.t.Fatal(err)
	}
	folder, tally := e.t.TempDir(), filepath.Join(e.t.TempDir(), "requests")
	description := fmt.Sprintf("name: gallery\ntitle: %s\nstart: [%q]\npath: %s\nset: {%s: %q, %s: %q}\ncloud: []\ncapabilities:\n",
		e.Name, self, servePath, endpointVariable, e.Name, tallyVariable, tally)
	for _, claim := range e.Claims() {
		description += fmt.Sprintf("  - {name: %s}\n", claim)
	}
	if err := os.WriteFile(filepath.Join(folder, "target.yaml"), []byte(description), 0o644); err != nil {
		e.t.Fatal(err)
	}
	found := judged(run.Run(ctx, run.Options{Target: run.TargetSpec{Name: folder}, Seed: 5, Jobs: 4}))
	if file, err := os.Stat(tally); err == nil {
		e.requests.Add(file.Size())
	}
	return found
}
