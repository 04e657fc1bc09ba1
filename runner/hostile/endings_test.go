package hostile

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ending is a way in which a run ends that nobody wants.
type ending struct {
	name      string
	behaviour string
	signal    syscall.Signal // is sent when the run is under way; 0: none
	stdout    string         // a file for standard output, or "closed": a pipe that nobody reads
	report    string         // a file for the report; empty: one in the test's folder
	codes     []int
	marked    bool // the report is there, and says that it is incomplete
	written   bool // the report is there
}

var endings = []ending{
	{name: "SIGINT", behaviour: "pauses", signal: syscall.SIGINT, codes: []int{3}, marked: true, written: true},
	{name: "SIGTERM", behaviour: "pauses", signal: syscall.SIGTERM, codes: []int{3}, marked: true, written: true},
	{name: "SIGINT while nothing responds", behaviour: "never responds", signal: syscall.SIGINT, codes: []int{3}},
	{name: "SIGKILL, children in the group", behaviour: "a child in its group", signal: syscall.SIGKILL, codes: []int{-1}},
	{name: "SIGKILL, detached children", behaviour: "a child that detaches", signal: syscall.SIGKILL, codes: []int{-1}},
	{name: "a closed stream", behaviour: "pauses", stdout: "closed", codes: []int{3}, written: true},
	{name: "a full disk behind the stream", behaviour: "pauses", stdout: "/dev/full", codes: []int{3}, written: true},
	{name: "a full disk behind the report", behaviour: "pauses", report: "/dev/full", codes: []int{3}},
	{name: "a folder that is not there", behaviour: "pauses", report: "/nowhere/report.json", codes: []int{2}},
}

// TestEndings: what was judged is kept, and nothing is left running; after SIGKILL the
// next run sees to that.
func TestEndings(t *testing.T) {
	if os.Getenv("HOSTILE") != "all" {
		t.Skip("`make hostile` runs it")
	}
	built := program(t)
	for i, e := range endings {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			c := trial{program: built, folder: t.TempDir(), mark: fmt.Sprintf("ending-%d-%d", os.Getpid(), i), behaviour: find(e.behaviour), command: run}
			e.try(t, c)
		})
	}
}

func (e ending) try(t *testing.T, c trial) {
	report := e.report
	if report == "" {
		report = filepath.Join(c.folder, "report.json")
	}
	tier := "smoke"
	if e.signal != 0 {
		tier = "default"
	}
	command := exec.Command(c.program, "run", "--target", c.target(t), "--tier", tier, "--report", "json="+report)
	command.Env = append(os.Environ(), "COUNTERSIGN_CACHE="+filepath.Join(c.folder, "cache"), "TMPDIR="+c.folder)
	var errors strings.Builder
	command.Stderr = &errors
	switch e.stdout {
	case "":
	case "closed":
		reading, writing, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = reading.Close()
		command.Stdout = writing
		defer func() { _ = writing.Close() }()
	default:
		file, err := os.OpenFile(e.stdout, os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		command.Stdout = file
		defer func() { _ = file.Close() }()
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if e.signal != 0 {
		waitFor(c.mark)
		if e.signal != syscall.SIGKILL {
			time.Sleep(6 * time.Second) // so that something is judged
		}
		_ = command.Process.Signal(e.signal)
	}
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); !slices.Contains(e.codes, code) {
		t.Errorf("exit code %d, not one of %v:\n%s", code, e.codes, errors.String())
	}
	if e.signal == syscall.SIGKILL {
		next := trial{program: c.program, folder: c.folder, mark: c.mark + "-next", behaviour: find("pauses"), command: checking}
		if o := next.do(t); len(o.wrong) > 0 {
			t.Errorf("the next run: %v", o.wrong)
		}
		if homes, _ := filepath.Glob(filepath.Join(c.folder, "countersign-[0-9]*")); len(homes) > 0 {
			t.Errorf("homes are left: %v", homes)
		}
	}
	for _, pid := range c.left() {
		t.Errorf("process %d is left", pid)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	e.checkReport(t, report)
}

// checkReport looks whether what was judged is kept.
func (e ending) checkReport(t *testing.T, file string) {
	if e.report != "" || !e.written {
		return
	}
	text, err := os.ReadFile(file)
	var kept struct {
		Incomplete string `json:"incomplete"`
		Judged     int    `json:"judged"`
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil || (kept.Incomplete != "") != e.marked || kept.Judged == 0 {
		t.Errorf("the report: %v, incomplete: %q, %d judged", err, kept.Incomplete, kept.Judged)
	}
	if drafts, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".countersign-*")); len(drafts) > 0 {
		t.Errorf("drafts are left: %v", drafts)
	}
}

// waitFor waits until a process with a mark runs.
func waitFor(mark string) {
	for range 200 {
		if len(marked(mark)) > 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}
