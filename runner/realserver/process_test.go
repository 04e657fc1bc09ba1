package realserver

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stopLimit is how long a process may take to end after SIGTERM.
const stopLimit = 10 * time.Second

// process is a running server or app.
type process struct {
	command *exec.Cmd
	output  *output
	ended   chan struct{}
}

// output keeps what a process prints.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// last returns the end of the output.
func (o *output) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := o.text.Bytes()
	return string(text[max(0, len(text)-2000):])
}

// startProcess starts a program, and waits until it listens on a port of loopback.
func startProcess(t *testing.T, limit time.Duration, port int, env []string, program string, args ...string) (*process, error) {
	command := exec.Command(program, args...)
	p := &process{command, &output{}, make(chan struct{})}
	command.Env, command.Stdout, command.Stderr = env, p.output, p.output
	command.WaitDelay = time.Second
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	go func() {
		defer close(p.ended)
		_ = command.Wait() // that it ended is what matters
	}()
	t.Cleanup(p.stop)
	if err := p.listens(limit, port); err != nil {
		p.stop()
		return nil, fmt.Errorf("starting %s: %w; its output ends with:\n%s", program, err, p.output.last())
	}
	return p, nil
}

func (p *process) listens(limit time.Duration, port int) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		connection, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return connection.Close()
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it has ended")
		case <-ctx.Done():
			return fmt.Errorf("it does not listen on port %d within %v", port, limit)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the process, and returns when it has ended.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // fails where it has ended
	select {
	case <-p.ended:
	case <-time.After(stopLimit):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// freePort returns a port of loopback on which nothing listens.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}
