package zoo

import (
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// modes are the mutants that are in the wrong mode.
func modes() []Mutant {
	has := func(header, value string) func(*http.Request, string) bool {
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
		devWhen("zero-is-dev", "modes.zero", "INNGEST_DEV=0 selects dev mode, because it is set", says("0")),
		devWhen("false-is-dev", "modes.false", "INNGEST_DEV=false selects dev mode, because it is not empty", says("false")),
		{
			Name: "dev-unless-production", Part: ModesPart, Kills: "modes.unstated",
			Defect: "without INNGEST_DEV the mode is inferred, and is dev mode outside of production",
			Break: resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
				return mode.Dev || getenv(reference.EnvDev) == "" && getenv("COUNTERSIGN_STAGE") != "production"
			}),
		},
		{
			Name: "unstated-refuses", Part: ModesPart, Kills: "modes.unstated-signed",
			Defect: "without INNGEST_DEV, everything is refused",
			Break: lockOut(func(c *reference.Context, _ reference.MatchedKey) bool {
				return c.Getenv(reference.EnvDev) == "" && c.Getenv("COUNTERSIGN_STAGE") != "production"
			}),
		},
		devWhen("server-kind-decides", "modes.server-kind-header", "a request with X-Inngest-Server-Kind: dev is not verified", has(reference.HeaderServerKind, "dev")),
		devWhen("dev-header-decides", "modes.dev-header", "a request with X-Inngest-Dev: 1 is not verified", has("X-Inngest-Dev", "1")),
		devWhen("expected-server-kind-decides", "modes.expected-server-kind-header", "a request with X-Inngest-Expected-Server-Kind: dev is not verified", has(reference.HeaderExpectedServerKind, "dev")),
		devWhen("forwarded-host-decides", "modes.forwarded-host-header", "a request with an X-Forwarded-Host of localhost is not verified", func(r *http.Request, _ string) bool {
			return strings.HasPrefix(r.Header.Get("X-Forwarded-Host"), "localhost")
		}),
		devWhen("platform-decides", "modes.platform-header", "a request with X-Inngest-Platform: dev is not verified", has("X-Inngest-Platform", "dev")),
		devWhen("user-agent-decides", "modes.user-agent-header", "a request with a dev server's User-Agent is not verified", has("User-Agent", "inngest-dev-server")),
		devWhen("framework-decides", "modes.framework-header", "a request with X-Inngest-Framework: dev is not verified", has("X-Inngest-Framework", "dev")),
		devWhen("forwarded-for-decides", "modes.forwarded-for-header", "a request with X-Forwarded-For: 127.0.0.1 is not verified", has("X-Forwarded-For", "127.0.0.1")),
		devWhen("env-header-decides", "modes.env-header", "a request with X-Inngest-Env: dev is not verified", has("X-Inngest-Env", "dev")),
		devWhen("method-override-decides", "modes.method-override-header", "a request with X-HTTP-Method-Override is not verified", has("X-HTTP-Method-Override", "GET")),
		{
			Name: "zero-locks-out", Part: ModesPart, Kills: "modes.zero-signed",
			Defect: "with INNGEST_DEV=0, everything is refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Getenv(reference.EnvDev) == "0" }),
		},
		{
			Name: "false-locks-out", Part: ModesPart, Kills: "modes.false-signed",
			Defect: "with INNGEST_DEV=false, everything is refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Getenv(reference.EnvDev) == "false" }),
		},
		{
			Name: "zero-is-lenient", Part: ModesPart, Kills: "modes.zero-wrong-key",
			Defect: "with INNGEST_DEV=0, a wrong signature is logged and accepted",
			Break:  forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool { return c.Getenv(reference.EnvDev) == "0" }),
		},
		{
			Name: "zero-without-key-is-dev", Part: ModesPart, Kills: "modes.zero-keyless",
			Defect: "INNGEST_DEV=0 without a key selects dev mode",
			Break: resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
				return mode.Dev || getenv(reference.EnvDev) == "0" && getenv(reference.EnvSigningKey) == ""
			}),
		},
		{
			Name: "true-is-cloud", Part: ModesPart, Kills: "modes.true",
			Defect: "only INNGEST_DEV=1 selects dev mode",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(reference.EnvDev) != "true" }),
		},
		{
			Name: "fallback-beats-dev", Part: ModesPart, Kills: "modes.dev-with-fallback",
			Defect: "a fallback key selects cloud mode, with any INNGEST_DEV",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(reference.EnvFallback) == "" }),
		},
		hostDecides("ipv6-loopback-decides", "modes.ipv6-host", "[::1]"),
		hostDecides("private-address-decides", "modes.private-host", "192.168."),
		hostDecides("internal-name-decides", "modes.internal-host", "app.internal"),
		hostDecides("container-host-decides", "modes.container-host", "host.docker."),
		hostDecides("mdns-name-decides", "modes.mdns-host", "app.local"),
		hostDecides("test-name-decides", "modes.test-host", "app.test"),
		hostDecides("localhost-decides", "modes.local-host", "localhost"),
		{
			Name: "dev-needs-a-key", Part: ModesPart, Kills: "dev.keyless",
			Defect: "dev mode refuses everything without a signing key",
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
			Defect: "in dev mode without a key, signed requests are refused",
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
			Defect: "a signing key selects cloud mode, with any INNGEST_DEV",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(reference.EnvSigningKey) == "" }),
		},
		{
			Name: "dev-refuses-the-right-key", Part: ModesPart, Kills: "dev.forced-signed",
			Defect: "in dev mode, validly signed requests are refused",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return c.Mode.Dev }),
		},
		{
			Name: "origin-is-cloud", Part: ModesPart, Kills: "dev.origin",
			Defect: "an INNGEST_DEV that is an origin selects cloud mode",
			Break:  modeIs(func(getenv func(string) string) bool { return !strings.Contains(getenv(reference.EnvDev), "://") }),
		},
	}
}

// modeIs selects cloud mode unless a condition holds.
func modeIs(holds func(getenv func(string) string) bool) func(*reference.Endpoint) {
	return resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
		return mode.Dev && holds(getenv)
	})
}

// resolving replaces the function that selects dev mode.
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

// hostDecides is a mutant that does not verify requests whose Host begins in a way.
func hostDecides(name, kills, beginning string) Mutant {
	return devWhen(name, kills, "a request with a Host that begins with "+beginning+" is not verified", func(r *http.Request, _ string) bool {
		return strings.HasPrefix(r.Host, beginning)
	})
}
