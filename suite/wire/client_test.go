package wire_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/wire"
)

// peer accepts one connection, reads the head of a request and a body of a length,
// and calls respond. The channel receives what was read.
func peer(t *testing.T, body int, respond func(net.Conn)) (client *wire.Client, received <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	said := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		reader := bufio.NewReader(conn)
		var head strings.Builder
		for !strings.HasSuffix(head.String(), "\r\n\r\n") {
			line, err := reader.ReadString('\n')
			head.WriteString(line)
			if err != nil {
				break
			}
		}
		rest := make([]byte, body)
		n, _ := io.ReadFull(reader, rest)
		said <- head.String() + string(rest[:n])
		respond(conn)
	}()
	return &wire.Client{Address: listener.Addr().String()}, said
}

func says(text string) func(net.Conn) {
	return func(conn net.Conn) { _, _ = io.WriteString(conn, text) }
}

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

func TestRequestsAreWrittenAsTheyAre(t *testing.T) {
	for name, test := range map[string]struct {
		request suite.Request
		want    string
	}{
		"order, case and repetition": {
			suite.Request{Method: "POST", Target: "/x?a=%2f&b", Body: []byte("{}"), Header: []suite.Field{
				{Name: "Host", Value: "h"}, {Name: "x-inngest-SIGNATURE", Value: "one"}, {Name: "A", Value: "é\x01 "}, {Name: "x-inngest-SIGNATURE", Value: "two"},
			}},
			"POST /x?a=%2f&b HTTP/1.1\r\nHost: h\r\nx-inngest-SIGNATURE: one\r\nA: é\x01 \r\nx-inngest-SIGNATURE: two\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
		},
		"a length of its own": {
			suite.Request{Method: "POST", Target: "/", Body: []byte("abc"), Header: []suite.Field{{Name: "content-length", Value: "2"}, {Name: "CONNECTION", Value: "keep-alive"}}},
			"POST / HTTP/1.1\r\ncontent-length: 2\r\nCONNECTION: keep-alive\r\n\r\nabc",
		},
		"chunks": {
			suite.Request{Method: "PUT", Target: "/", Body: []byte("1\r\na\r\n0\r\n\r\n"), Header: []suite.Field{{Name: "Transfer-Encoding", Value: "chunked"}}},
			"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\na\r\n0\r\n\r\n",
		},
		"no body where one is usual": {suite.Request{Method: "PUT", Target: "/"}, "PUT / HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
		"no body":                    {suite.Request{Method: "GET", Target: "/"}, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			client, received := peer(t, len(test.request.Body), says(ok))
			response, err := client.Do(t.Context(), test.request)
			if err != nil || response.Status != 200 || string(response.Body) != "hi" {
				t.Errorf("got %v, %v", response, err)
			}
			if got := <-received; got != test.want {
				t.Errorf("sent\n%q; want\n%q", got, test.want)
			}
		})
	}
}

func TestResponses(t *testing.T) {
	for name, test := range map[string]struct {
		method, text string
		status       int
		body         string
		err          error
	}{
		"a length":                  {"GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 404, "x", nil},
		"chunks":                    {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 200, "ab", nil},
		"until the end":             {"GET", "HTTP/1.1 200 OK\r\n\r\nall of it", 200, "all of it", nil},
		"HEAD":                      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", 200, "", nil},
		"interim responses first":   {"POST", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok, 200, "hi", nil},
		"endless interim responses": {"POST", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 50), 0, "", wire.ErrMalformed},
		"nothing":                   {"GET", "", 0, "", wire.ErrBrokeOff},
		"half a head":               {"GET", "HTTP/1.1 200 OK\r\nContent-", 0, "", wire.ErrBrokeOff},
		"half a body":               {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 0, "", wire.ErrBrokeOff},
		"half a chunk":              {"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", 0, "", wire.ErrBrokeOff},
		"no HTTP":                   {"GET", "SSH-2.0-OpenSSH\r\n\r\n", 0, "", wire.ErrMalformed},
		"no length":                 {"GET", "HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\nx", 0, "", wire.ErrMalformed},
		"too long a head":           {"GET", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", limits.Head), 0, "", wire.ErrTooLong},
		"a long status line":        {"GET", "HTTP/1.1 200 " + strings.Repeat("x", limits.Head), 0, "", wire.ErrTooLong},
		"too many fields":           {"GET", "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", limits.Fields+1) + "\r\n", 0, "", wire.ErrTooLong},
		"too long interim heads":    {"GET", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("x", limits.Head/4)+"\r\n\r\n", 5) + ok, 0, "", wire.ErrTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := peer(t, 0, says(test.text))
			response, err := client.Do(t.Context(), suite.Request{Method: test.method, Target: "/"})
			if !errors.Is(err, test.err) || response.Status != test.status || string(response.Body) != test.body {
				t.Errorf("got %d %q, %v; want %d %q, %v", response.Status, response.Body, err, test.status, test.body, test.err)
			}
		})
	}
}

