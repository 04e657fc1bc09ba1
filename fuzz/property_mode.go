package fuzz

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// devTexts are values of INNGEST_DEV (KEYS 8, ambiguities R4, R20), except those
// that no clause mentions (R21).
var devTexts = []string{"", "0", "false", "1", "true", "http://127.0.0.1:9", "https://dev.example"}

// expectedMode is the mode that a text selects.
func expectedMode(text string) reference.Mode {
	switch text {
	case "", "0", "false":
		return reference.Mode{API: "https://api.inngest.com", EventsAPI: "https://inn.gs"}
	case "1", "true":
		return reference.Mode{Dev: true, API: "http://localhost:8288", EventsAPI: "http://localhost:8288"}
	}
	return reference.Mode{Dev: true, API: text, EventsAPI: text}
}

// withOrigins is a mode with the origins that an environment names: of two, the more
// specific one counts.
func withOrigins(m reference.Mode, env map[string]string) reference.Mode {
	for _, origin := range []string{env["INNGEST_BASE_URL"], env["INNGEST_API_BASE_URL"]} {
		if origin != "" {
			m.API = strings.TrimSuffix(origin, "/")
		}
	}
	for _, origin := range []string{env["INNGEST_BASE_URL"], env["INNGEST_EVENT_API_BASE_URL"]} {
		if origin != "" {
			m.EventsAPI = strings.TrimSuffix(origin, "/")
		}
	}
	return m
}

// TheEnvironmentAloneSelectsTheMode: INNGEST_DEV selects it, whatever the other
// variables are, of which some change the origins and no more; and no request
// does: whatever its headers, an unsigned call runs in development only.
func (s Scheme) TheEnvironmentAloneSelectsTheMode(t *rapid.T) {
	text := rapid.SampledFrom(devTexts).Draw(t, "INNGEST_DEV")
	env := map[string]string{devVariable: text}
	for _, name := range []string{keyVariable, fallbackVariable} {
		env[name] = rapid.OneOf(rapid.Just(""), KeyText()).Draw(t, name)
	}
	for _, name := range []string{"INNGEST_ENV", "INNGEST_EVENT_KEY", "NODE_ENV", "INNGEST_DEV_SERVER"} {
		env[name] = rapid.SampledFrom([]string{"", "dev", "development", "1"}).Draw(t, name)
	}
	getenv := func(name string) string { return env[name] }

	for _, name := range []string{"INNGEST_BASE_URL", "INNGEST_API_BASE_URL", "INNGEST_EVENT_API_BASE_URL"} {
		env[name] = rapid.SampledFrom([]string{"", "http://127.0.0.1:8", "https://other.example/"}).Draw(t, name)
	}
	want := withOrigins(expectedMode(text), env)
	if mode := s.ResolveMode(getenv); mode != want {
		t.Fatalf("INNGEST_DEV=%q selects %+v, want %+v", text, mode, want)
	}
	r := drawUnsigned(t)
	if ran := s.runs(r, getenv); ran != want.Dev {
		t.Fatalf("INNGEST_DEV=%q: ran is %v for an unsigned call with %v", text, ran, r.Header)
	}
}

// drawUnsigned draws a call without a signature and with headers, a host and a
// query from which a careless SDK might guess its mode.
func drawUnsigned(t *rapid.T) *http.Request {
	query := rapid.SampledFrom([]string{"", "&dev=1", "&INNGEST_DEV=1", "&mode=dev"}).Draw(t, "query")
	r := httptest.NewRequest(http.MethodPost, "/?fnId=app-echo&stepId=step"+query, strings.NewReader("{}"))
	r.Host = rapid.SampledFrom([]string{"app.example", "localhost:3000", "127.0.0.1", "host.docker.internal"}).Draw(t, "host")
	r.RemoteAddr = rapid.SampledFrom([]string{"192.0.2.1:1234", "127.0.0.1:1234"}).Draw(t, "from")
	for name, value := range rapid.MapOfN(rapid.SampledFrom(suspectHeaders), rapid.SampledFrom(suspectValues), 0, 4).Draw(t, "headers") {
		r.Header.Set(name, value)
	}
	return r
}

var (
	suspectHeaders = []string{
		"X-Inngest-Server-Kind", "X-Inngest-Expected-Server-Kind", envHeader, syncKindHeader, sdkHeader,
		"X-Inngest-Dev", "Inngest-Dev", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Origin", "Referer", "User-Agent", "Authorization", "Cookie",
	}
	suspectValues = []string{"dev", "cloud", "1", "true", "", "localhost:8288", "http://localhost:8288", "127.0.0.1", "inngest-dev", "in_band"}
)

// runs reports whether a request runs the function.
func (s Scheme) runs(r *http.Request, getenv func(string) string) (ran bool) {
	echo := func(context.Context, reference.Call) (any, error) { ran = true; return nil, nil }
	s.NewEndpoint("app", map[string]reference.Function{"echo": echo}, getenv).ServeHTTP(httptest.NewRecorder(), r)
	return ran
}
