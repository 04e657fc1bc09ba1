//go:build unix

package launch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

func TestLaunchedReferenceIsRight(t *testing.T) {
	t.Parallel()
	lab := fake(t, "good", Options{Seed: 1})
	wantAllGood(t, judge(t, lab, tier(suite.Default)))
	if len(lab.alive) != 0 {
		t.Errorf("%d processes are left", len(lab.alive))
	}
}

func TestLaunchedUnsignedIsCaught(t *testing.T) {
	t.Parallel()
	judged := judge(t, fake(t, "unsigned", Options{Seed: 1}), tier(suite.Smoke))
	if got := verdicts(judged)["receiving.unsigned"]; got != engine.Fail || judged.Void != "" {
		t.Errorf("receiving.unsigned: %s, void %q; want it failed", got, judged.Void)
	}
}

func TestLaunchedConstantNeverConforms(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"200", "401", "500"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			judged := judge(t, fake(t, "constant="+status, Options{Seed: 1}), tier(suite.Smoke))
			if conforms(judged) || judged.Void == "" {
				t.Errorf("void %q, %v", judged.Void, verdicts(judged))
			}
		})
	}
}

// failingStart starts a target that cannot start.
func failingStart(t *testing.T, lab *Lab) *engine.StartError {
	t.Helper()
	target, err := lab.Start(t.Context(), suite.Setup{})
	var notStarted *engine.StartError
	if !errors.As(err, &notStarted) {
		t.Fatalf("got %v, %v; want a StartError", target, err)
	}
	return notStarted
}

func TestDeathAtStart(t *testing.T) {
	t.Parallel()
	lab := fake(t, "dies", Options{Seed: 1})
	got := failingStart(t, lab)
	if !strings.Contains(got.Reason, "exited with status 3 before it responded at http://127.0.0.1:") {
		t.Errorf("the reason is %q", got.Reason)
	}
	if got.Output != "line one\nmy key is signkey-prod-{{primary.secret}}\nno such module" {
		t.Errorf("the last lines are %q", got.Output)
	}
}

func TestNeverListening(t *testing.T) {
	t.Parallel()
	started := time.Now()
	got := failingStart(t, fake(t, "deaf", Options{StartLimit: 200 * time.Millisecond}))
	if !strings.Contains(got.Reason, "within 200ms") || time.Since(started) > 2*time.Second {
		t.Errorf("after %s the reason is %q", time.Since(started), got.Reason)
	}
}

func TestNoSuchProgram(t *testing.T) {
	t.Parallel()
	lab := fake(t, "good", Options{})
	lab.target.Start = []string{"countersign-no-such-program"}
	if got := failingStart(t, lab); !strings.Contains(got.Reason, "running countersign-no-such-program: ") {
		t.Errorf("the reason is %q", got.Reason)
	}
}

func TestGivingUpIsNoStartError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := fake(t, "deaf", Options{}).Start(ctx, suite.Setup{})
	var notStarted *engine.StartError
	if err == nil || errors.As(err, &notStarted) {
		t.Errorf("got %v; want the context's error", err)
	}
}

func TestTakenPortIsChosenAnew(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	_, port, _ := net.SplitHostPort(busy.Addr().String())
	lab := fake(t, "good", Options{})
	chosen := 0
	lab.choosePort = func() (string, func(), error) {
		if chosen++; chosen == 1 {
			return port, func() {}, nil
		}
		return leasePort()
	}
	if _, err := lab.Start(t.Context(), suite.Setup{}); err != nil || chosen != 2 {
		t.Errorf("chose %d ports: %v", chosen, err)
	}
	lab.choosePort = func() (string, func(), error) { return port, func() {}, nil }
	if got := failingStart(t, lab); !strings.Contains(got.Output, "address already in use") || got.Exited {
		t.Errorf("it exited by itself: %v; the last lines are %q", got.Exited, got.Output)
	}
}

// gone waits for a process to be no more; a zombie is no more.
func gone(pid int, limit time.Duration) bool {
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) || isZombie(pid) {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

func TestStubbornProcessIsKilled(t *testing.T) {
	t.Parallel()
	target := start(t, fake(t, "stubborn", Options{StopLimit: 100 * time.Millisecond}))
	target.Stop()
	if !gone(target.process.command.Process.Pid, time.Second) || !strings.Contains(target.Died(), "killed") {
		t.Errorf("it %q", target.Died())
	}
}

func TestChildrenEndWithTheirParent(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*launched){
		"stopped": (*launched).Stop,
		"crashed": func(l *launched) { _ = l.process.command.Process.Kill(); l.process.diesWithin(limits.Kill) },
		"closed":  func(l *launched) { l.lab.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			target := start(t, fake(t, "parent", Options{}))
			child := childOf(t, target)
			if end(target); !gone(child, time.Second) {
				t.Errorf("the child %d still runs", child)
			}
		})
	}
}

// childOf is the process id that a target printed; it may listen before its output has
// arrived.
func childOf(t *testing.T, target *launched) (child int) {
	t.Helper()
	var err error
	for range 500 {
		if _, err = fmt.Sscanf(target.process.output.String(), "child %d\n", &child); err == nil {
			return child
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(err)
	return 0
}

func TestOutputIsCapped(t *testing.T) {
	t.Parallel()
	target := start(t, fake(t, "noisy", Options{}))
	target.Stop()
	output := target.process.output.String()
	if len(output) > limits.Output+10 || !strings.HasPrefix(output, "[…]") || !strings.HasSuffix(output, " end\n") {
		t.Errorf("%d bytes are kept, from %.10q", len(output), output)
	}
}

func TestCrashIsNoticedAndMendedByTheEngine(t *testing.T) {
	t.Parallel()
	lab := fake(t, "fragile", Options{Seed: 1})
	target := start(t, lab)
	_, err := target.Send(t.Context(), suite.Request{Method: http.MethodPost, Target: servePath, Header: []suite.Field{
		{Name: "Host", Value: "h"}, {Name: reference.HeaderSignature, Value: "t=0&s=0"},
	}})
	if err == nil || target.Died() != "exited with status 7; its last output: cannot bear this" {
		t.Errorf("sending gave %v, and it %q", err, target.Died())
	}
	target.Stop()
	if _, err := target.Send(t.Context(), suite.Request{Method: http.MethodGet, Target: "/"}); err == nil {
		t.Error("a stopped target responds")
	}

	cases := tier(suite.Smoke)
	fatal, err := suite.Find("receiving.unsigned")
	if err != nil {
		t.Fatal(err)
	}
	fatal.ID, fatal.When = "test.fatal", suite.Call{Header: "t=0&s=0"}
	judged := judge(t, lab, append([]suite.Case{fatal}, cases...))
	if conforms(judged) {
		t.Error("a target that dies of a request conforms")
	}
	judged.Results = judged.Results[1:]
	wantAllGood(t, judged)
}

func TestNothingStartsInAClosedLab(t *testing.T) {
	t.Parallel()
	lab := fake(t, "good", Options{})
	lab.Close()
	if _, err := lab.Start(t.Context(), suite.Setup{}); err == nil {
		t.Error("it started")
	}
	if len(lab.alive) != 0 {
		t.Error("it is still alive")
	}
}
