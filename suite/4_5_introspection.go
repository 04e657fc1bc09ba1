package suite

import (
	"slices"
	"time"
)

// introspection is SPEC 4.5: what the response to a GET contains, signed or not.
func introspection() []Case {
	return []Case{
		{
			ID: "introspection.unsigned", Clause: cite("4.5", 1), Source: "KEYS 1", Level: Must, Risk: Disclosure, Tier: Smoke, Ambiguity: "R2",
			Title: "an unsigned introspection discloses no privileged field",
			When:  Introspect{Unsigned: true}, Then: disclosesNothing(),
		},
		{
			ID: "introspection.wrong-key", Clause: cite("4.5", 1), Source: "KEYS 1", Level: Must, Risk: Disclosure, Ambiguity: "R2",
			Title: "an introspection signed with an unknown key discloses no privileged field",
			When:  Introspect{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "introspection.empty-key", Clause: cite("4.5", 1), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an introspection signed with an empty key discloses no privileged field",
			When:  Introspect{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "introspection.expired", Clause: cite("4.5", 0), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "an introspection signed more than five minutes ago discloses no privileged field",
			When:  Introspect{Age: tooOld}, Then: refused(),
		},
		{
			ID: "introspection.future", Clause: cite("4.5", 0), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R5",
			Title: "an introspection with a timestamp more than five minutes in the future discloses no privileged field",
			When:  Introspect{Age: -tooOld}, Then: refused(),
		},
		{
			ID: "introspection.one-off", Clause: cite("4.5", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an introspection whose MAC differs in its last digit discloses no privileged field",
			When:  Introspect{Header: "t={t}&s={s:flip}"}, Then: refused(),
		},
		{
			ID: "introspection.redated", Clause: cite("4.5", 0), Source: "KEYS 3", Level: Must, Risk: Replay,
			Title: "an introspection whose t was modified after signing discloses no privileged field",
			When:  Introspect{Redate: -30 * time.Second}, Then: refused(),
		},
		{
			ID: "introspection.server-kind", Clause: cite("4.1.1", 4), Source: "KEYS 7", Level: Must, Risk: Disclosure,
			Title: "an unsigned introspection with X-Inngest-Server-Kind: dev discloses no privileged field",
			When:  Introspect{Unsigned: true, Headers: "X-Inngest-Server-Kind: dev"}, Then: refused(),
		},
		{
			ID: "introspection.fallback-stranger", Clause: cite("4.5", 1), Source: "KEYS 5", Level: Must, Risk: Disclosure,
			Title: "with both keys set, an introspection signed with an unknown key discloses no privileged field",
			Given: Setup{Fallback: Present}, When: Introspect{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "introspection.answered", Clause: cite("4.5", 0), Source: "KEYS 1", Level: Must, Risk: Lockout,
			Title: "a signed introspection succeeds",
			When:  Introspect{}, Then: accepted(),
		},
		{
			ID: "introspection.signed", Clause: cite("4.5", 2), Source: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "a signed introspection returns the full response, with authentication_succeeded true",
			When:  Introspect{}, Then: authenticated(),
		},
		{
			ID: "introspection.keys", Clause: cite("4.5", 3), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "the response to a signed introspection contains no signing key",
			Given: Setup{Fallback: Present}, When: Introspect{}, Then: holdsNoSecret(),
		},
		{
			ID: "introspection.query", Clause: cite("4.5", 2), Source: "KEYS 2", Level: Must, Risk: Disclosure, By: Observer, // no MAC covers the query
			Title: "the response to a signed introspection contains no signing key, whatever its query asks for",
			When:  Introspect{Query: "debug=1&verbose=true&env=1&config=1&show=all"}, Then: showsNoKey(),
		},
		{
			ID: "introspection.key-hash", Clause: cite("4.5", 3), Source: "KEYS 2", Level: May, Risk: Disclosure, Ambiguity: "R13",
			Title: "whether the key hash in a signed introspection is the API bearer token's (observed)",
			When:  Introspect{}, Then: reported(keyHashes),
		},
		{
			ID: "introspection.has-key", Clause: cite("4.5", 2), Source: "KEYS 4", Level: Must, Risk: Interoperability,
			Rests: []string{"introspection.signed"},
			Title: "a signed introspection says that a signing key is set",
			When:  Introspect{}, Then: hasField("has_signing_key", true),
		},
		{
			ID: "introspection.has-fallback", Clause: cite("4.5", 2), Source: "KEYS 5", Level: Should, Risk: Interoperability,
			Rests: []string{"introspection.signed", "keys.fallback-accepted"},
			Title: "a signed introspection says that a fallback key is set",
			Given: Setup{Fallback: Present}, When: Introspect{}, Then: hasField("has_signing_key_fallback", true),
		},
	}
}

// holdsNoSecret expects a success without signing keys and other secrets.
func holdsNoSecret() Expectation {
	return Expectation{
		Requirement: "the response succeeds and contains no signing key",
		Checks:      slices.Concat(check("succeed", Observation.Succeeded), revealsNoKey),
	}
}

// showsNoKey expects that a response of any status contains no signing key; what is
// derived from one may be there.
func showsNoKey() Expectation {
	return Expectation{
		Requirement: "the response contains no signing key",
		Checks:      slices.Concat(check("respond", Observation.Concluded), revealsNoKey),
	}
}

var revealsNoKey = harm("reveal no signing key", func(o Observation) bool { return !o.HoldsSecret() })
