package suite

import "regexp"

// disclosing: what an answer tells besides what was asked (reading R19). That no
// answer holds a key, its hash or another secret is part of every refusal; these
// are the answers where more than a refusal tends to be told.
func disclosing() []Case {
	return []Case{
		{
			ID: "disclosure.stack", Clause: cite("4.1.3", 0), Source: "KEYS 1", Level: Should, Risk: Disclosure, Ambiguity: "R19",
			Title: "a refused call is told no stack trace and no path of a file",
			When:  Call{Unsigned: true}, Then: and(refused(), noStack()),
		},
		{
			ID: "disclosure.stack-of-header", Clause: cite("4.1.3", 0), Source: "KEYS 1", Level: Should, Risk: Disclosure, Ambiguity: "R19",
			Title: "a call with a header that is no signature is told no stack trace and no path of a file",
			When:  Call{Header: "signed by me"}, Then: and(refused(), noStack()),
		},
		{
			ID: "disclosure.stack-of-introspection", Clause: cite("4.5", 1), Source: "KEYS 1", Level: Should, Risk: Disclosure, Ambiguity: "R19",
			Title: "an introspection signed with another key is told no stack trace and no path of a file",
			When:  Introspect{Key: UnknownKey}, Then: and(refused(), noStack()),
		},
		{
			ID: "disclosure.unknown-function", Clause: cite("4.4.1", 1), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "not even an authentic caller is told a key or a secret of the environment when a call fails",
			When:  Call{Function: NobodyID}, Then: and(respondsWithError(), withoutSecret()),
		},
		{
			ID: "disclosure.failed-sync", Clause: cite("4.3.3", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "the answer to a sync that the API fails holds no key and no hash of one",
			Given: Setup{Fallback: Present}, When: Sync{APIAnswers: 503}, Then: and(asksWithoutSecret(), responseWithoutKeys()),
		},
		{
			ID: "disclosure.result", Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "the answer to a call that ran holds no key and no secret of the environment",
			When:  Call{}, Then: and(accepted(), withoutSecret()),
		},
	}
}

// trace matches the stack traces and file paths of common languages.
var trace = regexp.MustCompile(`\bat .+:\d+:\d+\)?|node_modules/|File \\?"[^"]+\\?", line \d+|\.go:\d+|\.(java|kt|py|rb|rs|php|cs|exs?):\d+`)

func noStack() Expectation {
	return Expectation{
		Requirement: "the answer shows no stack trace and no path of a file",
		Checks:      check("show no stack trace", func(o Observation) bool { return !trace.MatchString(o.responseText()) }),
	}
}

func withoutSecret() Expectation {
	return Expectation{
		Requirement: "the answer holds no signing key and no secret of the environment",
		Checks:      check("hold no secret", func(o Observation) bool { return !o.HoldsSecret() }),
	}
}
