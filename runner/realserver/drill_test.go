package realserver

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// The keys of a rotation, as a self-hosted server takes them, and its event key.
const (
	oldKey   = "6f1c2b3a4958677685940312a1b0c9d8e7f60514233241506978879605a4b3c2"
	newKey   = "1d2e3f405162738495a6b7c8d9eafb0c1d2e3f405162738495a6b7c8d9eafb0c"
	eventKey = "countersign-event-key"
)

// drill is a rotation with a server and an app.
type drill struct {
	t        *testing.T
	limit    time.Duration // of each wait
	binary   string
	app      app
	env      []string // of the server
	port     int
	gateways [3]int
	folder   string
	recorder *recorder
	server   *process
	stopApp  func()
	nonces   int
	rotated  time.Time // when the server with the old key had ended
}

// run walks the rotation: both have the old key; the app gets the new key, with the
// old one as its fallback; the server gets the new key, while the app runs; the app
// drops the old one. At each stage the server syncs the app and an event runs its
// function. Then every recorded signature is verified.
func (d *drill) run() error {
	d.recorder, d.port, d.folder = newRecorder(d.t), freePort(d.t), d.t.TempDir()
	for i := range d.gateways {
		d.gateways[i] = freePort(d.t)
	}
	defer d.close()
	for _, stage := range []struct {
		name              string
		primary, fallback string // of the app; without a primary it stays as it is
		server            string // the key of the server; without one it stays as it is
	}{
		{"before", oldKey, "", oldKey},
		{"both keys deployed", newKey, oldKey, ""},
		{"the server rotated", "", "", newKey},
		{"after", newKey, "", ""},
	} {
		if err := d.stage(stage.primary, stage.fallback, stage.server); err != nil {
			return fmt.Errorf("%s: %w", stage.name, err)
		}
	}
	if err := verifyAll(d.recorder.recorded(), d.rotated); err != nil {
		return err
	}
	return d.oldKeyIsRefused()
}

func (d *drill) stage(primary, fallback, server string) error {
	if primary != "" {
		if err := d.startApp(primary, fallback); err != nil {
			return err
		}
	}
	if server != "" {
		if err := d.startServer(server); err != nil {
			return err
		}
	}
	if err := d.synced(); err != nil {
		return err
	}
	return d.called()
}

// startApp replaces the process of the app: the new one gets the requests before the
// old one ends.
func (d *drill) startApp(primary, fallback string) error {
	env := appEnv(d.origin(), d.recorder.URL, d.recorder.beacon(), primary, fallback)
	origin, stop, err := d.app(d.t, d.limit, env)
	if err != nil {
		return err
	}
	before := d.stopApp
	d.stopApp = stop
	if err := d.recorder.use(origin); err != nil {
		return err
	}
	if before != nil {
		before()
	}
	return nil
}

// startServer replaces the server; its database stays.
func (d *drill) startServer(key string) (err error) {
	if d.server != nil {
		d.server.stop()
		d.rotated = time.Now()
	}
	env := append(d.env, // ports that have no flags, and that two servers cannot share
		"INNGEST_CONNECT_GATEWAY_GRPC_PORT="+strconv.Itoa(d.gateways[1]), "INNGEST_CONNECT_EXECUTOR_GRPC_PORT="+strconv.Itoa(d.gateways[2]), "DO_NOT_TRACK=1")
	d.server, err = startProcess(d.t, d.limit, d.port, env, d.binary, "start",
		"--host", "127.0.0.1", "--port", strconv.Itoa(d.port), "--connect-gateway-port", strconv.Itoa(d.gateways[0]),
		"--signing-key", key, "--event-key", eventKey, "--sdk-url", d.recorder.appURL(), "--poll-interval", "1", "--retry-interval", "1",
		"--sqlite-dir", filepath.Join(d.folder, "db"))
	return err
}

func (d *drill) origin() string { return fmt.Sprintf("http://127.0.0.1:%d", d.port) }

// synced waits for one more signed sync that the app responds to with 200.
func (d *drill) synced() error {
	seen := len(d.recorder.recorded())
	return d.wait("the server has not synced the app", func() bool {
		for _, r := range d.recorder.recorded()[seen:] {
			if r.method == http.MethodPut && r.header.Get(reference.HeaderSignature) != "" && r.status == http.StatusOK {
				return true
			}
		}
		return false
	})
}

