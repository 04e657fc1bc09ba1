package main

import (
	"net/http"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

var modeFlags = map[string]vectors.Flag{
	"Cloud":     {About: "nothing selects dev mode", Bug: "verification is off by default"},
	"Off":       {About: "INNGEST_DEV is false", Bug: "any value turns verification off, including `0` and `false`"},
	"Dev":       {About: "INNGEST_DEV is true", Bug: "unsigned requests of a dev server are refused"},
	"Origin":    {About: "INNGEST_DEV is the origin of a dev server", Bug: "the origin is ignored or does not select dev mode"},
	"OtherText": {About: "INNGEST_DEV has any other value, which is ambiguous"},
	"BaseURL":   {About: "a variable changes an origin", Bug: "the variable changes the mode, or is ignored"},
	"Unrelated": {About: "a variable that must not select the mode", Bug: "the mode is derived from something else"},
}

// mode generates mode.json.
func mode() (output, error) {
	l := newFileBuilder[vectors.Mode]("environments, the mode and origins that they select, and the verification policy of each kind of request", modeFlags)
	add := func(c vectors.Common, env map[string]string) {
		resolved := reference.ResolveMode(func(name string) string { return env[name] })
		v := vectors.Mode{Common: c, Env: env, API: resolved.API, Events: resolved.EventsAPI, Policy: policy(resolved)}
		v.Result, v.Reference = scored(c, resolved.String())
		l.add(v)
	}
	dev := func(text string) map[string]string { return map[string]string{reference.EnvDev: text} }
	key := keyring.Primary.Text()

	add(ambiguous("R20", about("mode.unset", "7", 0, should, forgery, "without INNGEST_DEV the mode is cloud", "Cloud")), map[string]string{})
	add(ambiguous("R20", about("mode.unset-with-key", "7", 0, should, forgery, "a key alone does not change the mode", "Cloud")), map[string]string{reference.EnvSigningKey: key})
	add(ambiguous("R20", about("mode.empty", "7", 0, should, forgery, "an empty INNGEST_DEV is cloud", "Off")), dev(""))
	add(ambiguous("R4", about("mode.zero", "7", 0, must, forgery, "`0` is cloud", "Off")), dev("0"))
	add(ambiguous("R4", about("mode.false", "7", 0, must, forgery, "`false` is cloud", "Off")), dev("false"))
	add(about("mode.one", "4.2.2", 1, must, interoperability, "`1` is dev", "Dev"), dev("1"))
	add(about("mode.true", "4.2.1", 1, must, interoperability, "`true` is dev", "Dev"), dev("true"))
	add(about("mode.one-with-key", "4.2.2", 1, must, interoperability, "`1` is dev even with a key", "Dev"),
		map[string]string{reference.EnvDev: "1", reference.EnvSigningKey: key})
	for _, o := range []struct{ name, text, comment string }{
		{"origin", "http://localhost:8288", "the default dev server"},
		{"origin-other-port", "http://127.0.0.1:9999", "another port"},
		{"origin-https", "https://dev.countersign.example", "over TLS"},
		{"origin-slash", "http://localhost:9999/", "a trailing slash is removed"},
		{"origin-ipv6", "http://[::1]:8288", "an IPv6 address"},
		{"origin-host-only", "http://inngest", "a host without a port"},
	} {
		add(about("mode."+o.name, "4.2.1", 1, must, interoperability, "an origin is dev with that server: "+o.comment, "Origin"), dev(o.text))
	}
	for _, o := range []struct{ name, text, comment string }{
		{"yes", "yes", "`yes`"}, {"no", "no", "`no`"}, {"on", "on", "`on`"}, {"off", "off", "`off`"}, {"two", "2", "`2`"},
		{"minus-one", "-1", "`-1`"}, {"zero-zero", "00", "`00`"}, {"capital-true", "TRUE", "`TRUE`"}, {"capital-false", "FALSE", "`FALSE`"},
		{"title-false", "False", "`False`"}, {"blank", " ", "a space"}, {"one-blank", "1 ", "`1` and a space"}, {"zero-newline", "0\n", "`0` and a newline"},
		{"null", "null", "`null`"}, {"undefined", "undefined", "`undefined`, as a script may write it"},
		{"host-without-scheme", "localhost:8288", "a host without a scheme"}, {"other-scheme", "ws://localhost:8288", "a scheme that is not HTTP"},
	} {
		add(ambiguous("R21", about("mode.text-"+o.name, "4.2.1", 1, may, forgery, o.comment, "OtherText")), dev(o.text))
	}
	origin := func(name, comment string, env map[string]string) {
		add(about("mode."+name, "4.2.3", 0, must, interoperability, comment, "BaseURL"), env)
	}
	origin("api-base", "another API origin: still cloud", map[string]string{reference.EnvAPIBaseURL: "https://api.countersign.example"})
	origin("api-base-slash", "a trailing slash is removed", map[string]string{reference.EnvAPIBaseURL: "https://api.countersign.example/"})
	origin("event-base", "another event API origin: still cloud", map[string]string{reference.EnvEventBaseURL: "https://events.countersign.example"})
	origin("api-base-local", "a local API: still cloud", map[string]string{reference.EnvAPIBaseURL: "http://localhost:8288"})
	origin("dev-api-base", "another API origin in dev mode", map[string]string{reference.EnvDev: "1", reference.EnvAPIBaseURL: "http://127.0.0.1:9000"})
	origin("zero-api-base", "`0` with a local API: cloud", map[string]string{reference.EnvDev: "0", reference.EnvAPIBaseURL: "http://localhost:8288"})
	add(about("mode.base", "4.2.3", 0, may, interoperability, "one variable for both origins; the specification names two", "BaseURL"),
		map[string]string{reference.EnvBaseURL: "https://inngest.countersign.example"})
	add(about("mode.base-and-api-base", "4.2.3", 0, may, interoperability, "the more specific variable has precedence", "BaseURL"),
		map[string]string{reference.EnvBaseURL: "https://inngest.countersign.example", reference.EnvAPIBaseURL: "https://api.countersign.example"})
	for _, u := range []struct{ id, name, value string }{
		{"env", reference.EnvEnvironment, "dev"}, {"node-env", "NODE_ENV", "development"}, {"debug", "DEBUG", "1"},
		{"event-key", reference.EnvEventKey, "local"}, {"serve-origin", reference.EnvServeOrigin, "http://localhost:3000"},
	} {
		c := about("mode.unrelated-"+u.id, "7", 0, should, forgery, "`"+u.name+"` does not select the mode", "Unrelated")
		add(ambiguous("R20", c), map[string]string{u.name: u.value})
	}
	return l.done()
}

// policy returns the verification policy of each kind of request in a mode.
func policy(mode reference.Mode) map[string]string {
	words := map[reference.VerificationPolicy]string{
		reference.Required: "required", reference.IfPresent: "if-present", reference.Advisory: "advisory", reference.Ignored: "ignored",
	}
	found := map[string]string{}
	for kind, method := range map[string]string{
		"call": http.MethodPost, "introspection": http.MethodGet, "out-of-band sync": http.MethodPut, "in-band sync": http.MethodPut,
		"other method": http.MethodDelete,
	} {
		request := &http.Request{Method: method, Header: http.Header{}}
		if kind == "in-band sync" {
			request.Header.Set(reference.HeaderSyncKind, "in_band")
		}
		found[kind] = words[reference.PolicyFor(request, mode)]
	}
	return found
}
