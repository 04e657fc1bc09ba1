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
			Break: func(e *reference.Endpoint) {
				resolve := e.ResolveMode
				e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
					mode := resolve(r, getenv)
					mode.Dev = mode.Dev || getenv(reference.EnvDev) == "" && getenv("COUNTERSIGN_STAGE") != "production"
					return mode
				}
			},
		},
		{
			Name: "unstated-refuses", Part: ModesPart, Kills: "modes.unstated-signed",
			Defect: "without INNGEST_DEV there is no mode, and everything is refused",
			Break: lockOut(func(c *reference.Context, _ reference.Which) bool {
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
		devWhen("localhost-decides", "modes.local-host", "a request for localhost is trusted", func(r *http.Request, _ string) bool {
			return strings.HasPrefix(r.Host, "localhost")
		}),
		{
			Name: "dev-needs-a-key", Part: ModesPart, Kills: "dev.keyless",
			Defect: "development mode, too, refuses to run without a signing key",
			Break: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Answer {
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
				e.Run = func(c *reference.Context) reference.Answer {
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
			Break: func(e *reference.Endpoint) {
				resolve := e.ResolveMode
				e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
					mode := resolve(r, getenv)
					mode.Dev = mode.Dev && getenv(reference.EnvSigningKey) == ""
					return mode
				}
			},
		},
		{
			Name: "dev-refuses-the-right-key", Part: ModesPart, Kills: "dev.forced-signed",
			Defect: "in development mode a signed request is taken for one that got lost from the cloud",
			Break:  lockOut(func(c *reference.Context, _ reference.Which) bool { return c.Mode.Dev }),
		},
		{
			Name: "origin-is-cloud", Part: ModesPart, Kills: "dev.origin",
			Defect: "INNGEST_DEV is understood as 1 only, and an origin means cloud",
			Break: func(e *reference.Endpoint) {
				resolve := e.ResolveMode
				e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
					mode := resolve(r, getenv)
					mode.Dev = mode.Dev && !strings.Contains(getenv(reference.EnvDev), "://")
					return mode
				}
			},
		},
	}
}

func devWhen(name, kills, defect string, when func(r *http.Request, dev string) bool) Mutant {
	return Mutant{Name: name, Part: ModesPart, Kills: kills, Defect: defect, Break: func(e *reference.Endpoint) {
		resolve := e.ResolveMode
		e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
			mode := resolve(r, getenv)
			mode.Dev = mode.Dev || when(r, getenv(reference.EnvDev))
			return mode
		}
	}}
}
