package zoo

import (
	"bytes"
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// inspecting are the mutants whose introspection discloses too much or too little.
func inspecting() []Mutant {
	telling := func(when func(c *reference.Context) bool) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			introspect := e.Introspect
			e.Introspect = func(c *reference.Context) reference.Response {
				if c.MatchedKey == reference.NoKey && when(c) {
					return with(introspect(c), "app_id", c.AppID, "api_origin", c.Mode.API)
				}
				return introspect(c)
			}
		}
	}
	change := func(name string, value any) func(*reference.Endpoint) {
		return func(e *reference.Endpoint) {
			introspect := e.Introspect
			e.Introspect = func(c *reference.Context) reference.Response { return with(introspect(c), name, value) }
		}
	}
	return []Mutant{
		{
			Name: "introspection-open", Part: Inspection, Kills: "introspection.unsigned",
			Defect: "the response to an unsigned introspection contains privileged fields",
			Break:  telling(func(c *reference.Context) bool { return !c.Signed }),
		},
		{
			Name: "introspection-open-to-dev-servers", Part: Inspection, Kills: "introspection.server-kind",
			Defect: "the response to an unsigned introspection with X-Inngest-Server-Kind: dev contains privileged fields",
			Break:  telling(func(c *reference.Context) bool { return c.Request.Header.Get(reference.HeaderServerKind) == "dev" }),
		},
		{
			Name: "introspection-redated", Part: Inspection, Kills: "introspection.redated",
			Defect: "introspection accepts MACs for the seconds around t, too",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				s, _, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				later := reference.Signature{Time: s.Time.Add(30 * time.Second)}
				return err == nil && c.Request.Method == http.MethodGet && c.Match(c.Keys.Primary, nil, later.T(), s.MAC)
			}),
		},
		{
			Name: "introspection-unverified", Part: Inspection, Kills: "introspection.wrong-key",
			Defect: "introspection accepts any well-formed signature",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Request.Method == http.MethodGet && !c.Keys.Primary.IsZero()
			}),
		},
		{
			Name: "introspection-empty-key", Part: Inspection, Kills: "introspection.empty-key",
			Defect: "introspection also accepts signatures made with an empty key",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				return c.Request.Method == http.MethodGet && emptyKeySigned(c)
			}),
		},
		{
			Name: "introspection-from-the-future", Part: Inspection, Kills: "introspection.future",
			Defect: "the response to an introspection signed for a time in the future is the authenticated one",
			Break:  forgiveWhich(reference.ErrFuture, func(c *reference.Context) bool { return c.Request.Method == http.MethodGet }),
		},
		{
			Name: "introspection-off-by-a-digit", Part: Inspection, Kills: "introspection.one-off",
			Defect: "introspection does not compare the last digit of the MAC",
			Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
				s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				want := c.Keys.Primary.MAC(nil, t)
				return err == nil && c.Request.Method == http.MethodGet && bytes.Equal(want[:31], s.MAC[:31])
			}),
		},
		{
			Name: "introspection-never-authenticated", Part: Inspection, Kills: "introspection.signed",
			Defect: "the response to a signed introspection is the unauthenticated one",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Request.Method == http.MethodGet }),
		},
		{
			Name: "introspection-gone", Part: Inspection, Kills: "introspection.answered",
			Defect: "the response to a GET is 404",
			Break: responseOf(func(e *reference.Endpoint) *func(*reference.Context) reference.Response { return &e.Introspect },
				func(*reference.Context) reference.Response { return plain(http.StatusNotFound, `{}`) }),
		},
		{
			Name: "authentication-unsaid", Part: Inspection, Kills: "introspection.signed",
			Defect: "the response to a signed introspection does not say that authentication succeeded",
			Break:  change("authentication_succeeded", nil),
		},
		{
			Name: "has-key-wrong", Part: Inspection, Kills: "introspection.has-key",
			Defect: "introspection says that no signing key is set",
			Break:  change("has_signing_key", false),
		},
		{
			Name: "has-fallback-wrong", Part: Inspection, Kills: "introspection.has-fallback",
			Defect: "introspection does not say that a fallback key is set",
			Break:  change("has_signing_key_fallback", nil),
		},
		{
			Name: "mode-always-dev", Part: Inspection, Kills: "modes.introspection",
			Defect: "introspection always says dev mode",
			Break:  change("mode", "dev"),
		},
		{
			Name: "mode-always-cloud", Part: Inspection, Kills: "dev.introspection",
			Defect: "introspection always says cloud mode",
			Break:  change("mode", "cloud"),
		},
	}
}
