package shim

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/countersign-dev/countersign/suite/limits"
)

var errEnded = errors.New("there is no response: its standard output has ended")

// process is a running shim.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	lines   chan line
	errors  tail
	kill    context.CancelFunc
}

type line struct {
	text []byte
	err  error
}

func start(ctx context.Context, command []string) (*process, error) {
	ctx, kill := context.WithCancel(ctx)
	p := &process{command: exec.CommandContext(ctx, command[0], command[1:]...), lines: make(chan line), kill: kill}
	p.command.Stderr = &p.errors
	p.command.WaitDelay = time.Second
	in, err := p.command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the shim: %w", err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the shim: %w", err)
	}
	if err := p.command.Start(); err != nil {
		kill()
		return nil, fmt.Errorf("starting the shim: %w", err)
	}
	p.in = in
	go p.read(ctx, out)
	return p, nil
}

// read passes on the lines of standard output until it ends.
func (p *process) read(ctx context.Context, out io.Reader) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, limits.ShimLine)
	pass := func(l line) {
		select {
		case p.lines <- l:
		case <-ctx.Done():
		}
	}
	for scanner.Scan() {
		pass(line{text: append([]byte(nil), scanner.Bytes()...)})
	}
	err := scanner.Err()
	if err == nil {
		err = errEnded
	}
	pass(line{err: err})
	close(p.lines)
}

// request sends a line and waits for the one in response.
func (p *process) request(ctx context.Context, request []byte, limit time.Duration) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	go func() { _, _ = p.in.Write(append(request, '\n')) }() // where it fails there is no response
	select {
	case l, open := <-p.lines:
		if !open {
			return nil, errEnded
		}
		return l.text, l.err
	case <-limited.Done():
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("there is no response within %v", limit)
	}
}

// stop ends the input, and the process if it does not end by itself.
func (p *process) stop() {
	defer p.kill()
	_ = p.in.Close() // the process may have ended already
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range p.lines { // until standard output ends: unexpected lines are ignored
		}
		_ = p.command.Wait() // the exit code says nothing about the responses
	}()
	select {
	case <-ended:
	case <-time.After(limits.ShimStop):
		p.kill()
		<-ended
	}
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (t *tail) Write(text []byte) (int, error) {
	t.text = append(t.text, text...)
	if surplus := len(t.text) - limits.ShimOutput; surplus > 0 {
		t.text = t.text[surplus:]
	}
	return len(text), nil
}
