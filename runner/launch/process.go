package launch

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite/limits"
)

// process is a running command in a process group of its own.
type process struct {
	command *exec.Cmd
	output  *tail
	copies  []io.Writer // of the output
	heirs   heirs
	exited  chan struct{} // closed when the process and its group have exited

	// Written before exited is closed.
	how     string // "exited with status 1"
	success bool
	killed  bool // by a signal that it could not handle, as the system does when memory is short
}

// starter runs functions on one thread that never exits: the kernel signals the
// death of a parent when the thread that started the child exits.
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

// startProcess runs a command in a folder with exactly these variables. What it
// may leave running when it has succeeded are its heirs. Its output is also written
// to copies, which must not fail.
func startProcess(argv []string, folder string, env []string, heirs heirs, copies ...io.Writer) (*process, error) {
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe for its output: %w", err)
	}
	p := &process{command: exec.Command(argv[0], argv[1:]...), output: &tail{}, heirs: heirs, copies: copies, exited: make(chan struct{})}
	p.command.Dir, p.command.Env = folder, env
	p.command.Stdout, p.command.Stderr = writing, writing
	ownGroup(p.command)
	started := make(chan error)
	starter() <- func() {
		started <- starts(func() (int, error) {
			if err := p.command.Start(); err != nil {
				return 0, err
			}
			return p.command.Process.Pid, nil
		})
	}
	err = <-started
	_ = writing.Close() // the process has its own copy
	if err != nil {
		_ = reading.Close()
		return nil, err
	}
	go p.attend(reading)
	return p, nil
}

// attend waits until the process exits, and whatever goes on in its place, and
// ends its children.
func (p *process) attend(output *os.File) {
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.MultiWriter(append(p.copies, p.output)...), output)
	}()
	err := p.command.Wait()
	followed := err == nil && p.heirs.follow(p.command.Process.Pid)
	killGroup(p.command.Process)
	select {
	case <-drained:
	case <-time.After(limits.Drain): // a child that left the group keeps the pipe open
	}
	_ = output.Close()
	<-drained
	p.success, p.how, p.killed = err == nil, howEnded(p.command.ProcessState), endedByKill(p.command.ProcessState)
	if followed {
		p.how += ", and what it had left running ended later"
	}
	ended(p.command.Process.Pid)
	close(p.exited)
}

func howEnded(state *os.ProcessState) string {
	if state == nil {
		return "exited for an unknown reason"
	}
	if state.Exited() {
		return fmt.Sprintf("exited with status %d", state.ExitCode())
	}
	return "was killed by " + state.String() // "signal: killed"
}

// died returns how the process exited, or "" while it is running.
func (p *process) died() string {
	select {
	case <-p.exited:
		return p.how
	default:
		return ""
	}
}

// wasKilled reports whether it was killed by a signal that it could not handle.
func (p *process) wasKilled() bool { return p.died() != "" && p.killed }

// diesWithin waits for the process to exit.
func (p *process) diesWithin(limit time.Duration) bool {
	select {
	case <-p.exited:
		return true
	case <-time.After(limit):
		return false
	}
}

// stop terminates the whole group and, after a limit, kills it.
func (p *process) stop(limit time.Duration) {
	if p.died() != "" {
		return
	}
	endGroup(p.command.Process)
	p.heirs.end()
	if p.diesWithin(limit) {
		return
	}
	killGroup(p.command.Process)
	p.heirs.kill()
	p.diesWithin(limits.Kill)
}
