package hostile

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
)

// write writes text until the peer goes away.
func (t *talk) write(text string) bool {
	_, err := io.WriteString(t.Conn, text)
	return err == nil
}

// forever writes a text again and again.
func (t *talk) forever(text string) {
	for t.write(text) {
	}
}

// respond writes a response with a body.
func (t *talk) respond(status int, fields, body string) {
	t.write(fmt.Sprintf("HTTP/1.1 %d Status\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n", status, fields, len(body)))
	t.write(body)
}

// wait waits until the peer goes away.
func (t *talk) wait() { _, _ = io.Copy(io.Discard, t.Conn) }

func says(text string) func(*talk) { return func(t *talk) { t.write(text) } }

func responds(status int, fields, body string) func(*talk) {
	return func(t *talk) { t.respond(status, fields, body) }
}

// endless writes a beginning, and then the same again and again.
func endless(begin, more string) func(*talk) {
	return func(t *talk) {
		t.write(begin)
		t.forever(strings.Repeat(more, 1+(32<<10)/len(more)))
	}
}

// drips writes a beginning, and then one byte a second.
func drips(begin, rest string) func(*talk) {
	return func(t *talk) {
		t.write(begin)
		for _, c := range []byte(rest) {
			time.Sleep(time.Second)
			if !t.write(string(c)) {
				return
			}
		}
		t.wait()
	}
}

// resets ends the connection with a reset.
func resets(text string) func(*talk) {
	return func(t *talk) {
		t.write(text)
		if tcp, is := t.Conn.(*net.TCPConn); is {
			_ = tcp.SetLinger(0)
		}
	}
}

type packer func(io.Writer) io.WriteCloser

func asGzip(w io.Writer) io.WriteCloser   { return gzip.NewWriter(w) }
func asBrotli(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 5) }
func asZlib(w io.Writer) io.WriteCloser   { return zlib.NewWriter(w) }
func asDeflate(w io.Writer) io.WriteCloser {
	f, _ := flate.NewWriter(w, 6)
	return f
}

// bomb is a body of many megabytes of zeros, packed.
func bomb(coding string, megabytes int, by ...packer) func(*talk) {
	packed := sync.OnceValue(func() string {
		var body bytes.Buffer
		w := by[0](&body)
		for range megabytes {
			_, _ = w.Write(make([]byte, 1<<20))
		}
		_ = w.Close()
		for _, more := range by[1:] {
			var outer bytes.Buffer
			w := more(&outer)
			_, _ = w.Write(body.Bytes())
			_ = w.Close()
			body = outer
		}
		return body.String()
	})
	return func(t *talk) { t.respond(401, "Content-Encoding: "+coding+"\r\n", packed()) }
}

// fields are many header fields.
func fields(n, length int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "X-%d: %s\r\n", i, strings.Repeat("v", length))
	}
	return b.String()
}

// random is a text that cannot be packed.
func random(bytes int) string {
	text := make([]byte, bytes)
	for i := range text {
		text[i] = 'a' + byte(rand.IntN(26))
	}
	return string(text)
}

// afterSome is another behaviour from the nth request on.
func afterSome(n int, then func(*talk)) func(*talk) {
	return func(t *talk) {
		if t.n > n {
			then(t)
			return
		}
		t.good()
	}
}

// every is another behaviour in every nth request.
func every(n int, then func(*talk)) func(*talk) {
	return func(t *talk) {
		if t.n%n == 0 {
			then(t)
			return
		}
		t.good()
	}
}

// anyOf is one of several behaviours.
func anyOf(of ...func(*talk)) func(*talk) {
	return func(t *talk) { of[rand.IntN(len(of))](t) }
}

// escapes are what a terminal may obey: colours, a title, the clipboard, the cursor,
// C1 controls, and characters that change the direction of text.
const escapes = "\x1b[31mred\x1b[2J\x1b]0;title\x07\x1b]52;c;YQ==\x1b\\\x9b31m\u009b2J\u202eevil\u2066\u200b\x08\x08\r\x7f\u2028"
