package zoo

import (
	"net/http"

	"github.com/countersign-dev/countersign/reference"
)

// Variables by which a target's app passes configuration to the constructor.
const (
	codeKey      = "COUNTERSIGN_CODE_SIGNING_KEY"
	codeFallback = "COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK"
	codeDev      = "COUNTERSIGN_CODE_DEV"
)

// inCode are the mutants that treat configuration in code differently from the
// environment.
func inCode() []Mutant {
	has := func(name string) func(c *reference.Context) bool {
		return func(c *reference.Context) bool { return c.Getenv(name) != "" }
	}
	bearerless := func(method string) func(*reference.Endpoint) {
		return onTheWay(func(in *reference.Context, r *http.Request) {
			if in.Request.Method == method && has(codeKey)(in) {
				r.Header.Set("Authorization", "Bearer ")
			}
		})
	}
	return []Mutant{
		{
			Name: "code-key-ignored", Part: KeyForms, Kills: "code.key",
			Defect: "a key passed in code is not used for verification",
			Break:  lockOut(func(c *reference.Context, _ reference.MatchedKey) bool { return has(codeKey)(c) }),
		},
		{
			Name: "code-key-unsigned", Part: KeyForms, Kills: "code.unsigned",
			Defect: "with a key in code but none in the environment, an unsigned call is accepted",
			Break: forgiveWhich(reference.ErrUnsigned, func(c *reference.Context) bool {
				return has(codeKey)(c) && isCall(c.Request)
			}),
		},
		{
			Name: "code-key-uncompared", Part: KeyForms, Kills: "code.stranger",
			Defect: "with a key in code, the MAC is not compared",
			Break:  forgiveWhich(reference.ErrMismatch, has(codeKey)),
		},
		{
			Name: "code-key-not-for-sync", Part: Outbound, Kills: "code.bearer",
			Defect: "syncs are sent only with the key from the environment",
			Break:  bearerless(http.MethodPut),
		},
		{
			Name: "code-key-not-for-reads", Part: Outbound, Kills: "code.use-api",
			Defect: "payloads are read only with the key from the environment, so the bearer token is empty",
			Break:  bearerless(http.MethodPost),
		},
		{
			Name: "code-fallback-ignored", Part: InFallback, Kills: "code.fallback",
			Defect: "a fallback key passed in code is not used for verification",
			Break: lockOut(func(c *reference.Context, w reference.MatchedKey) bool {
				return w == reference.Fallback && has(codeFallback)(c)
			}),
		},
		{
			Name: "code-fallback-not-outbound", Part: OutFallback, Kills: "code.fallback-after-refusal",
			Defect: "a fallback key passed in code is not sent to the API",
			Break: client(func(in *reference.Context, c *reference.Client) {
				if has(codeFallback)(in) {
					c.Attempts = firstOnly
				}
			}),
		},
		{
			Name: "code-dev-ignored", Part: ModesPart, Kills: "code.dev",
			Defect: "dev mode selected in code is ignored",
			Break:  modeIs(func(getenv func(string) string) bool { return getenv(codeDev) != "1" }),
		},
		{
			Name: "code-cloud-ignored", Part: ModesPart, Kills: "code.cloud",
			Defect: "cloud mode selected in code is taken as dev mode",
			Break: resolving(func(mode reference.Mode, _ *http.Request, getenv func(string) string) bool {
				return mode.Dev || getenv(codeDev) == "0" && getenv("COUNTERSIGN_STAGE") != "production"
			}),
		},
	}
}
