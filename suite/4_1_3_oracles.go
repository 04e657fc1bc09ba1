package suite

import (
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/reference"
)

// oracles is SPEC 4.1.2 to 4.1.4: what nobody without a key may get an SDK to sign, to
// send or to write down.
func oracles() []Case {
	return []Case{
		unsignedFor("answering.no-signature-for-calls", "a call",
			Call{Unsigned: true}, Call{Key: UnknownKey}, Call{Function: NobodyID, Unsigned: true}),
		unsignedFor("answering.no-signature-for-introspections", "an introspection",
			Introspect{Unsigned: true}, Introspect{Key: UnknownKey}),
		unsignedFor("answering.no-signature-for-syncs", "a sync", Sync{Unsigned: true}, Sync{Key: UnknownKey}),
		needing(InBand, unsignedFor("answering.no-signature-for-in-band-syncs", "an in-band sync",
			InBandSync{Unsigned: true}, InBandSync{Key: UnknownKey})),
		unsignedFor("answering.no-signature-for-other-methods", "a request by another method",
			OtherMethod{Method: http.MethodOptions, Unsigned: true}, OtherMethod{Method: http.MethodHead, Unsigned: true},
			OtherMethod{Method: http.MethodDelete, Unsigned: true}, OtherMethod{Method: http.MethodPatch, Unsigned: true}),
		{
			ID: "disclosure.output", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Should, Risk: Disclosure,
			Title: "neither a signing key, nor its hash, nor another secret of the environment is in the process's own output",
			When:  Call{Key: UnknownKey}, Then: printsNoSecret(),
		},
		{
			ID: "sync.api-of-request", Clause: cite("4.3.2", 1), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "no header, parameter or member of an unsigned sync changes which API is contacted",
			When:  Sync{Unsigned: true, Headers: originHeaders[0]}, Also: syncsNaming(elsewhereHost), Then: contactsOnlyAPI(),
		},
		{
			ID: "sending.use-api-of-request", Clause: cite("4.4.2", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure, By: Observer,
			Title: "no header or parameter of a call, which its signature does not cover, changes which API its payload is read from",
			When:  Call{UseAPI: true, Headers: originHeaders[0]}, Also: readsNaming(), Then: always(contactsOnlyAPI()),
		},
		{
			ID: "sync.forged-environment", Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Forgery,
			Title: "an unsigned sync does not choose the environment in which functions are registered",
			When:  Sync{Unsigned: true, Headers: "X-Inngest-Env: " + forgedEnv},
			Also: []Stimulus{
				Sync{Unsigned: true, Headers: "X-Inngest-Branch: " + forgedEnv}, Sync{Unsigned: true, Headers: "X-Inngest-Environment: " + forgedEnv},
				Sync{Unsigned: true, Query: "env=" + forgedEnv + "&branch=" + forgedEnv + "&environment=" + forgedEnv + "&inngest_env=" + forgedEnv},
			},
			Then: namesNoEnvironment(forgedEnv),
		},
	}
}

const forgedEnv = "forged-by-a-request"

// elsewhereHost is the host of a listener that is not the configured API.
const elsewhereHost = "{elsewhere}"

// originHeaders are header fields from which an endpoint might take an origin.
var originHeaders = []string{
	"X-Forwarded-Host: {elsewhere}", "X-Original-Host: {elsewhere}", "X-Host: {elsewhere}", "X-Forwarded-Server: {elsewhere}",
	"Forwarded: host={elsewhere};proto=http", "Origin: http://{elsewhere}", "Referer: http://{elsewhere}/",
	"X-Original-Url: http://{elsewhere}/api/inngest", "X-Inngest-Api-Origin: http://{elsewhere}", "X-Inngest-Api-Base-Url: http://{elsewhere}",
	"X-Inngest-Base-Url: http://{elsewhere}", "X-Inngest-Origin: http://{elsewhere}", "X-Inngest-Server: http://{elsewhere}",
	"X-Inngest-Register-Url: http://{elsewhere}/fn/register", "X-Inngest-Dev: http://{elsewhere}", "X-Inngest-Server-Kind: http://{elsewhere}",
}

// originQuery names an origin by many names.
var originQuery = func() string {
	var parameters []string
	for _, name := range []string{
		"api", "apiOrigin", "api_origin", "apiUrl", "api_url", "baseUrl", "base_url", "origin", "host", "registerUrl", "register_url", "inngest_api", "inngest_base_url", "dev", "url",
	} {
		parameters = append(parameters, name+"=http://"+elsewhereHost)
	}
	return strings.Join(parameters, "&")
}()

// syncsNaming are unsigned syncs that name a host in further places.
func syncsNaming(host string) []Stimulus {
	all := []Stimulus{
		Sync{Unsigned: true, Query: originQuery},
		Sync{Unsigned: true, NamesURL: "http://" + host + "/api/inngest"},
		Sync{Unsigned: true, NamesURL: "http://" + host, Body: NamesAPI},
	}
	for _, field := range originHeaders[1:] {
		all = append(all, Sync{Unsigned: true, Headers: field})
	}
	return all
}

func readsNaming() []Stimulus {
	all := []Stimulus{Call{UseAPI: true, Query: originQuery}, Call{UseAPI: true, Host: elsewhereHost}}
	for _, field := range originHeaders[1:] {
		all = append(all, Call{UseAPI: true, Headers: field})
	}
	return all
}

// always is an expectation of requests that a target may accept or refuse.
func always(e Expectation) Expectation {
	e.Negative = false
	return e
}

// unsignedFor is a case in which the response to a request that is not
// authenticated is not signed: such a signature holds for a request, too.
func unsignedFor(id, request string, first Stimulus, others ...Stimulus) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure, By: Anyone,
		Rests: []string{"receiving.wrong-key"},
		Title: "the response to " + request + " that is not authenticated carries no signature by a configured key",
		When:  first, Also: others,
		Then: Expectation{
			Requirement: "the response carries no signature by a configured key",
			Negative:    true,
			Checks: slices.Concat(
				check("respond", Observation.Concluded),
				harm("sign no response", func(o Observation) bool { return o.SignedBy == "" }),
			),
		},
	}
}

// printsNoSecret expects that the target's output contains no secret. The requests
// of all cases in its set-up are reasons to print something.
func printsNoSecret() Expectation {
	return Expectation{
		Requirement: "the process's own output contains no signing key, no hash of one and no other secret",
		Output:      true,
		Checks: slices.Concat(
			check("respond", Observation.Concluded),
			harm("print no secret", func(o Observation) bool { return len(o.Printed) == 0 }),
		),
	}
}

// namesNoEnvironment expects that no request to the API names an environment.
func namesNoEnvironment(name string) Expectation {
	return Expectation{
		Requirement: "no request to the API carries the environment that the request names",
		Negative:    true,
		Silent:      true,
		Checks: slices.Concat(
			check("respond", Observation.Concluded),
			harm("pass no environment on", func(o Observation) bool {
				return all(o.APIRequests, func(a APIRequest) bool { return !strings.Contains(a.Header.Get(reference.HeaderEnv), name) })
			}),
		),
	}
}
