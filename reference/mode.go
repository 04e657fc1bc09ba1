package reference

import (
	"net/url"
	"strings"
)

// Environment variables that an SDK reads (SPEC 3.1, 3.2).
const (
	EnvSigningKey   = "INNGEST_SIGNING_KEY"
	EnvFallback     = "INNGEST_SIGNING_KEY_FALLBACK"
	EnvDev          = "INNGEST_DEV"
	EnvEnvironment  = "INNGEST_ENV"
	EnvEventKey     = "INNGEST_EVENT_KEY"
	EnvBaseURL      = "INNGEST_BASE_URL"
	EnvAPIBaseURL   = "INNGEST_API_BASE_URL"
	EnvEventBaseURL = "INNGEST_EVENT_API_BASE_URL"
	EnvServeOrigin  = "INNGEST_SERVE_ORIGIN"
	EnvServePath    = "INNGEST_SERVE_PATH"
)

const (
	cloudAPI    = "https://api.inngest.com"
	cloudEvents = "https://inn.gs"
	devServer   = "http://localhost:8288"
)

// branchVariables are what platforms call the branch that is deployed.
var branchVariables = []string{"BRANCH_NAME", "VERCEL_GIT_COMMIT_REF", "BRANCH", "CF_PAGES_BRANCH", "RENDER_GIT_BRANCH", "RAILWAY_GIT_BRANCH"}

// Environment is the environment that an SDK names in X-Inngest-Env: INNGEST_ENV, or
// else the branch that the platform names, or "" (SPEC 3.1, KEYS 12).
func Environment(getenv func(string) string) string {
	if name := getenv(EnvEnvironment); name != "" {
		return name
	}
	for _, variable := range branchVariables {
		if branch := getenv(variable); branch != "" {
			return branch
		}
	}
	return ""
}

// Mode says whether requests must be signed, and where Inngest's API is (SPEC 7).
type Mode struct {
	Dev       bool
	API       string // origin of the API, without a trailing slash
	EventsAPI string // origin of the event API, without a trailing slash
}

// ResolveMode derives the mode from the environment alone: no request can
// change it (SPEC 4.1.1, KEYS 7, KEYS 8). INNGEST_DEV unset, empty, `0` or
// `false` means cloud; an origin means dev with that server; anything else means
// dev with the default server. INNGEST_API_BASE_URL, INNGEST_EVENT_API_BASE_URL
// and INNGEST_BASE_URL change the origins only.
func ResolveMode(getenv func(string) string) Mode {
	mode := Mode{API: cloudAPI, EventsAPI: cloudEvents}
	switch dev := strings.TrimSpace(getenv(EnvDev)); {
	case dev == "" || dev == "0" || dev == "false":
	case isOrigin(dev):
		mode = Mode{Dev: true, API: dev, EventsAPI: dev}
	default:
		mode = Mode{Dev: true, API: devServer, EventsAPI: devServer}
	}
	mode.API = firstSet(getenv(EnvAPIBaseURL), getenv(EnvBaseURL), mode.API)
	mode.EventsAPI = firstSet(getenv(EnvEventBaseURL), getenv(EnvBaseURL), mode.EventsAPI)
	return mode
}

// String is "dev" or "cloud", as in the introspection response (SPEC 4.5).
func (m Mode) String() string {
	if m.Dev {
		return "dev"
	}
	return "cloud"
}

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func firstSet(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return strings.TrimRight(text, "/")
		}
	}
	return ""
}
