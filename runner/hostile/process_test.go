package hostile

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// child starts a process of this binary, which waits for some minutes. mark is an
// argument, by which the test finds it.
func child(change func(*exec.Cmd)) {
	self, err := os.Executable()
	if err != nil {
		return
	}
	c := exec.Command(self, asChild, mark())
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	change(c)
	_ = c.Start()
}

func inGroup(*exec.Cmd) {}
func detached(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Stdout, c.Stderr = nil, nil
}
func cleared(c *exec.Cmd) { detached(c); c.Env = []string{} }

func mark() string { return os.Args[len(os.Args)-1] }

func ignoresSignals() { signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP) }

// prints writes a text many times.
func prints(text string, times int) func() {
	return func() {
		for range times {
			if _, err := io.WriteString(os.Stdout, text); err != nil {
				return
			}
		}
	}
}

func exits(code int) func() { return func() { os.Exit(code) } }

func sleeps() { time.Sleep(5 * time.Minute) }

// secrets writes the key, and what may be derived from it.
func secrets() string {
	key, err := reference.ParseKey(os.Getenv(reference.EnvSigningKey))
	if err != nil {
		return ""
	}
	secret := key.Secret()
	return strings.Join([]string{key.Text(), strings.ToUpper(secret), secret[:20], "x" + secret[30:44], suite.BearerHash(key), strings.Join(strings.SplitAfter(secret, ""), ":")}, " ")
}

// post sends requests to the stand-in API or the beacon, until it is gone.
func post(url, body string, times int) {
	client := http.Client{Timeout: 5 * time.Second}
	for i := range times {
		response, err := client.Post(strings.ReplaceAll(url, "{n}", fmt.Sprint(i)), "application/json", strings.NewReader(body))
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
}

func beacon() string { return os.Getenv(suite.EnvBeacon) }
func api() string    { return os.Getenv(reference.EnvAPIBaseURL) }

// inBackground repeats something while the target serves.
func inBackground(do func()) func() {
	return func() {
		go func() {
			for {
				do()
			}
		}()
	}
}

// slowly holds many connections to the stand-in API, each with half a head.
func slowly() {
	for range 500 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(api(), "http://"))
		if err != nil {
			return
		}
		_, _ = conn.Write([]byte("POST /fn/register HTTP/1.1\r\nHost: x\r\nX-Slow: "))
	}
}

// listensElsewhere serves at another port.
func listensElsewhere() {
	if listener, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = http.Serve(listener, http.NotFoundHandler())
	}
}

// acceptsOnly accepts connections at the right port, and never responds.
func acceptsOnly() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		return
	}
	for {
		if _, err := listener.Accept(); err != nil {
			return
		}
	}
}

// sharesPort gives the listener to a detached child, which holds it.
func sharesPort() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		return
	}
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return
	}
	child(func(c *exec.Cmd) { detached(c); c.ExtraFiles = []*os.File{file} })
	serveOn(listener, (*talk).good)
}

// nested is a JSON value that is nested very deeply.
func nested(open, end string, depth int) string {
	return strings.Repeat(open, depth) + "1" + strings.Repeat(end, depth)
}

// manyMembers is an object with very many members.
func manyMembers(n int) string {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&b, `"member%d":{},`, i)
	}
	b.WriteString(`"last":1}`)
	return b.String()
}