// called sends events until one of them has run the function. An event may come
// before the server has the function, so that there are several.
func (d *drill) called() error {
	var nonces []string
	next := time.Now()
	return d.wait("no event has run the function", func() bool {
		for _, nonce := range nonces {
			if d.recorder.ran(nonce) {
				return true
			}
		}
		if time.Now().After(next) {
			d.nonces++
			nonce := fmt.Sprintf("NONCE%021d", d.nonces)
			nonces, next = append(nonces, nonce), time.Now().Add(2*time.Second)
			if err := d.sendEvent(nonce); err != nil {
				d.t.Logf("sending an event: %v", err)
			}
		}
		return false
	})
}

func (d *drill) sendEvent(nonce string) error {
	event := fmt.Sprintf(`{"name":%q,"data":{"nonce":%q}}`, suite.EchoEvent, nonce)
	response, err := http.Post(d.origin()+"/e/"+eventKey, "application/json", strings.NewReader(event))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return nil
}

// wait waits until something is the case.
func (d *drill) wait(missing string, is func() bool) error {
	for start := time.Now(); time.Since(start) < d.limit; time.Sleep(50 * time.Millisecond) {
		if is() {
			return nil
		}
	}
	return fmt.Errorf("%s within %v; the server's output ends with:\n%s", missing, d.limit, d.server.output.last())
}

// verifyAll verifies every recorded signature. All calls are signed, and none was
// refused; those after the rotation are signed with the new key.
func verifyAll(all []received, rotated time.Time) error {
	before, after := mustParse(oldKey), mustParse(newKey)
	counts := map[string]int{}
	for i, r := range all {
		signer, err := r.signer(after, before)
		call := r.method == http.MethodPost
		switch {
		case err != nil:
			return err
		case call && signer == "":
			return fmt.Errorf("request %d, a call, is unsigned", i)
		case call && r.status != brokenOff && r.status != http.StatusOK && r.status != http.StatusPartialContent:
			return fmt.Errorf("request %d, a call signed with the %s key: the app responded with %d", i, signer, r.status)
		case signer == reference.Fallback.String() && r.at.After(rotated):
			return fmt.Errorf("request %d is signed with the old key after the rotation", i)
		}
		counts[r.method+" "+signer]++
	}
	for _, needed := range []string{"PUT fallback", "POST fallback", "PUT primary", "POST primary"} {
		if counts[needed] == 0 {
			return fmt.Errorf("nothing was recorded for %q: %v", needed, counts)
		}
	}
	return nil
}

func mustParse(text string) reference.Key {
	key, err := reference.ParseKey(text)
	if err != nil {
		panic("a key of the test: " + err.Error())
	}
	return key
}

// oldKeyIsRefused sends the first and the last recorded call again: signed with the
// old key, which the app no longer has, and with the new one, as the control.
func (d *drill) oldKeyIsRefused() error {
	var calls []received
	for _, r := range d.recorder.recorded() {
		if r.method == http.MethodPost {
			calls = append(calls, r)
		}
	}
	d.server.stop() // nothing else runs now
	total := func() (n int) {
		d.recorder.mu.Lock()
		defer d.recorder.mu.Unlock()
		for _, runs := range d.recorder.runs {
			n += runs
		}
		return n
	}
	for _, again := range []struct {
		call received
		runs int
	}{{calls[len(calls)-1], 1}, {calls[0], 0}, {calls[len(calls)-1], 1}} {
		before := total()
		if err := d.resend(again.call); err != nil {
			return err
		}
		if runs := total() - before; runs != again.runs {
			return fmt.Errorf("a recorded call, sent again when the app has only the new key, ran the function %d times, want %d", runs, again.runs)
		}
	}
	return nil
}

func (d *drill) resend(r received) error {
	request, err := http.NewRequest(r.method, d.recorder.URL+r.uri, bytes.NewReader(r.body))
	if err != nil {
		return fmt.Errorf("sending a recorded call again: %w", err)
	}
	request.Header = r.header.Clone()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("sending a recorded call again: %w", err)
	}
	return response.Body.Close()
}

func (d *drill) close() {
	if d.server != nil {
		d.server.stop()
	}
	if d.stopApp != nil {
		d.stopApp()
	}
}
