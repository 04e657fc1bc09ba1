package rotate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// proxy takes connections on loopback and passes each of them to the process
// that was the current one when it came.
type proxy struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu      sync.Mutex
	current *route
	open    map[net.Conn]bool
	took    map[string]*route // by the address that a connection came from
}

// route leads to one process.
type route struct {
	address  string
	stage    int // at which the process took over
	inUse    int
	idle     chan struct{} // closed when the route is left and nobody uses it any more
	left     bool
	inFlight int // connections on it when it was left
}

func newProxy() (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a port for the proxy: %w", err)
	}
	p := &proxy{listener: listener, open: map[net.Conn]bool{}, took: map[string]*route{}}
	p.serving.Go(p.accept)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// move leads new connections to another process, for a stage. It gives the
// route that was left, nil the first time; the connections on it stay.
func (p *proxy) move(address string, stage int) *route {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.current
	p.current = &route{address: address, stage: stage, idle: make(chan struct{})}
	if old != nil {
		old.left, old.inFlight = true, old.inUse
		old.close()
	}
	return old
}

// close tells that the route is idle, once it is. The proxy's lock is held.
func (r *route) close() {
	if r.left && r.inUse == 0 {
		close(r.idle)
	}
}

// drained waits for the last connection on a route that was left.
func (r *route) drained(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, drainLimit)
	defer cancel()
	select {
	case <-r.idle:
		return true
	case <-ctx.Done():
		return false
	}
}

func (p *proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(time.Millisecond) // too many open files, or the like: it passes
			continue
		}
		p.serve(conn)
	}
}

// pipe makes a connection without a port: its route is settled at once.
func (p *proxy) pipe() net.Conn {
	inner, outer := net.Pipe()
	p.serve(inner)
	return outer
}

func (p *proxy) serve(conn net.Conn) {
	route := p.take(conn)
	p.serving.Go(func() {
		defer p.giveBack(conn, route)
		p.pass(conn, route.address)
	})
}

func (p *proxy) take(conn net.Conn) *route {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[conn], p.took[conn.RemoteAddr().String()] = true, p.current
	p.current.inUse++
	return p.current
}

// stageOf is the stage at which the process took over that a connection was
// led to. A request may be made before that and come after it.
func (p *proxy) stageOf(from net.Addr) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.took[from.String()]
	delete(p.took, from.String())
	if r == nil {
		return 0 // it broke off before it was taken
	}
	return r.stage
}

func (p *proxy) giveBack(conn net.Conn, r *route) {
	_ = conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, conn)
	r.inUse--
	r.close()
}

// pass copies both ways until the process has answered. A process that cannot
// be reached shows in a connection that ends without an answer.
func (p *proxy) pass(client net.Conn, address string) {
	backend, err := net.DialTimeout("tcp", address, dialLimit)
	if err != nil {
		return
	}
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = io.Copy(backend, client) // what goes wrong shows in the answer
	}()
	_, _ = io.Copy(client, backend)
	_ = client.Close() // ends the copying of the request, too
	_ = backend.Close()
	<-asked
}

// close ends the proxy and every connection through it.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for conn := range p.open {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.serving.Wait()
}
