package zoo

import (
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// modes: mutants that are in the wrong mode.
func modes() []Mutant {
	asks := func(header, value string) func(*http.Request, string) bool {
		return func(r *http.Request, _ string) bool { return strings.EqualFold(r.Header.Get(header), value) }
	}
	says := func(texts ...string) func(*http.Request, string) bool {
		return func(_ *http.Request, dev string) bool {
			for _, text := range texts {
				if dev == text {
					return true
				}
			}
			return false
		}
	}
	return []Mutant{
		devWhen("zero-is-dev", "modes.zero", "INNGEST_DEV=0 is taken for a yes, because it is there", says("0")),
		devWhen("false-is-dev", "modes.false", "INNGEST_DEV=false is taken for a yes, because it is not empty", says("false")),
		{
			Name: "dev-unless-production", Part: ModesPart, Kills: "modes.unstated",
			Defect: "without INNGEST_DEV the mode is guessed, and guessed to be development outside of production",
			Break: resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
				return mode.Dev || getenv(reference.EnvDev) == "" && getenv("COUNTERSIGN_STAGE") != "production"
			}),
		},
		{
			Name: "unstated-refuses", Part: ModesPart, Kills: "modes.unstated-signed",
			Defect: "without INNGEST_DEV there is no mode, and everything is refused",
			Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
				return c.Getenv(reference.EnvDev) == "" && c.Getenv("COUNTERSIGN_STAGE") != "production"
			}),
		},
		devWhen("server-kind-decides", "modes.server-kind-header", "a request that says it is from a dev server is not verified", asks(reference.HeaderServerKind, "dev")),
		devWhen("dev-header-decides", "modes.dev-header", "a request header switches to development mode", asks("X-Inngest-Dev", "1")),
		devWhen("expected-server-kind-decides", "modes.expected-server-kind-header", "the server kind that is expected is believed", asks(reference.HeaderExpectedServerKind, "dev")),
		devWhen("forwarded-host-decides", "modes.forwarded-host-header", "a request that was forwarded from localhost is trusted", func(r *http.Request, _ string) bool {
			return strings.HasPrefix(r.Header.Get("X-Forwarded-Host"), "localhost")
		}),
		devWhen("platform-decides", "modes.platform-header", "a request from the platform called dev is trusted", asks("X-Inngest-Platform", "dev")),
		devWhen("user-agent-decides", "modes.user-agent-header", "a request whose user agent is a dev server's is trusted", asks("User-Agent", "inngest-dev-server")),
		devWhen("framework-decides", "modes.framework-header", "a request from the framework called dev is trusted", asks("X-Inngest-Framework", "dev")),
		devWhen("forwarded-for-decides", "modes.forwarded-for-header", "a request that says it comes from this machine is trusted", asks("X-Forwarded-For", "127.0.0.1")),
		devWhen("env-header-decides", "modes.env-header", "a request for the environment called dev is trusted", asks("X-Inngest-Env", "dev")),
		devWhen("method-override-decides", "modes.method-override-header", "a request that wants to be another method is not verified as what it is", asks("X-HTTP-Method-Override", "GET")),
		{
			Name: "zero-locks-out", Part: ModesPart, Kills: "modes.zero-signed",
			Defect: "INNGEST_DEV=0 is no mode at all, and everything is refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Getenv(reference.EnvDev) == "0" }),
		},
		{
			Name: "false-locks-out", Part: ModesPart, Kills: "modes.false-signed",
			Defect: "INNGEST_DEV=false is no mode at all, and everything is refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Getenv(reference.EnvDev) == "false" }),
		},
		{
			Name: "zero-is-lenient", Part: ModesPart, Kills: "modes.zero-wrong-key",
			Defect: "with INNGEST_DEV=0 a wrong signature is logged and let in",
			Break:  forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool { return c.Getenv(reference.EnvDev) == "0" }),
		},
		{
			Name: "zero-without-key-is-dev", Part: ModesPart, Kills: "modes.zero-keyless",
			Defect: "INNGEST_DEV=0 without a key is taken for development mode",
			Break: resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
				return mode.Dev || getenv(reference.EnvDev) == "0" && getenv(reference.EnvSigningKey) == ""
			}),
		},
		{
			Name: "true-is-cloud", Part: ModesPart, Kills: "modes.true",
			Defect: "only the digit 1 means yes",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(reference.EnvDev) != "true" }),
		},
		{
			Name: "fallback-beats-dev", Part: ModesPart, Kills: "modes.dev-with-fallback",
			Defect: "a fallback key selects cloud mode whatever INNGEST_DEV says",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(reference.EnvFallback) == "" }),
		},
		devWhen("localhost-decides", "modes.local-host", "a request for localhost is trusted", func(r *http.Request, _ string) bool {
			return strings.HasPrefix(r.Host, "localhost")
		}),
		{
			Name: "dev-needs-a-key", Part: ModesPart, Kills: "dev.keyless",
			Defect: "development mode, too, refuses to run without a signing key",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					if (c.Keys == reference.Keys{}) {
						return c.Refuse(c, reference.ErrNoKey)
					}
					return run(c)
				}
			},
		},
		{
			Name: "dev-refuses-signatures", Part: ModesPart, Kills: "dev.keyless-signed",
			Defect: "without a key a signature that cannot be verified is refused in development mode, too",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					if (c.Keys == reference.Keys{}) && c.Signed {
						return c.Refuse(c, reference.ErrNoKey)
					}
					return run(c)
				}
			},
		},
		{
			Name: "key-beats-dev", Part: ModesPart, Kills: "dev.forced",
			Defect: "a signing key selects cloud mode whatever INNGEST_DEV says",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(reference.EnvSigningKey) == "" }),
		},
		{
			Name: "dev-refuses-the-right-key", Part: ModesPart, Kills: "dev.forced-signed",
			Defect: "in development mode a signed request is taken for one that got lost from the cloud",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Mode.Dev }),
		},
		{
			Name: "origin-is-cloud", Part: ModesPart, Kills: "dev.origin",
			Defect: "INNGEST_DEV is understood as 1 only, and an origin means cloud",
			Break:  modeIs(func(getenv func(string) string) bool { return !strings.Contains(getenv(reference.EnvDev), "://") }),
		},
	}
}

// modeIs keeps a mode only where a condition holds, and is cloud elsewhere.
func modeIs(holds func(getenv func(string) string) bool) func(*reference.Endpoint) {
	return resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
		return mode.Dev && holds(getenv)
	})
}

// resolving replaces the decision whether the mode is development.
func resolving(dev func(mode reference.Mode, r *http.Request, getenv func(string) string) bool) func(*reference.Endpoint) {
	return func(e *reference.Endpoint) {
		resolve := e.ResolveMode
		e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
			mode := resolve(r, getenv)
			mode.Dev = dev(mode, r, getenv)
			return mode
		}
	}
}

func devWhen(name, kills, defect string, when func(r *http.Request, dev string) bool) Mutant {
	return Mutant{Name: name, Part: ModesPart, Kills: kills, Defect: defect, Break: resolving(
		func(mode reference.Mode, r *http.Request, getenv func(string) string) bool {
			return mode.Dev || when(r, getenv(reference.EnvDev))
		})}
}
