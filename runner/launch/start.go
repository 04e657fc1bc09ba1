package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/wire"
)

const userAgent = "countersign"

// start retries where another program takes the port first.
func (l *Lab) start(ctx context.Context, s suite.Setup, try readiness) (*launched, error) {
	for attempt := 1; ; attempt++ {
		port, release, err := l.choosePort()
		if err != nil {
			return nil, err
		}
		t, err := l.startAt(ctx, s, port, try)
		if err == nil {
			t.release = release
			return t, nil
		}
		var notStarted *engine.StartError
		hindered := errors.As(err, &notStarted) && taken(port, notStarted)
		release()
		if !hindered {
			return nil, err
		}
		if attempt == limits.Starts {
			notStarted.Exited = false // not of its own accord
			return nil, err
		}
	}
}

// taken reports whether a start failed because its port is in use.
func taken(port string, notStarted *engine.StartError) bool {
	listener, busy := net.Listen("tcp", loopback+":"+port)
	if busy == nil {
		_ = listener.Close()
	}
	output := strings.ToLower(notStarted.Output)
	return busy != nil || strings.Contains(output, "eaddrinuse") || strings.Contains(output, "address already in use")
}

func (l *Lab) startAt(ctx context.Context, s suite.Setup, port string, try readiness) (*launched, error) {
	api, err := fakeapi.Listen(l.keys, s.ServerKind())
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", homePrefix+"*")
	if err != nil {
		api.Close()
		return nil, fmt.Errorf("making a home for %s: %w", l.Name(), err)
	}
	t := &launched{lab: l, secrets: secrets{keys: l.keys}, api: api, home: home, client: wire.Client{Address: loopback + ":" + port, KeepAlive: l.options.KeepAlive}}
	t.register(l.root()) // before it starts: this runner may be killed at any time
	env := l.environment(s, surroundings{home, port, api.Origin(), api.BeaconURL()})
	argv := l.fillAll(l.target.Start, l.cache)
	if t.process, err = startProcess(argv, l.app, env, heirsAt(t.Host(), t.mark()), &t.secrets); err != nil {
		t.Stop()
		return nil, &engine.StartError{Reason: fmt.Sprintf("running %s: %v", argv[0], err)}
	}
	t.registerProcess()
	if err := t.awaitReady(ctx, l.options.StartLimit, try); err != nil {
		t.Stop()
		return nil, err
	}
	return t, nil
}

// readiness tries whether a target is ready, and returns its response if it sent one.
type readiness func(*launched, context.Context) (suite.Response, error)

// awaitReady waits until the target is ready.
func (t *launched) awaitReady(ctx context.Context, limit time.Duration, try readiness) error {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	const first, slowest = 10 * time.Millisecond, 200 * time.Millisecond
	for pause := first; ; pause = min(2*pause, slowest) {
		if silent := t.listensNowhere(); silent {
			pause = 5 * time.Millisecond // looking is cheap
		} else if response, err := try(t, ctx); err == nil {
			t.process.heirs.ready.Store(true)
			return t.lab.checkVersion(response)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s to respond: %w", t.lab.Name(), ctx.Err())
		case <-t.process.exited:
			return t.notStarted(true, "it %s before it responded at http://%s%s", t.process.how, t.Host(), t.Path())
		case <-timeout.C:
			return t.notStarted(false, "nothing responded at http://%s%s within %s", t.Host(), t.Path(), limit)
		case <-time.After(pause):
		}
	}
}

// listensNowhere reports whether it is known that nobody listens on the port yet.
func (t *launched) listensNowhere() bool {
	_, port, _ := net.SplitHostPort(t.Host())
	reached, known := socketsAt(port)
	return known && len(reached) == 0
}

// tryReady sends the request that shows that the target is ready.
func (t *launched) tryReady(ctx context.Context) (suite.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, limits.Ready)
	defer cancel()
	go func() { // another program may have the port, and not respond
		select {
		case <-t.process.exited:
			cancel()
		case <-ctx.Done():
		}
	}()
	response, err := t.client.Do(ctx, suite.Request{
		Method: "GET", Target: t.Path(),
		Header: []suite.Field{{Name: "Host", Value: t.Host()}, {Name: "User-Agent", Value: userAgent}},
	})
	if how := t.process.died(); err == nil && how != "" {
		err = fmt.Errorf("the process %s", how)
	}
	if err == nil {
		err = t.checkOwner()
	}
	return response, err
}

// tryListening shows that the target listens.
func (t *launched) tryListening(ctx context.Context) (suite.Response, error) {
	connection, err := (&net.Dialer{Timeout: limits.Ready}).DialContext(ctx, "tcp", t.Host())
	if err != nil {
		return suite.Response{}, err
	}
	if err := connection.Close(); err != nil {
		return suite.Response{}, err
	}
	return suite.Response{}, t.checkOwner()
}

func (t *launched) notStarted(exited bool, format string, args ...any) error {
	failure := &StartFailure{StartError: &engine.StartError{
		Reason: fmt.Sprintf(format, args...), Output: t.Output(), Exited: exited && !t.process.wasKilled(),
	}}
	_, failure.Port, _ = net.SplitHostPort(t.Host())
	if sockets := t.Sockets(); !exited && sockets.Known {
		failure.Listening = sockets.Own
		failure.Reason += "; " + sockets.instead(failure.Port)
	}
	return failure
}

// instead says where a target listens that does not respond at its port.
func (s Sockets) instead(port string) string {
	switch {
	case s.Other != "":
		return "another process listens there: " + s.Other
	case s.Serves(port):
		return "it listens there, but does not respond to GET"
	case len(s.Own) == 0:
		return "it listens nowhere"
	}
	return "it listens on " + strings.Join(s.Own, " and ") + ", not on PORT"
}

// Start starts a process in a set-up, after [Lab.Prepare].
func (l *Lab) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	return l.launch(ctx, s, (*launched).tryReady)
}

// StartCold starts a process and sends nothing to it. It counts as ready once it
// listens; where this system does not say that, only a connection is opened.
func (l *Lab) StartCold(ctx context.Context, s suite.Setup) (engine.Target, error) {
	return l.launch(ctx, s, (*launched).tryListening)
}

func (l *Lab) launch(ctx context.Context, s suite.Setup, try readiness) (engine.Target, error) {
	if err := l.Prepare(ctx); err != nil {
		return nil, err
	}
	t, err := l.start(ctx, s, try)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	closed := l.closed
	l.alive = append(l.alive, t)
	l.mu.Unlock()
	if closed {
		t.Stop()
		return nil, fmt.Errorf("starting %s: the lab is closed", l.Name())
	}
	return t, nil
}

// Close stops every process that is still running.
func (l *Lab) Close() {
	l.mu.Lock()
	l.closed = true
	alive, held := slices.Clone(l.alive), l.held
	l.held = nil
	l.mu.Unlock()
	var stopping sync.WaitGroup
	for _, t := range alive {
		stopping.Go(t.Stop)
	}
	stopping.Wait()
	for _, release := range held {
		release()
	}
}
