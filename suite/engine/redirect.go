package engine

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// send makes one request, and follows redirects to another path of the target, as
// the server does: with the same method, header and body. Redirects to other
// origins are not followed.
func (s *Session) send(ctx context.Context, r suite.Request) (suite.Response, error) {
	response, err := s.target.Send(ctx, r)
	for range limits.Redirects {
		target, elsewhere := s.redirected(r, response)
		if err != nil || !elsewhere {
			return response, err
		}
		r.Target = target
		response, err = s.target.Send(ctx, r)
	}
	return response, err
}

// redirected is where at the target a response redirects to.
func (s *Session) redirected(r suite.Request, response suite.Response) (target string, is bool) {
	switch response.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return "", false
	}
	location, err := url.Parse(response.Header.Get("Location"))
	if err != nil || location.Path == "" || location.Host != "" && (location.Host != s.target.Host() || location.Scheme == "https") {
		return "", false
	}
	base, err := url.Parse(r.Target)
	if err != nil {
		return "", false
	}
	location = base.ResolveReference(location)
	target = location.EscapedPath()
	if location.RawQuery != "" {
		target += "?" + location.RawQuery
	}
	return target, target != r.Target && strings.HasPrefix(target, "/")
}
