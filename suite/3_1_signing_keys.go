package suite

import (
	"fmt"
	"net/http"
)

// signingKeys is SPEC 3.1: which keys verify and sign, and what happens when one
// is rejected.
func signingKeys() []Case {
	rotating := Setup{Fallback: Present}
	branch := Setup{Key: Branch, Env: "preview-42"}
	return []Case{
		{
			ID: "keys.fallback-accepted", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Lockout, Tier: Smoke,
			Title: "a call signed with the fallback key is accepted",
			Given: rotating, When: Call{Key: Fallback}, Then: accepted(),
		},
		{
			ID: "keys.primary-beside-fallback", Clause: cite("3.1", 2), Source: "KEYS 5", Level: Must, Risk: Lockout, Tier: Smoke,
			Title: "a call signed with the primary key is accepted while a fallback is set",
			Given: rotating, When: Call{}, Then: accepted(),
		},
		{
			ID: "keys.fallback-not-configured", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a key that is not configured as the fallback key is refused",
			When:  Call{Key: Fallback}, Then: refused(),
		},
		{
			ID: "keys.fallback-stranger", Clause: cite("4.1.3", 5), Source: "KEYS 5", Level: Must, Risk: Forgery,
			Title: "with both keys set, a call signed with an unknown key is refused",
			Given: rotating, When: Call{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "keys.fallback-empty-key", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Forgery,
			Title: "with both keys set, a call signed with an empty key is refused",
			Given: rotating, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.fallback-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "with both keys set, an unsigned call is refused",
			Given: rotating, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.fallback-expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "the replay window also applies to the fallback key",
			Given: rotating, When: Call{Key: Fallback, Age: tooOld}, Then: refused(),
		},
		{
			ID: "keys.fallback-future", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R5",
			Title: "a timestamp far in the future is also refused with the fallback key",
			Given: rotating, When: Call{Key: Fallback, Age: -tooOld}, Then: refused(),
		},
		{
			ID: "keys.fallback-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a body modified after it was signed with the fallback key is refused",
			Given: rotating, When: Call{Key: Fallback, Tamper: InMiddle}, Then: refused(),
		},
		{
			ID: "keys.fallback-mac-of-nothing", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Rests: []string{"receiving.mac-of-nothing"},
			Title: "a MAC that covers the time alone, made with the fallback key, is refused on a call",
			Given: rotating, When: Call{Key: Fallback, Over: NoMessage}, Then: refused(),
		},
		{
			ID: "keys.fallback-large", Clause: cite("3.1", 2), Source: "KEYS 5", Level: Must, Risk: Lockout,
			Rests: []string{"keys.fallback-accepted", "calls.long"},
			Title: "a large call signed with the fallback key is accepted",
			Given: rotating, When: Call{Key: Fallback, Size: 64<<10 + 1}, Then: accepted(),
		},
		{
			ID: "keys.primary-after-fallback", Clause: cite("3.1", 2), Source: "KEYS 5", Level: Must, Risk: Lockout, State: after(Call{Key: Fallback}),
			Rests: []string{"keys.fallback-accepted"},
			Title: "a call signed with the primary key is accepted after one signed with the fallback key",
			Given: rotating, When: Call{}, Then: accepted(),
		},
		{
			ID: "keys.primary-after-refusal", Clause: cite("3.1", 2), Source: "KEYS 5", Level: Must, Risk: Lockout, State: after(Sync{APIRefuses: Primary}),
			Rests: []string{"keys.fallback-completes-sync"},
			Title: "a call signed with the primary key is accepted after the API rejected that key",
			Given: rotating, When: Call{}, Then: accepted(),
		},
		{
			ID: "keys.fallback-introspection", Clause: cite("4.5", 2), Source: "KEYS 5", Level: Should, Risk: Lockout,
			Rests: []string{"introspection.signed"},
			Title: "an introspection signed with the fallback key receives the authenticated response",
			Given: rotating, When: Introspect{Key: Fallback}, Then: authenticated(),
		},
		{
			ID: "keys.fallback-after-refusal", Clause: cite("3.1", 3), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Rests: []string{"sending.bearer"},
			Title: "a request that the API rejects is retried exactly once, with the fallback key",
			Given: rotating, When: Sync{APIRefuses: Primary}, Then: contactsAPIWith(Primary, Fallback),
		},
		{
			ID: "keys.fallback-after-forbidden", Clause: cite("3.1", 3), Source: "KEYS 10", Level: Should, Risk: Lockout, Ambiguity: "R16",
			Rests: []string{"keys.fallback-after-refusal"},
			Title: "a request that the API rejects with 403 is retried with the fallback key",
			Given: rotating, When: Sync{APIRefuses: Primary, APIStatus: http.StatusForbidden}, Then: contactsAPIWith(Primary, Fallback),
		},
		{
			ID: "keys.fallback-completes-sync", Clause: cite("4.3.4", 0), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Rests: []string{"keys.fallback-after-refusal", "sync.answer"},
			Title: "a sync that succeeds with the fallback key is reported as a success",
			Given: rotating, When: Sync{APIRefuses: Primary}, Then: and(contactsAPIWith(Primary, Fallback), accepted()),
		},
		{
			ID: "keys.both-refused", Clause: cite("4.3.3", 0), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Title: "if the API rejects both keys, the response is an error and contains neither key",
			Given: rotating, When: Sync{APIRefuses: Both}, Then: and(contactsAPIWith(Primary, Fallback), reportsError()),
		},
		{
			ID: "keys.no-second-key", Clause: cite("4.3.3", 0), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Rests: []string{"sending.bearer"},
			Title: "without a fallback key, a rejected request is not retried",
			When:  Sync{APIRefuses: Primary}, Then: and(contactsAPIWith(Primary), responseWithoutKeys()),
		},
		noSwitch("keys.no-switch-on-400", http.StatusBadRequest),
		noSwitch("keys.no-switch-on-404", http.StatusNotFound),
		noSwitch("keys.no-switch-on-429", http.StatusTooManyRequests),
		noSwitch("keys.no-switch-on-500", http.StatusInternalServerError),
		noSwitch("keys.no-switch-on-503", http.StatusServiceUnavailable),
		{
			ID: "keys.absent", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "without a signing key, a signed call is refused",
			Given: Setup{Key: Absent}, When: Call{}, Then: refused(),
		},
		{
			ID: "keys.absent-unsigned", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "without a signing key, an unsigned call is refused",
			Given: Setup{Key: Absent}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.absent-empty-key", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "without a signing key, a call signed with an empty key is refused",
			Given: Setup{Key: Absent}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.absent-introspection", Clause: cite("4.5", 1), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "without a signing key, an introspection signed with an empty key discloses nothing",
			Given: Setup{Key: Absent}, When: Introspect{Key: EmptyKey}, Then: disclosesNothing(),
		},
		{
			ID: "keys.empty", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "an empty INNGEST_SIGNING_KEY is not a key: a call signed with an empty key is refused",
			Given: Setup{Key: Empty}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.blank", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "an INNGEST_SIGNING_KEY of only white space is not a key: a call signed with an empty key is refused",
			Given: Setup{Key: Blank}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.blank-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with an INNGEST_SIGNING_KEY of only white space, an unsigned call is refused",
			Given: Setup{Key: Blank}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.blank-literal", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "an INNGEST_SIGNING_KEY of three blanks is not a key: a call signed with three blanks is refused",
			Given: Setup{Key: Blank}, When: Call{Key: Text("   ")}, Then: refused(),
		},
		{
			ID: "keys.quoted-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a key in quotation marks, as some tools leave them in the environment, an unsigned call is refused",
			Given: Setup{Key: Quoted}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.quoted-empty-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a key in quotation marks, a call signed with an empty key is refused",
			Given: Setup{Key: Quoted}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.placeholder-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a placeholder (`***`) in place of the key, an unsigned call is refused",
			Given: Setup{Key: Placeholder}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.placeholder-empty-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a placeholder (`***`) in place of the key, a call signed with an empty key is refused",
			Given: Setup{Key: Placeholder}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.prefix-only", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "an INNGEST_SIGNING_KEY that is only a prefix (`signkey-prod-`) is not a key: a call signed with an empty key is refused",
			Given: Setup{Key: PrefixOnly}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.prefix-only-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "with a key that is only a prefix, an unsigned call is refused",
			Given: Setup{Key: PrefixOnly}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.only-fallback-empty-key", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Forgery, Ambiguity: "R17",
			Title: "with only a fallback key set, a call signed with an empty key is refused",
			Given: Setup{Key: Absent, Fallback: Present}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.only-fallback-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 5", Level: Must, Risk: Forgery,
			Title: "with only a fallback key set, an unsigned call is refused",
			Given: Setup{Key: Absent, Fallback: Present}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.only-fallback", Clause: cite("3.1", 3), Source: "KEYS 5", Level: May, Risk: Lockout, Ambiguity: "R17",
			Title: "whether a fallback key alone verifies a call (observed)",
			Given: Setup{Key: Absent, Fallback: Present}, When: Call{Key: Fallback}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "keys.bare", Clause: cite("3.1", 2), Source: "KEYS 4", Level: Should, Risk: Lockout, Tier: Deep, Ambiguity: "R24",
			Title: "a key without a prefix, as self-hosted servers use, verifies calls",
			Given: Setup{Key: Bare}, When: Call{}, Then: accepted(),
		},
		{
			ID: "keys.bare-bearer", Clause: cite("4.1.4", 2), Source: "KEYS 2", Level: Should, Risk: Lockout, Tier: Deep, Ambiguity: "R24",
			Rests: []string{"sending.bearer"},
			Title: "a key without a prefix is sent to the API as its hash",
			Given: Setup{Key: Bare}, When: Sync{}, Then: contactsAPIWith(Primary),
		},
		{
			ID: "keys.bare-stranger", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a key without a prefix, a call signed with an unknown key is refused",
			Given: Setup{Key: Bare}, When: Call{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "keys.branch", Clause: cite("3.1", 2), Source: "KEYS 12", Level: Must, Risk: Lockout,
			Title: "a branch environment's key verifies calls",
			Given: branch, When: Call{}, Then: accepted(),
		},
		{
			ID: "keys.branch-bearer", Clause: cite("4.1.4", 2), Source: "KEYS 12", Level: Must, Risk: Lockout,
			Rests: []string{"sending.bearer"},
			Title: "a branch environment's key is sent to the API as its hash",
			Given: branch, When: Sync{}, Then: contactsAPIWith(Primary),
		},
		{
			ID: "keys.branch-env", Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Interoperability,
			Rests: []string{"keys.branch-bearer"},
			Title: "INNGEST_ENV is sent as X-Inngest-Env on every request to the API",
			Given: branch, When: Sync{}, Then: everyAPIRequest("has X-Inngest-Env", hasHeader("X-Inngest-Env", branch.Env)),
		},
		{
			ID: "keys.branch-env-use-api", Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Interoperability,
			Rests: []string{"keys.branch-env"},
			Title: "INNGEST_ENV is sent as X-Inngest-Env when a run's payload is read",
			Given: branch, When: Call{UseAPI: true}, Then: everyAPIRequest("has X-Inngest-Env", hasHeader("X-Inngest-Env", branch.Env)),
		},
		{
			ID: "keys.branch-refusal", Clause: cite("4.1.3", 5), Source: "KEYS 12", Level: Must, Risk: Disclosure,
			Title: "a refusal does not name the branch environment",
			Given: branch, When: Call{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "keys.test", Clause: cite("3.1", 2), Source: "KEYS 4", Level: Must, Risk: Lockout, Tier: Deep,
			Title: "a test environment's key (`signkey-test-…`) verifies calls",
			Given: Setup{Key: TestKey}, When: Call{}, Then: accepted(),
		},
		{
			ID: "keys.test-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a test environment's key, an unsigned call is refused",
			Given: Setup{Key: TestKey}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.padded", Clause: cite("3.1", 2), Source: "KEYS 4", Level: Should, Risk: Lockout, Tier: Deep, Ambiguity: "R18",
			Title: "white space around a key in the environment does not cause valid calls to be refused",
			Given: Setup{Key: Padded}, When: Call{}, Then: orDoesNotStart(accepted()),
		},
		{
			ID: "keys.padded-stranger", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep, Ambiguity: "R18",
			Title: "with white space around the key, a call signed with an unknown key is refused",
			Given: Setup{Key: Padded}, When: Call{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "keys.padded-empty-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep, Ambiguity: "R18",
			Title: "with white space around the key, a call signed with an empty key is refused",
			Given: Setup{Key: Padded}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.two-words", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a malformed key (`signkey-prod-eu-…`), a call signed with an empty key is refused",
			Given: Setup{Key: TwoDashes}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.not-hex", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a key that is not hexadecimal, a call signed with an empty key is refused",
			Given: Setup{Key: NotHex}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.not-hex-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a key that is not hexadecimal, an unsigned call is refused",
			Given: Setup{Key: NotHex}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "keys.very-long", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a key of 4,096 digits, a call signed with its first 64 digits is refused",
			Given: Setup{Key: Long}, When: Call{}, Then: refused(),
		},
		{
			ID: "keys.malformed-beside-fallback", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Should, Risk: Lockout, Tier: Deep,
			Title: "a valid fallback key verifies calls even if the primary key is malformed",
			Given: Setup{Key: NotHex, Fallback: Present}, When: Call{Key: Fallback}, Then: accepted(),
		},
		{
			ID: "keys.malformed-beside-fallback-empty-key", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a malformed primary key and a fallback key, a call signed with an empty key is refused",
			Given: Setup{Key: NotHex, Fallback: Present}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.branch-stranger-introspection", Clause: cite("4.5", 1), Source: "KEYS 12", Level: Must, Risk: Disclosure,
			Title: "the response to an introspection signed with an unknown key does not name the branch environment",
			Given: branch, When: Introspect{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "keys.fallback-repeats-primary", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "with a fallback key equal to the primary key, a call signed with a different key is refused",
			Given: Setup{Fallback: Repeated}, When: Call{Key: Fallback}, Then: refused(),
		},
		{
			ID: "keys.fallback-empty", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Forgery,
			Title: "an empty INNGEST_SIGNING_KEY_FALLBACK is not a key: a call signed with an empty key is refused",
			Given: Setup{Fallback: Empty}, When: Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "keys.fallback-prefix-only", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Forgery,
			Title: "a fallback key that is only a prefix (`signkey-prod-`) is ignored: a call signed with an empty key is refused",
			Given: Setup{Fallback: PrefixOnly}, When: Call{Key: EmptyKey}, Then: refused(),
		},
	}
}

// orDoesNotStart also accepts a target that refuses to start with a key that it
// cannot use (R18).
func orDoesNotStart(e Expectation) Expectation {
	e.Requirement += ", or the target does not start"
	e.OKIfNotStarted = true
	return e
}

// noSwitch is a case in which the API responds with a status that does not mean
// that the key is wrong, so that the fallback key must not be used.
func noSwitch(id string, status int) Case {
	return Case{
		ID: id, Clause: cite("3.1", 3), Source: "KEYS 10", Level: Must, Risk: Lockout,
		Title: fmt.Sprintf("an API response of %d (%s) does not trigger the fallback key", status, http.StatusText(status)),
		Given: Setup{Fallback: Present}, When: Sync{APIResponds: status},
		Then: everyAPIRequest("is sent with the primary key's bearer token", func(a APIRequest) bool { return a.by(Primary) }),
	}
}

func hasHeader(name, value string) func(APIRequest) bool {
	return func(a APIRequest) bool { return a.Header.Get(name) == value }
}