// A long body is cut, whatever announces its length, and the client says so.
func TestLongBodies(t *testing.T) {
	whole, rest := strings.Repeat("x", limits.Body), strings.Repeat("y", 100<<10)
	for name, test := range map[string]struct {
		text string
		cut  bool
	}{
		"just fits, until the end":   {"HTTP/1.1 200 OK\r\n\r\n" + whole, false},
		"just fits, with a length":   {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", limits.Body) + whole, false},
		"until the end":              {"HTTP/1.1 200 OK\r\n\r\n" + whole + rest, true},
		"with a length":              {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", limits.Body+len(rest)) + whole + rest, true},
		"in a chunk":                 {fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n", limits.Body+len(rest)) + whole + rest + "\r\n0\r\n\r\n", true},
		"broken off after that much": {"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + whole + rest, true},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := peer(t, 0, says(test.text))
			response, err := client.Do(t.Context(), suite.Request{Method: "GET", Target: "/"})
			if err != nil || string(response.Body) != whole || (response.Cut != "") != test.cut {
				t.Errorf("got %d bytes, cut %q, %v; want %d, cut: %v", len(response.Body), response.Cut, err, len(whole), test.cut)
			}
		})
	}
}

// An error that quotes what was received stays short.
func TestShortErrors(t *testing.T) {
	client, _ := peer(t, 0, says("HTTP/1.1 200 OK\r\n"+strings.Repeat("no colon ", 10_000)+"\r\n\r\n"))
	_, err := client.Do(t.Context(), suite.Request{Method: "GET", Target: "/"})
	if !errors.Is(err, wire.ErrMalformed) || len(err.Error()) > 2*limits.Quote {
		t.Errorf("got an error of %d bytes; want %v in at most %d", len(err.Error()), wire.ErrMalformed, 2*limits.Quote)
	}
}

// A response counts even if the target never reads the whole request.
func TestResponseBeforeTheRequestIsRead(t *testing.T) {
	received := make(chan struct{})
	client, _ := peer(t, 0, func(conn net.Conn) {
		says("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")(conn)
		<-received // closing with unread bytes would reset the connection
	})
	response, err := client.Do(t.Context(), suite.Request{Method: "POST", Target: "/", Body: make([]byte, 16<<20)})
	close(received)
	if err != nil || response.Status != 413 {
		t.Errorf("got %d, %v; want 413", response.Status, err)
	}
}

func TestLimits(t *testing.T) {
	hangs := func(net.Conn) { <-t.Context().Done() }
	limited := func(client *wire.Client, r suite.Request) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := client.Do(ctx, r)
		return err
	}
	silent, _ := peer(t, 0, hangs)
	if err := limited(silent, suite.Request{Method: "GET", Target: "/"}); !errors.Is(err, wire.ErrTimeLimit) {
		t.Errorf("a silent target: %v; want %v", err, wire.ErrTimeLimit)
	}
	cancelled, received := peer(t, 0, hangs)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-received
		cancel()
	}()
	if _, err := cancelled.Do(ctx, suite.Request{Method: "GET", Target: "/"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v; want %v", err, context.Canceled)
	}
	// The target waits for the rest of the announced body.
	waiting, received := peer(t, 5, hangs)
	err := limited(waiting, suite.Request{Method: "POST", Target: "/", Header: []suite.Field{{Name: "Content-Length", Value: "5"}}, Body: []byte("abc")})
	if !errors.Is(err, wire.ErrTimeLimit) || !strings.HasSuffix(<-received, "\r\n\r\nabc") {
		t.Errorf("too long a length: %v; want %v", err, wire.ErrTimeLimit)
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	client := wire.Client{Address: address}
	_, err = client.Do(t.Context(), suite.Request{Method: "GET", Target: "/"})
	if !errors.Is(err, wire.ErrConnect) || !strings.Contains(err.Error(), address) {
		t.Errorf("got %v; want %v, with the address", err, wire.ErrConnect)
	}
}
