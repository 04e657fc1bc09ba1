package suite

import (
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/reference"
)

// sending is SPEC 4.1.4 and 4.4.2: authentication of requests to Inngest's API.
func sending() []Case {
	rotating := Setup{Fallback: Present}
	return []Case{
		{
			ID: "sending.bearer", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Lockout, Tier: Smoke,
			Rests: []string{"sending.never-the-key"},
			Title: "a sync sends one request to the API, with the hashed key as bearer token",
			When:  Sync{}, Then: contactsAPIWith(Primary),
		},
		{
			ID: "sending.bearer-prefix", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: May, Risk: Interoperability, Ambiguity: "R22",
			Title: "whether the bearer token keeps the key's prefix (observed)",
			When:  Sync{}, Then: reported(bearerForm),
		},
		{
			ID: "sending.never-the-key", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure, Tier: Smoke,
			Title: "requests to the API never contain the key itself",
			Given: rotating, When: Sync{}, Then: sendsNoKey(),
		},
		{
			ID: "sending.sdk-header", Clause: cite("4.1.4", 1), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "requests to the API carry the SDK's name and version",
			When:  Sync{}, Then: everyAPIRequest("has X-Inngest-Sdk as name:vN.N.N", func(a APIRequest) bool {
				return sdkForm.MatchString(a.Header.Get(reference.HeaderSDK))
			}),
		},
		{
			ID: "sending.redirect", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Rests: []string{"sending.bearer"},
			Title: "when the API redirects to another origin, the bearer token is not sent there",
			When:  Sync{APIConduct: Redirects}, Then: keepsBearerFromOthers(),
		},
		{
			ID: "sending.use-api-redirect", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "when a read of a run's payload is redirected to another origin, the bearer token is not sent there",
			When:  Call{UseAPI: true, APIConduct: Redirects}, Then: keepsBearerFromOthers(),
		},
		{
			ID: "sending.withheld", Clause: cite("3.1", 3), Source: "KEYS 10", Level: Must, Risk: Lockout, Tier: Deep,
			Rests: []string{"sending.bearer"},
			Title: "a timed-out, dropped API response does not trigger the fallback key",
			Given: rotating, When: Sync{APIConduct: Withholds},
			Then: everyAPIRequest("is sent with the primary key's bearer token", func(a APIRequest) bool { return a.by(Primary) }),
		},
		{
			ID: "sending.unreachable", Clause: cite("4.3.3", 0), Source: "KEYS 10", Level: Should, Risk: Disclosure, Tier: Deep,
			Title: "if the API cannot be reached, the response is an error and contains no key material",
			Given: Setup{Fallback: Present, Unreachable: true}, When: Sync{}, Then: reportsError(),
		},
		{
			ID: "sending.canary", Clause: cite("4.1.4", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "reads of a run's payload contain no other secret of the environment",
			When:  Call{UseAPI: true}, Then: sendsNoOtherSecret(),
		},
		{
			ID: "sending.use-api-never-the-key", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Rests: []string{"sending.never-the-key"},
			Title: "reads of a run's payload never contain the key itself",
			Given: rotating, When: Call{UseAPI: true}, Then: sendsNoKey(),
		},
		needing(Events, Case{
			ID: "sending.event", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "a request that sends events never contains the signing key",
			When:  Call{Function: SendID}, Then: eventsHoldNoKey(),
		}),
		needing(Events, Case{
			ID: "sending.event-bearer", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: May, Risk: Disclosure, Ambiguity: "R23",
			Title: "whether a request that sends events carries the hashed key as bearer token (observed)",
			When:  Call{Function: SendID}, Then: reported(eventBearer),
		}),
		needing(Events, Case{
			ID: "sending.event-environment", Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Interoperability,
			Rests: []string{"keys.branch-env"},
			Title: "INNGEST_ENV is sent as X-Inngest-Env when events are sent",
			Given: Setup{Key: Branch, Env: "preview-42"}, When: Call{Function: SendID}, Then: eventsHave("X-Inngest-Env", "preview-42"),
		}),
		{
			ID: "sending.use-api", Clause: cite("4.4.2", 0), Source: "KEYS 2", Level: Must, Risk: Lockout,
			Rests: []string{"sending.bearer"},
			Title: "with use_api, the payload is read from the API with the hashed key and the function runs",
			When:  Call{UseAPI: true}, Then: and(contactsAPIWith(Primary), accepted()),
		},
		{
			ID: "sending.use-api-both-reads", Clause: cite("4.4.2", 0), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "with use_api, both the events and the steps are read",
			When:  Call{UseAPI: true}, Then: readsBoth(),
		},
		{
			ID: "sending.use-api-sdk-header", Clause: cite("4.1.4", 1), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Rests: []string{"sending.sdk-header"},
			Title: "reads of a run's payload carry the SDK's name and version",
			When:  Call{UseAPI: true}, Then: everyAPIRequest("has X-Inngest-Sdk as name:vN.N.N", func(a APIRequest) bool {
				return sdkForm.MatchString(a.Header.Get(reference.HeaderSDK))
			}),
		},
		{
			ID: "sending.use-api-fallback", Clause: cite("4.4.2", 0), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Rests: []string{"keys.fallback-after-refusal"},
			Title: "a read that the API rejects is retried exactly once, with the fallback key",
			Given: rotating, When: Call{UseAPI: true, APIRefuses: Primary}, Then: and(contactsAPIWith(Primary, Fallback), accepted()),
		},
		{
			ID: "sending.use-api-fallback-forbidden", Clause: cite("4.4.2", 0), Source: "KEYS 10", Level: Should, Risk: Lockout, Ambiguity: "R16",
			Rests: []string{"sending.use-api-fallback"},
			Title: "a read that the API rejects with 403 is retried with the fallback key",
			Given: rotating, When: Call{UseAPI: true, APIRefuses: Primary, APIStatus: http.StatusForbidden}, Then: contactsAPIWith(Primary, Fallback),
		},
		{
			ID: "sending.use-api-both-refused", Clause: cite("4.4.2", 1), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Rests: []string{"sending.use-api-fallback"},
			Title: "if the API rejects both keys, the call fails and the response contains neither",
			Given: rotating, When: Call{UseAPI: true, APIRefuses: Both}, Then: and(sendsNoKey(), reportsError()),
		},
		{
			ID: "sending.use-api-error", Clause: cite("4.4.2", 1), Source: "KEYS 10", Level: Must, Risk: Interoperability,
			Title: "if the API fails, the call fails and the function does not run with a partial payload",
			Given: rotating, When: Call{UseAPI: true, APIResponds: http.StatusInternalServerError}, Then: and(sendsNoKey(), respondsWithError()),
		},
		{
			ID: "sending.use-api-no-switch", Clause: cite("3.1", 3), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Title: "an API error does not trigger the fallback key when a payload is read",
			Given: rotating, When: Call{UseAPI: true, APIResponds: http.StatusInternalServerError},
			Then: everyAPIRequest("is sent with the primary key's bearer token", func(a APIRequest) bool { return a.by(Primary) }),
		},
		{
			ID: "sending.use-api-unsigned", Clause: cite("4.4.2", 0), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call does not cause a read from the API",
			When:  Call{UseAPI: true, Unsigned: true}, Then: refused(),
		},
	}
}

// needing limits a case to targets with a capability.
func needing(capability Capability, c Case) Case {
	c.Needs = append(c.Needs, capability)
	return c
}

// keepsBearerFromOthers expects that no bearer token reaches an origin other than
// the API's.
func keepsBearerFromOthers() Expectation {
	return Expectation{
		Requirement: "no bearer token reaches an origin other than the API's",
		Checks: slices.Concat(contactsAPI(), harm("keep the bearer token from other origins", func(o Observation) bool {
			return all(o.APIRequests, func(a APIRequest) bool { return !a.Elsewhere || a.Bearer == "" && a.HoldsNoHash() })
		})),
	}
}

func events(o Observation) []APIRequest {
	return slices.DeleteFunc(slices.Clone(o.APIRequests), func(a APIRequest) bool { return !a.SendsEvents() })
}

func eventsHoldNoKey() Expectation {
	return Expectation{
		Requirement: "an event is sent, and contains no signing key",
		Checks: slices.Concat(
			check("send an event", func(o Observation) bool { return len(events(o)) > 0 }),
			harm("send no signing key", func(o Observation) bool { return all(events(o), APIRequest.HoldsNoKey) }),
		),
	}
}

func eventsHave(header, value string) Expectation {
	return Expectation{
		Requirement: "an event is sent, with " + header + ": " + value,
		Checks: check("send an event with "+header, func(o Observation) bool {
			return len(events(o)) > 0 && all(events(o), hasHeader(header, value))
		}),
	}
}

// sendsNoKey expects requests to the API, none of which contains a signing key, on
// any path and to any origin.
func sendsNoKey() Expectation {
	return Expectation{
		Requirement: "the API is contacted, and no request contains a signing key or another secret",
		Checks: slices.Concat(contactsAPI(), harm("send no signing key", func(o Observation) bool {
			return all(o.APIRequests, APIRequest.HoldsNoKey)
		})),
	}
}

// sendsNoOtherSecret expects requests to the API, none of which contains another
// secret of the environment. Signing keys are left to other cases.
func sendsNoOtherSecret() Expectation {
	return Expectation{
		Requirement: "the API is contacted, and no request contains another secret of the environment",
		Checks: slices.Concat(contactsAPI(), harm("send no other secret", func(o Observation) bool {
			return all(o.APIRequests, APIRequest.HoldsNoCanary)
		})),
	}
}

// contactsAPI checks that the API received a request that the specification
// defines.
func contactsAPI() []Check {
	return check("contact the API", func(o Observation) bool { return len(apiRequests(o)) > 0 })
}

func readsBoth() Expectation {
	return Expectation{
		Requirement: "the run's batch and its actions are read from the API",
		Checks: check("read both", func(o Observation) bool {
			return slices.ContainsFunc(o.APIRequests, APIRequest.ReadsEvents) && slices.ContainsFunc(o.APIRequests, APIRequest.ReadsSteps)
		}),
	}
}
