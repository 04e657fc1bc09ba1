package launch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/countersign-dev/countersign/runner/page"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/wire"
)

// place is where an endpoint is: its parsed URL and how to get there.
type place struct {
	path, host string
	port       string
	addresses  []net.IPAddr
	client     *wire.Client
	limit      *limit
	traffic    *counter
}

// locate parses a URL and resolves its host. Unless remote is allowed, an address
// other than loopback is an error. Nothing is sent yet.
func locate(ctx context.Context, text string, o AttachOptions) (place, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return place{}, page.Usage(urlHint, "%q is not a URL", text)
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return place{}, page.Usage(urlHint, "%q is not an http or https URL", text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return place{}, page.Usage(urlHint, "the URL of an endpoint must not have a user, query or fragment")
	}
	addresses, err := lookUp(ctx, u.Hostname())
	if err != nil {
		return place{}, page.Usage("check its spelling", "the host %s cannot be resolved: %v", u.Hostname(), err)
	}
	for _, address := range addresses {
		if !o.AllowRemote && !address.IP.IsLoopback() {
			return place{}, page.Usage("add --allow-remote if you may send forged and expired requests there",
				"%s is at %s, which is not a loopback address", u.Hostname(), address.String())
		}
	}
	found := place{
		path: u.EscapedPath(), host: u.Host, port: portOf(u), addresses: addresses,
		client: &wire.Client{}, limit: newLimit(o.Rate), traffic: &counter{function: url.QueryEscape(o.Function)},
	}
	if found.path == "" {
		found.path = "/"
	}
	if u.Scheme == "https" {
		found.client.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	return found, nil
}

// do makes one exchange, when the limit allows it.
func (p *place) do(ctx context.Context, r suite.Request) (suite.Response, error) {
	if err := p.limit.take(ctx); err != nil {
		return suite.Response{}, fmt.Errorf("waiting for the limit of requests per second: %w", err)
	}
	response, err := p.client.Do(ctx, r)
	p.traffic.add(r, response)
	return response, err
}

func lookUp(ctx context.Context, host string) ([]net.IPAddr, error) {
	ctx, cancel := context.WithTimeout(ctx, limits.Resolve)
	defer cancel()
	return net.DefaultResolver.LookupIPAddr(ctx, host)
}

const urlHint = "give the whole URL of the endpoint, like http://127.0.0.1:3000/api/inngest"

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// reach chooses the first address that responds.
func (p *place) reach(ctx context.Context) error {
	var last error
	for _, address := range p.addresses {
		p.client.Address = net.JoinHostPort(address.String(), p.port)
		if last = p.respondsAt(ctx); last == nil || ctx.Err() != nil {
			return last
		}
	}
	return page.CouldNotJudge(silenceHint(last), "%s does not respond: %v", p, last)
}

func (p *place) respondsAt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, limits.Probe)
	defer cancel()
	for n := 1; ; n++ {
		_, err := p.do(ctx, p.plain("GET"))
		switch {
		case err == nil || !errors.Is(err, wire.ErrBrokeOff):
			return err
		case n == limits.Reach: // it may refuse a request without a signature in this way
			return nil
		}
	}
}

// silenceHint says what to do where an endpoint does not respond.
func silenceHint(err error) string {
	var distrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &distrusted):
		return "set SSL_CERT_FILE to the certificate's authority, or use the plain http port"
	case errors.Is(err, wire.ErrConnect):
		return "start the endpoint first, and check the scheme, the port and the path"
	}
	return "something accepts connections there: check that it is the endpoint, and look at its log"
}

// String is the URL.
func (p *place) String() string {
	scheme := "http://"
	if p.client.TLS != nil {
		scheme = "https://"
	}
	return scheme + p.host + p.path
}

// plain is a request without a signature.
func (p *place) plain(method string) suite.Request {
	return suite.Request{
		Method: method, Target: p.path,
		Header: []suite.Field{{Name: "Host", Value: p.host}, {Name: "User-Agent", Value: userAgent}},
	}
}
