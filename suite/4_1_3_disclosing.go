package suite

// disclosing is SPEC 4.1.3: what responses must not contain (R19). Every refusal is
// searched for keys, their hashes and other secrets; these are further responses
// that tend to contain too much.
func disclosing() []Case {
	return []Case{
		{
			ID: "disclosure.stack", Clause: cite("4.1.3", 0), Source: "KEYS 1", Level: Should, Risk: Disclosure, Ambiguity: "R19",
			Title: "the response to a refused call contains no stack trace and no file path",
			When:  Call{Unsigned: true}, Then: and(refused(), noStack()),
		},
		{
			ID: "disclosure.stack-of-header", Clause: cite("4.1.3", 0), Source: "KEYS 1", Level: Should, Risk: Disclosure, Ambiguity: "R19",
			Title: "the response to a call with a malformed signature header contains no stack trace and no file path",
			When:  Call{Header: "signed by me"}, Then: and(refused(), noStack()),
		},
		{
			ID: "disclosure.stack-of-introspection", Clause: cite("4.5", 1), Source: "KEYS 1", Level: Should, Risk: Disclosure, Ambiguity: "R19",
			Title: "the response to an introspection signed with an unknown key contains no stack trace and no file path",
			When:  Introspect{Key: UnknownKey}, Then: and(refused(), noStack()),
		},
		{
			ID: "disclosure.unknown-function", Clause: cite("4.4.1", 1), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "error responses to valid calls contain no key and no environment secret",
			When:  Call{Function: NobodyID}, Then: and(respondsWithError(), withoutSecret()),
		},
		{
			ID: "disclosure.failed-sync", Clause: cite("4.3.3", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "the response to a sync that fails at the API contains no key and no hash of one",
			Given: Setup{Fallback: Present}, When: Sync{APIResponds: 503}, Then: and(sendsNoKey(), responseWithoutKeys()),
		},
		{
			ID: "disclosure.result", Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "the response to a valid call contains no key and no environment secret",
			When:  Call{}, Then: and(accepted(), withoutSecret()),
		},
	}
}

func noStack() Expectation {
	return Expectation{
		Requirement: "the response contains no stack trace and no file path",
		Checks:      check("show no stack trace", func(o Observation) bool { return !o.ShowsTrace() }),
	}
}

func withoutSecret() Expectation {
	return Expectation{
		Requirement: "the response contains no signing key and no environment secret",
		Checks:      harm("reveal no secret", func(o Observation) bool { return !o.HoldsSecret() }),
	}
}
