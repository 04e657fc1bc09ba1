package hostile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// The first arguments with which this test binary is a target, its set-up, or a child
// of it. The last one is the mark of the test that started it.
const (
	asTarget = "hostile-target"
	asSetup  = "hostile-setup"
	asChild  = "hostile-child"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case asChild:
			ignoresSignals()
			sleeps()
			os.Exit(0)
		case asSetup:
			find(os.Args[2]).setup()
			os.Exit(0)
		case asTarget:
			play(find(os.Args[2]))
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

func find(name string) behaviour {
	for _, b := range behaviours {
		if b.name == name {
			return b
		}
	}
	panic("there is no behaviour " + name)
}

// play is a target with a behaviour.
func play(b behaviour) {
	if b.start != nil {
		b.start()
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		fmt.Println(err)
		return
	}
	speak := b.speak
	if speak == nil {
		speak = (*talk).good
	}
	serveOn(listener, speak)
}

// talk is one connection with a request on it.
type talk struct {
	net.Conn
	endpoint http.Handler
	request  *http.Request
	body     []byte
	n        int // how many signed requests there were
}

// serveOn serves an endpoint that misbehaves in response to signed requests. Others
// are answered, so that it counts as started.
func serveOn(listener net.Listener, speak func(*talk)) {
	endpoint := inprocess.Reference(os.Getenv)
	var signed atomic.Int64
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			request, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return
			}
			t := &talk{Conn: conn, endpoint: endpoint, request: request}
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			t.body, _ = io.ReadAll(io.LimitReader(request.Body, reference.MaxBody))
			_ = conn.SetReadDeadline(time.Time{})
			if request.Header.Get(reference.HeaderSignature) == "" {
				t.good()
				return
			}
			t.n = int(signed.Add(1))
			speak(t)
		}()
	}
}

// good responds as the reference does.
func (t *talk) good() {
	recorded := httptest.NewRecorder()
	t.request.Body = io.NopCloser(bytes.NewReader(t.body))
	t.endpoint.ServeHTTP(recorded, t.request)
	response := recorded.Result()
	response.ContentLength, response.Close = int64(recorded.Body.Len()), true
	_ = response.Write(t.Conn)
}
