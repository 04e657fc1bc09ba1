package inprocess

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// WithWorker serves what makes the app of an endpoint connect, where its environment
// says that it can be made to, and passes other requests on.
func WithWorker(e *reference.Endpoint, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != suite.WorkerPath || e.Getenv(suite.EnvConnect) != "1" {
			handler.ServeHTTP(w, r)
			return
		}
		status, result := work(e, r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(result) // fails only where the client has disconnected
	})
}

// work starts a worker, waits until it is connected, and closes it.
func work(e *reference.Endpoint, r *http.Request) (status int, result map[string]any) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		return http.StatusBadRequest, map[string]any{"error": "limit is a number of milliseconds"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Duration(limit)*time.Millisecond)
	defer cancel()
	gateway, err := e.Connect(ctx, e.Context(r))
	if err != nil {
		return http.StatusInternalServerError, map[string]any{"error": err.Error(), "pending": ctx.Err() != nil}
	}
	_ = gateway.Close("WORKER_SHUTDOWN") // it is closed in any case
	return http.StatusOK, map[string]any{"connected": true}
}

// dial connects to the gateway in memory.
func (t *memoryTarget) dial(ctx context.Context, url string, header http.Header) (reference.Gateway, error) {
	if url != memoryGateway {
		return nil, errors.New("nothing listens at " + url)
	}
	ours, theirs := pipe()
	go t.api.StandIn().Serve(context.WithoutCancel(ctx), header, theirs)
	return ours, nil
}

// pipe are both ends of a connection in memory.
func pipe() (a, b *end) {
	there, back, closed := make(chan []byte), make(chan []byte), make(chan struct{})
	closing := sync.OnceFunc(func() { close(closed) })
	return &end{there, back, closed, closing}, &end{back, there, closed, closing}
}

// end is one end of a connection in memory.
type end struct {
	out     chan<- []byte
	in      <-chan []byte
	closed  <-chan struct{}
	closing func()
}

var errClosed = errors.New("the connection is closed")

// Receive waits for a message.
func (e *end) Receive(ctx context.Context) ([]byte, error) {
	select {
	case message := <-e.in:
		return message, nil
	case <-e.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send sends a message.
func (e *end) Send(ctx context.Context, message []byte) error {
	select {
	case e.out <- message:
		return nil
	case <-e.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes the connection for both ends.
func (e *end) Close(string) error {
	e.closing()
	return nil
}
