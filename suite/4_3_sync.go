package suite

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const servedAt = "https://app.countersign.example"

// syncing is SPEC 4.3: out-of-band syncs.
func syncing() []Case {
	fixed := Setup{ServeOrigin: servedAt}
	// elsewhere is the address of a listener that is not the configured API.
	const elsewhere = "{elsewhere}"
	forged := "attacker.countersign.example"
	forgedURL := url.QueryEscape("https://" + forged + "/api/inngest")
	return []Case{
		{
			ID: "sync.registers", Clause: cite("4.3.2", 1), Source: "KEYS 2", Level: Must, Risk: Interoperability, Tier: Smoke,
			Title: "a PUT causes the SDK to register its functions with the API",
			When:  Sync{}, Then: registers(),
		},
		{
			ID: "sync.deploy-id", Clause: cite("4.3.2", 2), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "the deployId of a sync is passed on with the register request",
			When:  Sync{}, Then: everyAPIRequest("has the deployId", func(a APIRequest) bool { return strings.Contains(a.Query, "deployId=01") }),
		},
		{
			ID: "sync.deploy-id-not-registered", Clause: cite("4.3.2", 2), Source: "KEYS 2", Level: Should, Risk: Interoperability, Ambiguity: "R30",
			Title: "the deployId of a sync is not part of the registered URL",
			When:  Sync{}, Then: registered("has no deployId", func(url string) bool { return !strings.Contains(url, "deployId") }),
		},
		{
			ID: "sync.server-kind", Clause: cite("4.3.2", 4), Source: "KEYS 7", Level: Should, Risk: Interoperability,
			Title: "X-Inngest-Server-Kind is forwarded as X-Inngest-Expected-Server-Kind",
			When:  Sync{}, Then: everyAPIRequest("has X-Inngest-Expected-Server-Kind", hasHeader("X-Inngest-Expected-Server-Kind", ServerKindCloud)),
		},
		{
			ID: "sync.unsigned", Clause: cite("4.3.1", 0), Source: "KEYS 1", Level: May, Risk: Disclosure, Ambiguity: "R11",
			Title: "whether an unsigned out-of-band sync is accepted (observed)",
			When:  Sync{Unsigned: true}, Then: reported(syncsOrNot),
		},
		{
			ID: "sync.unsigned-quiet", Clause: cite("4.3.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "the response to an unsigned sync contains no privileged fields",
			When:  Sync{Unsigned: true}, Then: disclosesNothing(),
		},
		{
			ID: "sync.answer", Clause: cite("4.3.1", 0), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Rests: []string{"sending.bearer"},
			Title: "the response to a successful sync carries the API's `modified`",
			When:  Sync{}, Then: hasField("modified", true),
		},
		{
			ID: "sync.forged-host", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Forgery, Ambiguity: "R11",
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, a forged Host does not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Host: forged}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.forged-forwarded-host", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Forgery, Ambiguity: "R11",
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, a forged X-Forwarded-Host does not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Headers: "X-Forwarded-Host: " + forged}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.serve-origin", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Lockout,
			Title: "INNGEST_SERVE_ORIGIN is the origin of the registered URL",
			Given: fixed, When: Sync{}, Then: and(registered("is at INNGEST_SERVE_ORIGIN", atOrigin(servedAt)), calledAt(servedAt)),
		},
		{
			ID: "sync.forged-forwarded-proto", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Forgery, Ambiguity: "R11",
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, a forged X-Forwarded-Proto does not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Headers: "X-Forwarded-Proto: http"}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.forged-body-url", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Forgery, Ambiguity: "R11",
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, a forged URL in the body of an out-of-band sync is not registered",
			Given: fixed, When: Sync{Unsigned: true, NamesURL: "https://" + forged + "/api/inngest"}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.forged-query", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Forgery, Ambiguity: "R11",
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, URLs and hosts in the query do not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Query: "url=" + forgedURL + "&origin=" + forgedURL + "&serve_origin=" + forgedURL + "&host=" + forged + "&serveHost=" + forged}, Then: registersOnly(servedAt),
		},
		{
			ID: "sync.forged-original-url", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Must, Risk: Forgery, Ambiguity: "R11",
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, header fields that name another URL or host do not change the registered URL",
			Given: fixed, When: Sync{Unsigned: true, Headers: "X-Original-Host: " + forged}, Then: registersOnly(servedAt),
			Also: []Stimulus{
				Sync{Unsigned: true, Headers: "X-Original-Url: https://" + forged + "/api/inngest"}, Sync{Unsigned: true, Headers: "X-Rewrite-Url: https://" + forged + "/api/inngest"},
				Sync{Unsigned: true, Headers: "Forwarded: host=" + forged + ";proto=http"}, Sync{Unsigned: true, Headers: "Origin: https://" + forged},
				Sync{Unsigned: true, Headers: "Referer: https://" + forged + "/"},
			},
		},
		{
			ID: "sync.forged-host-inferred", Clause: cite("4.3.1", 0), Source: "KEYS 2", Level: May, Risk: Forgery, Ambiguity: "R11",
			Title: "whether a forged Host is registered without INNGEST_SERVE_ORIGIN (observed)",
			When:  Sync{Unsigned: true, Host: forged}, Then: reported(registeredHost),
		},
		{
			ID: "sync.api-is-configured", Clause: cite("4.3.2", 1), Source: "KEYS 2", Level: Must, Risk: Disclosure, Ambiguity: "R11",
			Title: "a forged Host does not change which API is contacted",
			When:  Sync{Unsigned: true, Host: elsewhere}, Then: contactsOnlyAPI(),
		},
		{
			ID: "sync.without-kind", Clause: cite("4.3.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R25",
			Title: "whether a signed sync without a kind is out-of-band or in-band (observed)",
			When:  Sync{}, Then: reported(syncKindOf),
		},
		{
			ID: "sync.hyphenated-kind", Clause: cite("4.3.5", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R15",
			Title: "whether `X-Inngest-Sync-Kind: in-band` (hyphen) is treated as in-band (observed)",
			When:  Sync{Headers: "X-Inngest-Sync-Kind: in-band"}, Then: reported(syncKindOf),
		},
		{
			ID: "sync.wrong-key-quiet", Clause: cite("4.3.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "the response to a sync with an invalid signature contains no privileged fields",
			When:  Sync{Key: UnknownKey}, Then: disclosesNothing(),
		},
		{
			ID: "sync.server-kind-dev", Clause: cite("4.1.1", 4), Source: "KEYS 7", Level: Must, Risk: Disclosure, By: Observer,
			Rests: []string{"sending.bearer"},
			Title: "a sync with X-Inngest-Server-Kind: dev goes to the configured API with the hashed key, or is refused",
			When:  Sync{Headers: "X-Inngest-Server-Kind: dev"}, Then: refusedOr(contactsAPIWith(Primary)),
		},
		{
			ID: "sync.api-error", Clause: cite("4.3.3", 0), Source: "KEYS 2", Level: Should, Risk: Interoperability,
			Rests: []string{"sync.answer"},
			Title: "a sync that fails at the API is reported with an error status",
			When:  Sync{APIResponds: http.StatusInternalServerError}, Then: reportsError(),
		},
	}
}

// registers expects a registration, with any bearer token.
func registers() Expectation {
	return Expectation{
		Requirement: "the API receives a registration",
		Checks:      check("register its functions", func(o Observation) bool { return slices.ContainsFunc(o.APIRequests, APIRequest.Registers) }),
	}
}

// refusedOr also accepts a refusal, because the request contradicts the target's
// mode (R32).
func refusedOr(e Expectation) Expectation {
	return Expectation{
		Requirement: e.Requirement + ", or the request is refused",
		Checks: check("do so, or refuse", func(o Observation) bool {
			return o.ErrorStatus() && len(o.APIRequests) == 0 || Expectation{Checks: e.Checks}.Holds(o)
		}),
	}
}

// registeredHost describes which host an SDK registered.
func registeredHost(o Observation) string {
	for _, registered := range registeredURLs(o) {
		if at, err := url.Parse(registered); err == nil {
			if strings.HasPrefix(at.Host, "127.0.0.1") {
				return "registered its own address"
			}
			return "registered the host " + at.Host
		}
	}
	return "registered nothing: " + statusOf(o)
}

// contactsOnlyAPI expects that only the configured API is contacted, if any.
func contactsOnlyAPI() Expectation {
	return Expectation{
		Requirement: "only the configured API is contacted",
		Negative:    true,
		Silent:      true,
		Checks: slices.Concat(check("respond", Observation.Concluded), harm("contact no other origin", func(o Observation) bool {
			return all(o.APIRequests, func(a APIRequest) bool { return !a.Elsewhere })
		})),
	}
}

func atOrigin(origin string) func(string) bool {
	return func(url string) bool { return strings.HasPrefix(url, origin+"/") }
}

// registersOnly expects that only URLs at the origin are registered, if any (R11).
func registersOnly(origin string) Expectation {
	return Expectation{
		Requirement: "no URL is registered other than at " + origin,
		Negative:    true,
		Silent:      true,
		Checks: check("register nothing else", func(o Observation) bool {
			return o.Concluded() && all(registeredURLs(o), atOrigin(origin)) && all(callURLs(o), atOrigin(origin))
		}),
	}
}

// calledAt expects that the functions are registered at the origin, too.
func calledAt(origin string) Expectation {
	return Expectation{
		Requirement: "every function's registered URL is at " + origin,
		Checks:      check("register its functions there", func(o Observation) bool { return all(callURLs(o), atOrigin(origin)) }),
	}
}
