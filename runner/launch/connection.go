package launch

import (
	"context"
	"net"
	"slices"
	"time"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// Connection sends single requests to an endpoint that is already running, exactly
// as given.
type Connection struct{ place place }

// Connect finds the address of an endpoint. Nothing but a connection is made. The
// error is a [*page.Error]; one with the exit code [page.ExitCouldNotJudge] says that
// nothing accepts connections there.
func Connect(ctx context.Context, url string, o AttachOptions) (*Connection, error) {
	found, err := locate(ctx, url, o)
	if err != nil {
		return nil, err
	}
	var last error
	for _, address := range found.addresses {
		found.client.Address = net.JoinHostPort(address.String(), found.port)
		dialer := net.Dialer{Timeout: limits.Probe}
		conn, err := dialer.DialContext(ctx, "tcp", found.client.Address)
		if err == nil {
			return &Connection{found}, conn.Close()
		}
		last = err
	}
	return nil, page.CouldNotJudge("start the app first, and check the scheme, the host and the port", "nothing accepts connections at %s: %v", &found, last)
}

// Do sends one request, within [limits.Probe]. Host is added, and a User-Agent if there is none. The time is that of the
// response.
func (c *Connection) Do(ctx context.Context, r suite.Request) (suite.Response, time.Time, error) {
	added := c.place.plain(r.Method).Header
	if slices.ContainsFunc(r.Header, func(f suite.Field) bool { return f.Name == "User-Agent" }) {
		added = added[:1] // the Host alone
	}
	r.Header = append(added, r.Header...)
	ctx, cancel := context.WithTimeout(ctx, limits.Probe)
	defer cancel()
	got, err := c.place.do(ctx, r)
	return got, time.Now(), err
}

// Path is the path of the endpoint's URL.
func (c *Connection) Path() string { return c.place.path }

// String is the endpoint's URL.
func (c *Connection) String() string { return c.place.String() }
