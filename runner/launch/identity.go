package launch

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/Masterminds/semver/v3"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
)

// foreign is an error that says why a response is not the target's.
func foreign(format string, args ...any) error {
	return fmt.Errorf("%w: %s", engine.ErrForeign, fmt.Sprintf(format, args...))
}

// owned is which sockets at a target's port are known to be the target's.
type owned struct {
	mu      sync.Mutex
	sockets []socket
}

// KnowsWhoResponds reports whether this system says which process holds the socket
// that responds.
func KnowsWhoResponds() bool {
	_, known := socketsAt("0")
	return known
}

// checkOwner returns an error that wraps [engine.ErrForeign] unless the sockets
// that connections to the target's port reach belong to the target. Who holds a
// socket is looked up once; after that it is enough that no other socket is there.
func (t *launched) checkOwner() error {
	_, port, _ := net.SplitHostPort(t.Host())
	reached, known := socketsAt(port)
	if !known {
		return nil
	}
	t.owned.mu.Lock()
	defer t.owned.mu.Unlock()
	if len(reached) > 0 && slices.Equal(reached, t.owned.sockets) {
		return nil
	}
	if len(reached) == 0 {
		if t.process.diesWithin(limits.Death) {
			return nil // it responded and exited, which is another matter
		}
		return foreign("nothing listens on port %s any more", port)
	}
	if other := t.otherOwner(reached); other != "" {
		return foreign("%s listens on port %s", other, port)
	}
	t.owned.sockets = reached
	return nil
}

// otherOwner describes the process that holds one of the sockets, if it is not one
// of the target's.
func (t *launched) otherOwner(sockets []socket) string {
	leader := t.process.command.Process.Pid
	left := slices.Clone(sockets)
	unreadable := false
	for _, pids := range []func() []int{
		func() []int { return []int{leader} }, func() []int { return inGroup(leader) }, func() []int { return orphans(t.mark()) },
	} {
		for _, pid := range pids() {
			held, readable := socketsOf(pid)
			unreadable = unreadable || !readable
			left = slices.DeleteFunc(left, func(s socket) bool { return slices.Contains(held, s.inode) })
		}
		if len(left) == 0 {
			return ""
		}
	}
	if pid, found := holderOf(left[0]); found {
		return commandOf(pid)
	}
	if unreadable && left[0].own { // a process of the target that hides its sockets from this user, such as one with capabilities
		return ""
	}
	return "a process that cannot be identified"
}

// identity is what the responses of a target call it.
type identity struct {
	mu  sync.Mutex
	sdk string // the value of X-Inngest-Sdk, once there was one
}

// differs returns the known name, if another one is given; the first one given
// becomes the known one.
func (i *identity) differs(name string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sdk = cmp.Or(i.sdk, name)
	if name == "" || name == i.sdk {
		return ""
	}
	return i.sdk
}

// checkName returns an error if a response names another SDK or app than the
// target's.
func (l *Lab) checkName(r suite.Request, got suite.Response) error {
	if err := l.checkVersion(got); err != nil {
		return err
	}
	name := got.Header.Get(reference.HeaderSDK)
	if ours := l.identity.differs(name); ours != "" {
		return foreign("the response names %s, earlier ones %s", name, ours)
	}
	if app := appOf(r, got); app != "" && app != suite.AppID {
		return foreign("the response names the app %q; the target's is %q", app, suite.AppID)
	}
	return nil
}

// appOf is the app that the response to an introspection names, or "". Those to a
// sync may pass on what the API calls the app.
func appOf(r suite.Request, got suite.Response) string {
	if got.Status != http.StatusOK || r.Method != http.MethodGet || !bytes.Contains(got.Body, []byte(`"app_id"`)) {
		return ""
	}
	var named struct {
		App any `json:"app_id"`
	}
	if json.Unmarshal(got.Body, &named) != nil {
		return ""
	}
	app, _ := named.App.(string)
	return app
}

var sdkVersion = regexp.MustCompile(`^[^:]*:v*([0-9]+\.[0-9]+\.[0-9]+\S*)$`)

// checkVersion returns an error that wraps [engine.ErrWrongTarget] if a response
// names another version than the chosen one.
func (l *Lab) checkVersion(got suite.Response) error {
	name := got.Header.Get(reference.HeaderSDK)
	match := sdkVersion.FindStringSubmatch(name)
	if l.version == nil || match == nil {
		return nil
	}
	named, err := semver.NewVersion(match[1])
	if err != nil || named.Equal(l.version) || match[1] == l.target.Says[l.Version()] {
		return nil
	}
	l.identity.mu.Lock()
	known := l.identity.sdk
	l.identity.mu.Unlock()
	if known != "" && known != name { // the target itself was heard before
		return foreign("the response names %s, earlier ones %s", name, known)
	}
	return fmt.Errorf("%w: %w", engine.ErrWrongTarget, page.CouldNotJudge(
		"the set-up has to install {version}; an SDK that names a wrong version is listed under `says` in target.yaml",
		"%s calls itself %q in %s: another version than the one to be judged", l.Name(), strings.TrimSpace(name), reference.HeaderSDK,
	))
}
