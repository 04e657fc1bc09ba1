package launch

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// process is a running command in a process group of its own.
type process struct {
	command *exec.Cmd
	output  *ring
	exited  chan struct{} // closed when it has ended and nothing of its group is left

	// Written before exited is closed.
	how     string // "exited with status 1"
	success bool
}

// starter runs functions on one thread that never ends: the kernel ties the
// death of a child to the thread that started it, not to the process.
var starter = sync.OnceValue(func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range work {
			start()
		}
	}()
	return work
})

// startProcess runs a command in a folder with exactly these variables.
func startProcess(argv []string, folder string, env []string) (*process, error) {
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe for its output: %w", err)
	}
	p := &process{command: exec.Command(argv[0], argv[1:]...), output: &ring{}, exited: make(chan struct{})}
	p.command.Dir, p.command.Env = folder, env
	p.command.Stdout, p.command.Stderr = writing, writing
	ownGroup(p.command)
	started := make(chan error)
	starter() <- func() { started <- p.command.Start() }
	err = <-started
	_ = writing.Close() // the process holds it now
	if err != nil {
		_ = reading.Close()
		return nil, err
	}
	go p.attend(reading)
	return p, nil
}

// attend waits for the end of the process and sees to it that its children end
// with it.
func (p *process) attend(output *os.File) {
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(p.output, output)
	}()
	err := p.command.Wait()
	killGroup(p.command.Process)
	select {
	case <-drained:
	case <-time.After(drainLimit): // a child left the group and holds the pipe
	}
	_ = output.Close()
	<-drained
	p.success, p.how = err == nil, howEnded(p.command.ProcessState)
	close(p.exited)
}

func howEnded(state *os.ProcessState) string {
	if state == nil {
		return "ended, and nobody knows how"
	}
	if state.Exited() {
		return fmt.Sprintf("exited with status %d", state.ExitCode())
	}
	return "was ended by " + state.String() // "signal: killed"
}

// died says how the process ended; empty while it runs.
func (p *process) died() string {
	select {
	case <-p.exited:
		return p.how
	default:
		return ""
	}
}

// diesWithin waits a little for the process to end.
func (p *process) diesWithin(limit time.Duration) bool {
	select {
	case <-p.exited:
		return true
	case <-time.After(limit):
		return false
	}
}

// stop asks the whole group to end and, after a limit, ends it.
func (p *process) stop(limit time.Duration) {
	if p.died() != "" {
		return
	}
	endGroup(p.command.Process)
	if p.diesWithin(limit) {
		return
	}
	killGroup(p.command.Process)
	p.diesWithin(killLimit)
}
