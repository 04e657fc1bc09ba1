package suite

import (
	"net/http"
	"strings"
)

// calls is SPEC 4.4: forms of calls, trust probes, and other methods.
func calls() []Case {
	return []Case{
		{
			ID: "calls.every-character", Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Must, Risk: Lockout,
			Title: "a canonical body with every kind of character and number is accepted",
			When:  Call{Body: Rich}, Then: accepted(),
		},
		{
			ID: "calls.every-character-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a canonical body with every kind of character and number, modified after signing, is refused",
			When:  Call{Body: Rich, Tamper: InMiddle}, Then: refused(),
		},
		{
			ID: "calls.spaced", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "whether a body with white space, signed in canonical form, is accepted (observed)",
			When:  Call{Body: Respaced}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "calls.spaced-raw", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "whether a body with white space, signed as raw bytes, is accepted (observed)",
			When:  Call{Body: Respaced, Over: RawBytes}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "calls.reordered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "whether a body with reordered members, signed in canonical form, is accepted (observed)",
			When:  Call{Body: Reordered}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "calls.escaped", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "whether a call with the server's sync encoding, signed in canonical form, is accepted (observed)",
			When:  Call{Body: ServerEncoded}, Then: reported(acceptedOrRefused),
		},
		openCanonicaliser("calls.duplicate-name-mac-of-nothing", WithDuplicateName),
		openCanonicaliser("calls.huge-number-mac-of-nothing", WithHugeNumber),
		openCanonicaliser("calls.lone-surrogate-mac-of-nothing", WithLoneSurrogate),
		openCanonicaliser("calls.invalid-utf8-mac-of-nothing", WithInvalidUTF8),
		openCanonicaliser("calls.deep-mac-of-nothing", WithDeepNesting),
		{
			ID: "calls.invalid-utf8", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Should, Risk: Lockout, Ambiguity: "R10",
			Title: "a call with invalid UTF-8 in a step's output, as the server sends it, signed as its raw bytes, is accepted",
			When:  Call{Body: WithInvalidUTF8, Over: RawBytes}, Then: accepted(),
		},
		{
			ID: "calls.deep", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Should, Risk: Lockout, Ambiguity: "R10",
			Rests: []string{"calls.nested"},
			Title: "a call with data nested two thousand deep, signed as its raw bytes, is accepted",
			When:  Call{Body: WithDeepNesting, Over: RawBytes}, Then: accepted(),
		},
		{
			ID: "calls.unknown-function", Clause: cite("4.4.1", 1), Source: "KEYS 1", Level: Must, Risk: Interoperability, Ambiguity: "R12",
			Title: "a signed call of an unknown function is reported with an error status",
			When:  Call{Function: NobodyID}, Then: respondsWithError(),
		},
		{
			ID: "calls.unknown-function-unsigned", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an unsigned call of an unknown function is refused",
			When:  Call{Function: NobodyID, Unsigned: true}, Then: refused(),
		},
		probing(Case{
			ID: "calls.probe", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "a signed trust probe succeeds and runs nothing, and its response contains no key",
			When:  Probe{}, Then: and(accepted(), neverRuns(), responseWithoutKeys()),
		}),
		probing(Case{
			ID: "calls.probe-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned trust probe is refused",
			When:  Probe{Unsigned: true}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-wrong-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a trust probe signed with an unknown key is refused",
			When:  Probe{Key: UnknownKey}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "a trust probe signed more than five minutes ago is refused",
			When:  Probe{Age: tooOld}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a trust probe whose body was modified after signing is refused",
			When:  Probe{Tamper: InMiddle}, Then: refused(),
		}),
		{
			ID: "calls.chunked", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call with a chunked body and no Content-Length is accepted",
			When:  Call{Chunked: true}, Then: accepted(),
		},
		{
			ID: "calls.chunked-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a chunked body modified after signing is refused",
			When:  Call{Chunked: true, Tamper: AtEnd}, Then: refused(),
		},
		{
			ID: "calls.chunked-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call with a chunked body is refused",
			When:  Call{Chunked: true, Unsigned: true}, Then: refused(),
		},
		{
			ID: "calls.batch", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call with a batch of a hundred events is accepted",
			When:  Call{Members: "events.count=100"}, Then: accepted(),
		},
		{
			ID: "calls.long", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call of 64 KiB is accepted",
			When:  Call{Size: 64<<10 + 1}, Then: accepted(),
		},
		{
			ID: "calls.rare-values", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call with values that are rare is accepted: a twelfth attempt, an event of years ago, a long trace state, a parameter of the app's own",
			When:  Call{Members: "ctx.attempt=12\nctx.max_attempts=20"}, Then: accepted(),
			Also: []Stimulus{
				Call{Members: "event.ts=1577836800000"},
				Call{Query: "x-vercel-protection-bypass=1"},
				Call{Headers: "Tracestate: one=" + strings.Repeat("a", 200) + ",two=" + strings.Repeat("a", 200)},
			},
		},
		{
			ID: "calls.suspicious-texts", Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call with texts that look like attacks, as people's input may, is accepted",
			When:  Call{Members: "event.data.text=" + `"<script>alert(1)</script> ' OR 1=1 -- ${jndi:ldap://x/a} ../../etc/passwd UNION SELECT"`}, Then: accepted(),
		},
		{
			ID: "calls.plain-text", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R27",
			Title: "whether a signed call with Content-Type text/plain is accepted (observed)",
			When:  Call{ContentType: "text/plain"}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "calls.other-charset", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R27",
			Title: "whether a signed call with another charset is accepted (observed)",
			When:  Call{ContentType: "application/json; charset=utf-16"}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "calls.form-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call with a form's Content-Type, as any web page can send it, is refused",
			When:  Call{Unsigned: true, ContentType: "application/x-www-form-urlencoded"}, Then: refused(),
		},
		{
			ID: "calls.compressed", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R28", Destructive: true,
			Title: "whether a compressed call, signed before compression, is accepted (observed)",
			When:  Call{Gzipped: true}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "calls.large", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout, Tier: Deep,
			Title: "a signed call of almost 4 MiB, the server's limit, is accepted",
			When:  Call{Body: Large}, Then: accepted(),
		},
		{
			ID: "calls.large-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "a call of almost 4 MiB modified near its end is refused",
			When:  Call{Body: Large, Tamper: AtEnd}, Then: refused(),
		},
		{
			ID: "calls.no-body", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a call whose body was removed after signing is refused",
			When:  Call{Tamper: Emptied}, Then: refused(),
		},
		{
			ID: "calls.with-signature-of-introspection", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a call without a body that carries an introspection's signature is refused",
			When:  Call{Bodiless: true}, Then: refused(),
		},
		{
			ID: "calls.query-repeats-function", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call that names its function twice is refused",
			When:  Call{Unsigned: true, Function: EchoID + "&fnId=" + NobodyID}, Then: refused(),
		},
		{
			ID: "calls.probe-misspelled", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call with an unknown probe is refused",
			When:  Call{Unsigned: true, Function: EchoID + "&probe=none"}, Then: refused(),
		},
		signedMethod("calls.delete-signed", http.MethodDelete),
		signedMethod("calls.patch-signed", http.MethodPatch),
		wrongMethod("calls.delete-wrong-key", http.MethodDelete),
		wrongMethod("calls.options-wrong-key", http.MethodOptions),
		quietMethod("calls.trace", http.MethodTrace),
		quietMethod("calls.unknown-method", "PURGE"),
		quietMethod("calls.delete", http.MethodDelete),
		quietMethod("calls.patch", http.MethodPatch),
		quietMethod("calls.head", http.MethodHead),
		quietMethod("calls.options", http.MethodOptions),
	}
}

// openCanonicaliser: a canonicaliser that fails, and leaves nothing behind, must
// not turn the signature of a GET, which covers only the timestamp, into one for
// any call.
func openCanonicaliser(id string, body BodyForm) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Rests: []string{"receiving.mac-of-nothing"},
		Title: string(body) + ", signed over only the timestamp, is refused",
		When:  Call{Body: body, Over: NoMessage}, Then: refused(),
	}
}

// signedMethod is a case with a signed request with another method.
func signedMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Forgery, By: Observer, // no MAC covers the method
		Title: "a signed " + method + " runs nothing, and its response contains no key",
		When:  OtherMethod{Method: method}, Then: and(neverRuns(), responseWithoutKeys()),
	}
}

// wrongMethod is a case with another method, signed with an unknown key.
func wrongMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
		Title: Article(method) + " signed with an unknown key runs nothing and discloses nothing",
		When:  OtherMethod{Method: method, Key: UnknownKey}, Then: disclosesNothing(),
	}
}

// quietMethod is a case with an unsigned request with another method.
func quietMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
		Title: "an unsigned " + method + " runs nothing and discloses nothing",
		When:  OtherMethod{Method: method, Unsigned: true}, Then: disclosesNothing(),
	}
}
