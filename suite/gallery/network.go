package gallery

import (
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// network: endpoints behind a network that loses something now and then.
func network() []Endpoint {
	return []Endpoint{
		{
			Name: "resets-1-percent", Part: Network,
			Peculiar: "one connection of 100 is reset before the request is handled",
			Wrap:     losing(100, reset),
		},
		{
			Name: "resets-5-percent", Part: Network,
			Peculiar: "one connection of 20 is reset before the request is handled",
			Wrap:     losing(20, reset),
		},
		{
			Name: "closes-5-percent", Part: Network,
			Peculiar: "one connection of 20 is closed before the request is handled",
			Wrap:     losing(20, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		},
		{
			Name: "lost-responses", Part: Network,
			Peculiar: "one response of 30 is lost after the request was handled",
			Wrap:     losingResponses(30, reset),
		},
		{
			Name: "cut-responses", Part: Network,
			Peculiar: "one response of 30 ends in the middle",
			Wrap:     losingResponses(30, cut),
		},
		{
			Name: "502-5-percent", Part: Network,
			Peculiar: "one request of 20 gets 502 and a page, and is not handled",
			Wrap:     losing(20, page(http.StatusBadGateway)),
		},
		{
			Name: "504-after-handling", Part: Network,
			Peculiar: "one request of 30 gets 504 although it was handled",
			Wrap:     losingResponses(30, func(w http.ResponseWriter, r *http.Request) { page(http.StatusGatewayTimeout)(w, r) }),
		},
		{
			Name: "503-5-percent", Part: Network,
			Peculiar: "one request of 20 gets 503, and is not handled",
			Wrap:     losing(20, respondWith(http.StatusServiceUnavailable, "text/plain", "no healthy upstream")),
		},
		{
			Name: "522-3-percent", Part: Network,
			Peculiar: "one request of 30 gets 522, as of an edge that does not reach the endpoint",
			Wrap:     losing(30, page(522)),
		},
		{
			Name: "hangs-now-and-then", Part: Network,
			Peculiar: "one request of 400 gets no response at all",
			Wrap:     losing(400, hang),
		},
		{
			Name: "jitter", Part: Network,
			Peculiar: "responses take up to 8 ms longer",
			Wrap: before(func(*http.Request) {
				time.Sleep(time.Duration(rand.IntN(8)) * time.Millisecond)
			}),
		},
		{
			Name: "slow-now-and-then", Part: Network,
			Peculiar: "one response of 60 takes 1.5 s",
			Wrap: func(next http.Handler) http.Handler {
				now := sometimes(60)
				return before(func(*http.Request) {
					if now() {
						time.Sleep(1500 * time.Millisecond)
					}
				})(next)
			},
		},
	}
}

// losing handles one of n requests in another way.
func losing(n int, then http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		now := sometimes(n)
		return instead(func(*http.Request) bool { return now() }, then)(next)
	}
}

// losingResponses handles all requests, and responds to one of n in another way.
func losingResponses(n int, then http.HandlerFunc) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		now := sometimes(n)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !now() {
				next.ServeHTTP(w, r)
				return
			}
			keep(next, r)
			then(w, r)
		})
	}
}

// hijacked is the connection of a request; the handler fails where there is none.
func hijacked(w http.ResponseWriter) net.Conn {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return conn
}

// reset resets the connection.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn := hijacked(w)
	if tcp, is := conn.(*net.TCPConn); is {
		_ = tcp.SetLinger(0) // a close is a reset then
	}
	_ = conn.Close()
}

// cut sends half a response.
func cut(w http.ResponseWriter, _ *http.Request) {
	conn := hijacked(w)
	_, _ = conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4711\r\n\r\n{\"non"))
	_ = conn.Close()
}

// hang reads on until the client gives up, and responds nothing.
func hang(w http.ResponseWriter, r *http.Request) {
	conn := hijacked(w)
	defer func() { _ = conn.Close() }()
	_, _ = conn.Read(make([]byte, 1))
}
