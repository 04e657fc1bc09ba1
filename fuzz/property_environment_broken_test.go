package fuzz_test

import (
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/fuzz"
	"github.com/countersign-dev/countersign/reference"
)

// bearing is the reference with another bearer.
func bearing(bearer func(reference.Key) string) fuzz.Scheme {
	s := fuzz.Reference()
	s.Bearer = bearer
	return s
}

// hashedAsText hashes the digits and not what they stand for.
func hashedAsText(k reference.Key) string {
	return must(reference.ParseKey(prefixOf(k) + hex.EncodeToString([]byte(k.Secret())))).Bearer()
}

// hashedTwice is the hash of the hash.
func hashedTwice(k reference.Key) string {
	return must(reference.ParseKey(k.Bearer())).Bearer()
}

func rawKey(k reference.Key) string { return k.Text() }

// halfHashed is half of the key followed by half of the hash.
func halfHashed(k reference.Key) string {
	hash := strings.TrimPrefix(k.Bearer(), prefixOf(k))
	return prefixOf(k) + strings.ToLower(k.Secret())[:32] + hash[32:]
}

func unprefixed(k reference.Key) string { return strings.TrimPrefix(k.Bearer(), "signkey-") }

func prefixOf(k reference.Key) string { return strings.TrimSuffix(k.Text(), k.Secret()) }

// resolving is the reference with another reading of the environment.
func resolving(resolve func(getenv func(string) string) reference.Mode) fuzz.Scheme {
	s := fuzz.Reference()
	s.ResolveMode = resolve
	return s
}

// present takes any text, also 0, for development.
func present(getenv func(string) string) reference.Mode {
	mode := reference.ResolveMode(getenv)
	mode.Dev = getenv(reference.EnvDev) != ""
	return mode
}

// inferred also uses another variable.
func inferred(getenv func(string) string) reference.Mode {
	mode := reference.ResolveMode(getenv)
	mode.Dev = mode.Dev || getenv(reference.EnvDev) == "" && getenv("NODE_ENV") == "development"
	return mode
}

// localOrigin takes an API in reach for a dev server.
func localOrigin(getenv func(string) string) reference.Mode {
	mode := reference.ResolveMode(getenv)
	mode.Dev = mode.Dev || strings.HasPrefix(getenv(reference.EnvAPIBaseURL), "http://127.")
	return mode
}

// slashed leaves an origin as it is.
func slashed(getenv func(string) string) reference.Mode {
	mode := reference.ResolveMode(getenv)
	if both := getenv(reference.EnvBaseURL); both != "" && getenv(reference.EnvEventBaseURL) == "" {
		mode.EventsAPI = both
	}
	return mode
}

// guessing is the reference with an endpoint that reads its mode off requests.
func guessing(dev func(*http.Request) bool) fuzz.Scheme {
	return serving(func(e *reference.Endpoint) {
		e.ResolveMode = func(r *http.Request, getenv func(string) string) reference.Mode {
			mode := reference.ResolveMode(getenv)
			mode.Dev = mode.Dev || dev(r)
			return mode
		}
	})
}
