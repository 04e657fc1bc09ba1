package suite

import "time"

const (
	tooOld = 5*time.Minute + Guard
	year   = 365 * 24 * time.Hour
)

// receiving is SPEC 4.1.3: verification of calls.
func receiving() []Case {
	return []Case{
		{
			ID: "receiving.signed", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Lockout, Tier: Smoke,
			Title: "a signed call is accepted and its function runs",
			When:  Call{}, Then: accepted(),
		},
		{
			ID: "receiving.unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Smoke, Ambiguity: "R1",
			Title: "a call without a signature is refused",
			When:  Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "receiving.wrong-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Smoke, Ambiguity: "R1",
			Title: "a call signed with an unknown key is refused",
			When:  Call{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "receiving.empty-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a call signed with an empty key is refused",
			When:  Call{Key: EmptyKey}, Then: refused(),
		},
		{
			ID: "receiving.expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Tier: Smoke, Ambiguity: "R6",
			Title: "a signature older than five minutes is refused",
			When:  Call{Age: tooOld}, Then: refused(),
		},
		{
			ID: "receiving.expired-an-hour", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "a signature an hour old is refused",
			When:  Call{Age: time.Hour}, Then: refused(),
		},
		{
			ID: "receiving.expired-a-year", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "a signature a year old is refused",
			When:  Call{Age: year}, Then: refused(),
		},
		{
			ID: "receiving.expired-epoch", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R6",
			Rests: []string{"receiving.expired"},
			Title: "a signature with t=0 is refused",
			When:  Call{Header: "t=0&s={s}"}, Then: refused(),
		},
		{
			ID: "receiving.expired-a-wrap", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6", Tier: Deep,
			Title: "a signature so old that its age in milliseconds does not fit into 32 bits is refused",
			When:  Call{Age: 1 << 32 * time.Millisecond}, Then: refused(),
		},
		{
			ID: "receiving.minute-old", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Lockout, Ambiguity: "R6",
			Title: "a signature a minute old is accepted",
			When:  Call{Age: time.Minute}, Then: accepted(),
		},
		{
			ID: "receiving.four-minutes-old", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Lockout, Ambiguity: "R6",
			Title: "a signature four minutes old is accepted",
			When:  Call{Age: 4 * time.Minute}, Then: accepted(),
		},
		{
			ID: "receiving.clock-skew", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Lockout, Ambiguity: "R5",
			Title: "a timestamp less than a minute in the future is accepted, to allow for clock skew",
			When:  Call{Age: -(time.Minute - Guard)}, Then: accepted(),
		},
		{
			ID: "receiving.ahead", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: May, Risk: Replay, Ambiguity: "R5",
			Title: "whether a timestamp three minutes in the future is accepted (observed)",
			When:  Call{Age: -3 * time.Minute}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "receiving.future", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R5",
			Title: "a timestamp more than five minutes in the future is refused",
			When:  Call{Age: -tooOld}, Then: refused(),
		},
		{
			ID: "receiving.future-a-day", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R5",
			Title: "a timestamp a day in the future is refused",
			When:  Call{Age: -24 * time.Hour}, Then: refused(),
		},
		{
			ID: "receiving.future-ten-years", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R5",
			Title: "a timestamp ten years in the future is refused",
			When:  Call{Age: -10 * year}, Then: refused(),
		},
		{
			ID: "receiving.tampered-at-start", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a body modified near its start after signing is refused",
			When:  Call{Tamper: AtStart}, Then: refused(),
		},
		{
			ID: "receiving.tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Smoke,
			Title: "a body modified after signing is refused",
			When:  Call{Tamper: InMiddle}, Then: refused(),
		},
		{
			ID: "receiving.bare-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call without the other header fields that Inngest sends is refused",
			When:  Call{Unsigned: true, Bare: true}, Then: refused(),
		},
		{
			ID: "receiving.stream-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call that accepts a stream of events is refused",
			When:  Call{Unsigned: true, Headers: "Accept: text/event-stream"}, Then: refused(),
		},
		{
			ID: "receiving.upgrade-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call that asks for a WebSocket is refused",
			When:  Call{Unsigned: true, Headers: "Upgrade: websocket"}, Then: refused(),
		},
		{
			ID: "receiving.test-environment-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call whose payload is of a test environment is refused",
			When:  Call{Unsigned: true, Members: `ctx.env="test"`}, Then: refused(),
		},
		{
			ID: "receiving.without-step-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call with an empty step id is refused",
			When:  Call{Unsigned: true, Step: "&"}, Then: refused(),
		},
		{
			ID: "receiving.whole-blocks", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a call signed with an unknown key is refused also if its size is a whole number of blocks",
			When:  Call{Key: UnknownKey, Size: 4 << 10}, Also: []Stimulus{Call{Key: UnknownKey, Size: 16 << 10}, Call{Key: UnknownKey, Size: 64 << 10}}, Then: refused(),
		},
		{
			ID: "receiving.key-of-request", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, By: Anyone,
			Title: "a call signed with a key that the request itself names is refused",
			When:  Call{Key: Text("test"), Headers: "X-Inngest-Signing-Key: test\nX-Signing-Key: test\nX-Api-Key: test\nX-Secret: test\nAuthorization: Bearer test"},
			Also:  []Stimulus{Call{Key: Text("test"), Query: "signingKey=test&key=test&secret=test"}},
			Then:  refused(),
		},
		{
			ID: "receiving.key-selected", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Rests: []string{"receiving.empty-key"},
			Title: "a call signed with an empty key is refused if the request names an environment or account that does not exist",
			When:  Call{Key: EmptyKey, Headers: "X-Inngest-Env: nobody"}, Then: refused(),
			Also: []Stimulus{Call{Key: EmptyKey, Headers: "Account-Id: 0"}, Call{Key: EmptyKey, Members: `ctx.env="nobody"`}},
		},
		{
			ID: "receiving.tampered-at-end", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a body modified near its end after signing is refused",
			When:  Call{Tamper: AtEnd}, Then: refused(),
		},
		{
			ID: "receiving.replaced", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a body replaced by another after signing is refused",
			When:  Call{Tamper: Replaced}, Then: refused(),
		},
		{
			ID: "receiving.redated", Clause: cite("4.1.3", 5), Source: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a t modified after signing is refused",
			When:  Call{Redate: -30 * time.Second}, Then: refused(),
		},
		{
			ID: "receiving.mac-of-nothing", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a MAC that covers the time alone is refused on a call",
			When:  Call{Over: NoMessage}, Then: refused(),
		},
		{
			ID: "receiving.mac-of-another-body", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "the MAC of another request's body is refused",
			When:  Call{Over: OtherBody}, Then: refused(),
		},
		{
			ID: "receiving.mac-of-half", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a MAC that covers only the first half of the body is refused",
			When:  Call{Over: FirstHalf}, Then: refused(),
		},
		{
			ID: "receiving.mac-without-time", Clause: cite("4.1.1", 2), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a MAC that does not cover the time is refused",
			When:  Call{Over: BodyOnly}, Then: refused(),
		},
		{
			ID: "receiving.mac-time-first", Clause: cite("4.1.1", 2), Source: "KEYS 3", Level: Should, Risk: Interoperability,
			Title: "a MAC that covers the timestamp before the body is refused",
			When:  Call{Over: TimeFirst}, Then: refused(),
		},
		{
			ID: "receiving.key-decoded", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Should, Risk: Interoperability,
			Title: "a MAC made with the hex-decoded key is refused: the HMAC key is the key's text",
			When:  Call{Over: DecodedAsKey}, Then: refused(),
		},
		{
			ID: "receiving.key-prefix-kept", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Should, Risk: Interoperability,
			Title: "a MAC made with the key including its prefix is refused: the prefix is not part of the HMAC key",
			When:  Call{Over: WholeKeyText}, Then: refused(),
		},
		{
			ID: "receiving.sha1", Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: Should, Risk: Forgery,
			Title: "an HMAC-SHA1 is refused",
			When:  Call{Hash: SHA1}, Then: refused(),
		},
		{
			ID: "receiving.sha512", Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: Should, Risk: Forgery,
			Title: "an HMAC-SHA512 is refused",
			When:  Call{Hash: SHA512}, Then: refused(),
		},
		{
			ID: "receiving.keyless-hash", Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unkeyed SHA-256 is refused",
			When:  Call{Hash: Plain}, Then: refused(),
		},
		{
			ID: "receiving.refusal-names-sdk", Clause: cite("4.1.2", 1), Source: "KEYS 1", Level: May, Risk: Disclosure, Ambiguity: "R19",
			Title: "whether the response to a refused call carries the SDK's name and version (observed)",
			When:  Call{Unsigned: true}, Then: reported(namesItself),
		},
	}
}
