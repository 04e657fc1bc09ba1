package gallerytest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/countersign-dev/countersign/suite/gallery"
	"github.com/countersign-dev/countersign/suite/inprocess"
)

// What else than an endpoint of the gallery this test binary can be.
const (
	plain    = "plain"             // the reference
	shortest = "plain-for-a-while" // the reference, which ends after some requests, on a socket that it inherits
	lifetime = 40                  // requests
)

// serveAs is what a process does that is started with the name of an endpoint. It
// returns when it can serve no longer.
func serveAs(name string) error {
	switch name {
	case "supervisor":
		return child(plain, nil).Run()
	case "supervisor-that-restarts":
		return restart()
	case "start-command-that-exits":
		return daemonise()
	case plain:
		return serve(gallery.Endpoint{})
	case shortest:
		return serveForAWhile()
	}
	e, found := gallery.Find(name)
	if !found {
		return errors.New("there is no endpoint " + name)
	}
	return serve(e)
}

func serve(e gallery.Endpoint) error {
	listener, err := listen()
	if err != nil {
		return err
	}
	if e.Listen != nil {
		listener = e.Listen(listener)
	}
	return http.Serve(listener, tallied(handler(e)))
}

func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT")) }

func handler(e gallery.Endpoint) http.Handler {
	return e.Handler(inprocess.Reference(os.Getenv), servePath)
}

// tallied writes a byte for each request.
func tallied(next http.Handler) http.Handler {
	tally, err := os.OpenFile(os.Getenv(tallyVariable), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = tally.WriteString(".") // a request less in a table
		next.ServeHTTP(w, r)
	})
}

// child is this program as another endpoint, on a socket unless that is nil.
func child(name string, socket *os.File) *exec.Cmd {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), endpointVariable+"="+name) // the last one counts
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if socket != nil {
		command.ExtraFiles = []*os.File{socket}
	}
	return command
}

// restart starts a child again and again. Connections wait for the next one.
func restart() error {
	listener, err := listen()
	if err != nil {
		return err
	}
	socket, err := listener.(*net.TCPListener).File()
	for err == nil {
		err = child(shortest, socket).Run()
	}
	return err
}

// serveForAWhile serves on the socket that a process inherits as its fourth file.
func serveForAWhile() error {
	listener, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil {
		return err
	}
	next := tallied(handler(gallery.Endpoint{}))
	server, left := &http.Server{}, atomic.Int64{}
	left.Store(lifetime)
	done := make(chan struct{})
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		if next.ServeHTTP(w, r); left.Add(-1) == 0 {
			go func() { _ = server.Shutdown(context.Background()); close(done) }()
		}
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-done
	os.Exit(0)
	return nil
}

// daemonise starts a child in a session of its own, and ends when it listens.
func daemonise() error {
	command := child(plain, nil)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return err
	}
	for range 200 {
		conn, err := net.Dial("tcp", "127.0.0.1:"+os.Getenv("PORT"))
		if err == nil {
			_ = conn.Close()
			os.Exit(0)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("the daemon does not listen")
}
