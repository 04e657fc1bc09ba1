package suite

import (
	"net/http"
	"slices"

	"github.com/countersign-dev/countersign/reference"
)

// connecting is SPEC 8.5 and 8.6: how a worker authenticates itself to the API, and
// what it sends to the gateway.
func connecting() []Case {
	worker, rotating := Setup{Worker: true}, Setup{Worker: true, Fallback: Present}
	cases := []Case{
		{
			ID: "connect.starts", Clause: cite("8.5.1", 0), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "a worker asks the API for a gateway",
			Given: worker, When: Work{}, Then: asksForGateway(),
		},
		{
			ID: "connect.bearer", Clause: cite("8.5.1", 0), Source: "KEYS 2", Level: Must, Risk: Lockout,
			Rests: []string{"connect.never-the-key"},
			Title: "the start of a connection is sent with the hashed key as bearer token",
			Given: worker, When: Work{}, Then: startsByPrimaryOnly(),
		},
		{
			ID: "connect.never-the-key", Clause: cite("8.5.1", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "the start of a connection never contains the key itself",
			Given: rotating, When: Work{}, Then: startsWithoutKey(),
		},
		{
			ID: "connect.sdk-header", Clause: cite("4.1.4", 1), Source: "KEYS 2", Level: Should, Risk: Interoperability,
			Title: "the start of a connection carries the SDK's name and version",
			Given: worker, When: Work{}, Then: everyAPIRequest("has X-Inngest-Sdk as name:vN.N.N", func(a APIRequest) bool {
				return sdkForm.MatchString(a.Header.Get(reference.HeaderSDK))
			}),
		},
		{
			ID: "connect.redirect", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure, Tier: Deep,
			Title: "when the API redirects the start of a connection to another origin, the bearer token is not sent there",
			Given: worker, When: Work{APIConduct: Redirects}, Then: keepsBearerFromOthers(),
		},
		{
			ID: "connect.environment", Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Interoperability, Tier: Deep,
			Rests: []string{"connect.bearer"},
			Title: "INNGEST_ENV is sent as X-Inngest-Env on the start of a connection, with the hash of the branch key",
			Given: Setup{Worker: true, Key: Branch, Env: "preview-42"}, When: Work{},
			Then: and(startsByPrimaryOnly(), everyAPIRequest("has X-Inngest-Env", hasHeader("X-Inngest-Env", "preview-42"))),
		},
		{
			ID: "connect.fallback", Clause: cite("8.5.1", 1), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Rests: []string{"connect.connects"},
			Title: "a start that the API rejects is sent again with the fallback key, and the worker connects",
			Given: rotating, When: Work{APIRefuses: Primary, Patience: LongPatience}, Then: and(switches(), accepted()),
		},
		{
			ID: "connect.one-way", Clause: cite("8.6", 0), Source: "KEYS 10", Level: Must, Risk: Lockout, Tier: Deep,
			Rests: []string{ownsWorkerSwitch},
			Title: "a worker that connects again keeps the fallback key, if the API rejected the primary one",
			Given: rotating, When: Work{APIRefuses: Primary, APIConduct: SendsAway, Patience: LongPatience}, Then: and(switches(), startsAgain()),
		},
		{
			ID: "connect.no-second-key", Clause: cite("8.5.1", 1), Source: "KEYS 10", Level: Must, Risk: Interoperability,
			Title: "without a fallback key, no start is sent without the bearer token after the API rejected it",
			Given: worker, When: Work{APIRefuses: Primary}, Then: startsByPrimaryOnly(),
		},
		{
			ID: "connect.both-refused", Clause: cite("8.5.1", 1), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Rests: []string{"connect.never-the-key"},
			Title: "if the API rejects both keys, the error that the app gets contains neither, nor does a request",
			Given: rotating, When: Work{APIRefuses: Both}, Then: and(startsWithoutKey(), responseWithoutKeys()),
		},
		{
			ID: "connect.gives-up", Clause: cite("8.5.1", 1), Source: "KEYS 10", Level: Should, Risk: Lockout, Tier: Deep,
			Title: "if the API rejects both keys, the worker fails instead of trying forever",
			Given: rotating, When: Work{APIRefuses: Both}, Then: fails(),
		},
		{
			ID: "connect.forbidden", Clause: cite("8.5.1", 1), Source: "KEYS 10", Level: May, Risk: Lockout, Tier: Deep, Ambiguity: "R16",
			Rests: []string{"connect.connects"},
			Title: "whether a start that the API rejects with 403 is sent again with the fallback key (observed)",
			Given: rotating, When: Work{APIRefuses: Primary, APIStatus: http.StatusForbidden}, Then: reported(switchesOrNot),
		},
		{
			ID: "connect.no-switch-on-500", Clause: cite("8.5.1", 2), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Title: "an API error with 500 does not trigger the fallback key at the start of a connection",
			Given: rotating, When: Work{APIResponds: http.StatusInternalServerError}, Then: startsByPrimaryOnly(),
		},
		{
			ID: "connect.no-switch-on-429", Clause: cite("8.5.1", 2), Source: "KEYS 10", Level: Must, Risk: Lockout, Tier: Deep,
			Title: "an API error with 429 does not trigger the fallback key at the start of a connection",
			Given: rotating, When: Work{APIResponds: http.StatusTooManyRequests}, Then: startsByPrimaryOnly(),
		},
		{
			ID: "connect.absent", Clause: cite("8.5.1", 0), Source: "KEYS 4", Level: Must, Risk: Interoperability,
			Title: "without a signing key, no start is sent in cloud mode, and the app gets an error",
			Given: Setup{Worker: true, Key: Absent}, When: Work{}, Then: startsNothing(),
		},
		{
			ID: "connect.prefix-only", Clause: cite("8.5.1", 0), Source: "KEYS 4", Level: Must, Risk: Interoperability, Tier: Deep,
			Title: "with a signing key that is only a prefix (`signkey-prod-`), no start is sent, and the app gets an error",
			Given: Setup{Worker: true, Key: PrefixOnly}, When: Work{}, Then: startsNothing(),
		},
		{
			ID: "connect.prefix-only-fallback", Clause: cite("8.5.1", 1), Source: "KEYS 5", Level: Must, Risk: Interoperability, Tier: Deep,
			Rests: []string{"connect.no-second-key"},
			Title: "a fallback key that is only a prefix (`signkey-prod-`) is not used after the API rejected the primary key",
			Given: Setup{Worker: true, Fallback: PrefixOnly}, When: Work{APIRefuses: Primary}, Then: startsByPrimaryOnly(),
		},
		{
			ID: "connect.dev", Clause: cite("4.2.2", 1), Source: "KEYS 6", Level: Must, Risk: Interoperability, Tier: Deep,
			Rests: []string{"connect.connects"},
			Title: "in development mode without a signing key, a worker connects, without a bearer token",
			Given: Setup{Worker: true, Key: Absent, Mode: DevHere}, When: Work{},
			Then: and(accepted(), everyAPIRequest("has no bearer token", func(a APIRequest) bool { return a.Header.Get("Authorization") == "" })),
		},
		{
			ID: "connect.connects", Clause: cite("8.5.2", 0), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Rests: []string{"connect.bearer"},
			Title: "a worker connects to the gateway that the API names, and is ready when that is",
			Given: worker, When: Work{}, Then: and(joinsGateway(), accepted()),
		},
		{
			ID: "connect.tokens", Clause: cite("8.5.2", 1), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Rests: []string{"connect.connects"},
			Title: "a worker introduces itself to the gateway with the tokens that the API gave it, unchanged",
			Given: worker, When: Work{}, Then: introducesItself(),
		},
		{
			ID: "connect.gateway-never-the-key", Clause: cite("8.5.2", 1), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Rests: []string{"connect.connects"},
			Title: "nothing that a worker sends to the gateway contains a signing key",
			Given: rotating, When: Work{}, Then: sendsGateway("no signing key", APIRequest.HoldsNoKey),
		},
		{
			ID: "connect.gateway-no-hash", Clause: cite("8.5.2", 1), Source: "KEYS 2", Level: Should, Risk: Disclosure,
			Rests: []string{"connect.gateway-never-the-key"},
			Title: "nothing that a worker sends to the gateway contains the hash of a key, in place of which it has tokens",
			Given: rotating, When: Work{}, Then: sendsGateway("no hash of a signing key", APIRequest.HoldsNoHash),
		},
	}
	for i := range cases {
		cases[i] = needing(Connect, cases[i])
	}
	return cases
}

func starts(o Observation) []APIRequest {
	return slices.DeleteFunc(slices.Clone(o.APIRequests), func(a APIRequest) bool { return !a.Starts() })
}

func toGateway(o Observation) []APIRequest {
	return slices.DeleteFunc(slices.Clone(o.APIRequests), func(a APIRequest) bool { return !a.ToGateway() })
}

func asksForGateway() Expectation {
	return Expectation{Requirement: "the API receives the start of a connection", Checks: sendsStart()}
}

func sendsStart() []Check {
	return check("send the start of a connection to the API", func(o Observation) bool { return len(starts(o)) > 0 })
}

func joinsGateway() Expectation {
	return Expectation{Requirement: "the gateway is connected to", Checks: connectsToGateway()}
}

func connectsToGateway() []Check {
	return check("connect to the gateway", func(o Observation) bool { return len(toGateway(o)) > 0 })
}

// startsWithoutKey expects starts of a connection, and that no request to the API
// contains a signing key. What goes to the gateway is left to other cases.
func startsWithoutKey() Expectation {
	return Expectation{
		Requirement: "the API receives the start of a connection, and no request contains a signing key",
		Checks: slices.Concat(sendsStart(), harm("send no signing key", func(o Observation) bool {
			return all(o.APIRequests, func(a APIRequest) bool { return a.ToGateway() || a.HoldsNoKey() })
		})),
	}
}

func startsByPrimaryOnly() Expectation {
	return everyAPIRequest("is sent with the primary key's bearer token", func(a APIRequest) bool { return a.by(Primary) })
}

// switches expects a start with the primary key's bearer token, and after it only ones
// with the fallback key's.
func switches() Expectation {
	return Expectation{
		Requirement: "a connection is started with the primary key's bearer token, and then only with the fallback key's",
		Checks: check("start with these bearer tokens", func(o Observation) bool {
			sent := starts(o)
			return len(sent) > 1 && sent[0].by(Primary) && all(sent[1:], func(a APIRequest) bool { return a.by(Fallback) })
		}),
	}
}

// startsAgain expects one more start than the refused one and that of the connection
// which the gateway closed.
func startsAgain() Expectation {
	return Expectation{
		Requirement: "another one is started after the gateway closed the first",
		Checks:      check("start another connection", func(o Observation) bool { return len(starts(o)) > 2 }),
	}
}

// startsNothing expects that the app gets an error, and the API no request that the
// specification defines. Events that an app sends by itself are none.
func startsNothing() Expectation {
	return Expectation{
		Requirement: "the worker fails, and nothing that the specification defines is sent to the API",
		Negative:    true,
		Checks: slices.Concat(
			check("fail with an error", func(o Observation) bool { return o.ErrorStatus() }),
			check("send nothing to the API", func(o Observation) bool { return len(apiRequests(o)) == 0 && len(toGateway(o)) == 0 }),
		),
	}
}

// fails expects that the worker failed, and is not still trying.
func fails() Expectation {
	return Expectation{
		Requirement: "the worker fails with an error, before the app gives up waiting",
		Checks: check("fail with an error", func(o Observation) bool {
			return o.ErrorStatus() && o.Object()["pending"] != true
		}),
	}
}

func introducesItself() Expectation {
	return Expectation{
		Requirement: "the gateway receives WORKER_CONNECT, with the connection id, the session token and the sync token of the start's response",
		Checks: check("return the tokens unchanged", func(o Observation) bool {
			return slices.ContainsFunc(o.APIRequests, func(a APIRequest) bool {
				said := objectOf(a.Body)
				return a.Method == WorkerConnect && said["session_token"] == SessionToken && said["sync_token"] == SyncToken && said["connection_id"] == ConnectionID
			})
		}),
	}
}

func sendsGateway(says string, holds func(APIRequest) bool) Expectation {
	return Expectation{
		Requirement: "the gateway is connected to, and is sent " + says,
		Checks: slices.Concat(connectsToGateway(), harm("send the gateway "+says, func(o Observation) bool {
			return all(toGateway(o), holds)
		})),
	}
}
