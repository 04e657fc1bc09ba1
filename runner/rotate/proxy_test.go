package rotate

import (
	"io"
	"net"
	"testing"
	"time"
)

// backend answers every connection with its name once it has read a byte.
func backend(t *testing.T, name string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.ReadFull(conn, make([]byte, 1))
				_, _ = io.WriteString(conn, name)
				_ = conn.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func started(t *testing.T) *proxy {
	t.Helper()
	p, err := newProxy()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	return p
}

func ask(t *testing.T, conn net.Conn) string {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(exchangeLimit))
	_, _ = conn.Write([]byte("?"))
	answer, _ := io.ReadAll(conn) // a connection that breaks off has no answer
	_ = conn.Close()
	return string(answer)
}

func TestConnectionsStayWhereTheyBegan(t *testing.T) {
	t.Parallel()
	p := started(t)
	p.move(backend(t, "old"), 0)
	before := p.pipe()
	left := p.move(backend(t, "new"), 1)
	if left.inFlight != 1 {
		t.Errorf("%d in flight", left.inFlight)
	}
	after, err := net.Dial("tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, after); got != "new" || p.stageOf(after.LocalAddr()) != 1 {
		t.Errorf("a new connection got %q at stage %d", got, p.stageOf(after.LocalAddr()))
	}
	select {
	case <-left.idle:
		t.Error("the old route is idle while a connection is on it")
	default:
	}
	if got := ask(t, before); got != "old" {
		t.Errorf("the connection before got %q", got)
	}
	if !left.drained(t.Context()) {
		t.Error("the old route is never idle")
	}
}

func TestAnIdleRouteIsDrainedAtOnce(t *testing.T) {
	t.Parallel()
	p := started(t)
	p.move(backend(t, "old"), 0)
	if left := p.move(backend(t, "new"), 1); !left.drained(t.Context()) {
		t.Error("it is not drained")
	}
}

func TestNobodyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	p := started(t)
	p.move("127.0.0.1:1", 0)
	if got := ask(t, p.pipe()); got != "" {
		t.Errorf("nobody said %q", got)
	}
}
