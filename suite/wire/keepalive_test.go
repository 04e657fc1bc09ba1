package wire_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/wire"
)

// counting serves a handler and counts the connections that are made to it.
func counting(t *testing.T, handler http.HandlerFunc) (server *httptest.Server, connections *atomic.Int64) {
	t.Helper()
	server, connections = httptest.NewUnstartedServer(handler), new(atomic.Int64)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, connections
}

func echoBody(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }

func post(body string, fields ...suite.Field) suite.Request {
	return suite.Request{Method: "POST", Target: "/", Header: append([]suite.Field{{Name: "Host", Value: "h"}}, fields...), Body: []byte(body)}
}

func TestKeepAlive(t *testing.T) {
	for name, test := range map[string]struct {
		keepAlive bool
		handler   http.HandlerFunc
		request   suite.Request
		want      int64 // connections for three requests
	}{
		"a connection is used again":          {true, echoBody, post("a"), 1},
		"one for each request":                {false, echoBody, post("a"), 3},
		"a length that the request names":     {true, echoBody, post("a", suite.Field{Name: "Content-Length", Value: "1"}), 3},
		"a request that ends its connection":  {true, echoBody, post("a", suite.Field{Name: "Connection", Value: "close"}), 3},
		"a request with an expectation":       {true, echoBody, post("a", suite.Field{Name: "Expect", Value: "100-continue"}), 3},
		"a value on two lines":                {true, echoBody, post("a", suite.Field{Name: "A", Value: "b\r\n c"}), 3},
		"a response that ends its connection": {true, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Connection", "close"); echoBody(w, r) }, post("a"), 3},
	} {
		t.Run(name, func(t *testing.T) {
			server, connections := counting(t, test.handler)
			client := wire.Client{Address: server.Listener.Addr().String(), KeepAlive: test.keepAlive}
			defer client.Close()
			for range 3 {
				response, err := client.Do(t.Context(), test.request)
				if err != nil || response.Status != http.StatusOK || string(response.Body) != string(test.request.Body) {
					t.Fatalf("got %d, %d bytes, %v", response.Status, len(response.Body), err)
				}
			}
			if got := connections.Load(); got != test.want {
				t.Errorf("%d connections; want %d", got, test.want)
			}
		})
	}
}

func TestAClosedConnectionIsReplaced(t *testing.T) {
	server, connections := counting(t, echoBody)
	client := wire.Client{Address: server.Listener.Addr().String(), KeepAlive: true}
	defer client.Close()
	for range 2 {
		if _, err := client.Do(t.Context(), post("a")); err != nil {
			t.Fatal(err)
		}
		server.CloseClientConnections()
	}
	if got := connections.Load(); got != 2 {
		t.Errorf("%d connections; want 2", got)
	}
	server.Close()
	if _, err := client.Do(t.Context(), post("a")); !errors.Is(err, wire.ErrConnect) {
		t.Errorf("the listener is closed: %v; want %v", err, wire.ErrConnect)
	}
}

// If the connection ends while a response is read, the request was received and is
// not sent again.
func TestARequestThatWasReceivedIsNotSentAgain(t *testing.T) {
	var requests atomic.Int64
	server, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			return
		}
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	client := wire.Client{Address: server.Listener.Addr().String(), KeepAlive: true}
	defer client.Close()
	if _, err := client.Do(t.Context(), post("a")); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(t.Context(), post("a")); !errors.Is(err, wire.ErrBrokeOff) {
		t.Errorf("got %v; want %v", err, wire.ErrBrokeOff)
	}
	if got := requests.Load(); got != 2 {
		t.Errorf("%d requests were received; want 2", got)
	}
}

func TestTheLastByteIsHeldBack(t *testing.T) {
	first, rest := make(chan string), make(chan string, 1)
	server, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		text := make([]byte, 2)
		_, _ = io.ReadFull(r.Body, text)
		first <- string(text)
		more, _ := io.ReadAll(r.Body)
		rest <- string(more)
	})
	held := ""
	ctx := wire.WithTrace(t.Context(), wire.Trace{BeforeLastByte: func(context.Context) { held = <-first }})
	client := wire.Client{Address: server.Listener.Addr().String()}
	if _, err := client.Do(ctx, post("abc")); err != nil {
		t.Fatal(err)
	}
	if last := <-rest; held != "ab" || last != "c" {
		t.Errorf("%q arrived before the last byte and %q with it", held, last)
	}
}

// A response before the last byte ends the wait.
func TestAHoldEndsWithTheResponse(t *testing.T) {
	server, _ := counting(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_ = http.NewResponseController(w).Flush()
	})
	ctx := wire.WithTrace(t.Context(), wire.Trace{BeforeLastByte: func(ctx context.Context) { <-ctx.Done() }})
	client := wire.Client{Address: server.Listener.Addr().String()}
	response, err := client.Do(ctx, post("abc"))
	if err != nil || response.Status != http.StatusTeapot {
		t.Errorf("got %d, %v; want %d", response.Status, err, http.StatusTeapot)
	}
}
