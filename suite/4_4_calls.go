package suite

import "net/http"

// calls: SPEC 4.4 — what a call may ask for, in which forms, and other methods.
func calls() []Case {
	probing := func(c Case) Case {
		c.Needs = append(c.Needs, TrustProbe)
		return c
	}
	return []Case{
		{
			ID: "calls.every-character", Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Must, Risk: Lockout,
			Title: "a canonical body with every kind of character and number is accepted",
			When:  Call{Body: Rich}, Then: accepted(),
		},
		{
			ID: "calls.every-character-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "such a body changed after signing is refused",
			When:  Call{Body: Rich, Tamper: InMiddle}, Then: refused(),
		},
		{
			ID: "calls.spaced", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "a body with white space, signed in canonical form, is accepted or refused",
			When:  Call{Body: Respaced}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.spaced-raw", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "a body with white space, signed as its raw bytes, is accepted or refused",
			When:  Call{Body: Respaced, Over: RawBytes}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.reordered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "a body with its members in another order, signed in canonical form, is accepted or refused",
			When:  Call{Body: Reordered}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.escaped", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R10",
			Title: "a call escaped as the server escapes syncs, signed in canonical form, is accepted or refused",
			When:  Call{Body: ServerEncoded}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.unknown-function", Clause: cite("4.4.1", 1), Source: "KEYS 1", Level: Must, Risk: Interoperability, Ambiguity: "R12",
			Title: "a signed call of a function that is not there is answered with an error status",
			When:  Call{Function: NobodyID}, Then: respondsWithError(),
		},
		{
			ID: "calls.unknown-function-unsigned", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an unsigned call of a function that is not there is refused like any other",
			When:  Call{Function: NobodyID, Unsigned: true}, Then: refused(),
		},
		probing(Case{
			ID: "calls.probe", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "a signed trust probe is answered with success and runs nothing",
			When:  Probe{}, Then: and(accepted(), neverRuns()),
		}),
		probing(Case{
			ID: "calls.probe-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned trust probe is refused",
			When:  Probe{Unsigned: true}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-wrong-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a trust probe signed with another key is refused",
			When:  Probe{Key: UnknownKey}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "a trust probe signed more than five minutes ago is refused",
			When:  Probe{Age: tooOld}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a trust probe whose body was changed after signing is refused",
			When:  Probe{Tamper: InMiddle}, Then: refused(),
		}),
		{
			ID: "calls.chunked", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call whose body comes in chunks, without a length, is accepted",
			When:  Call{Chunked: true}, Then: accepted(),
		},
		{
			ID: "calls.chunked-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a body that comes in chunks and was changed after signing is refused",
			When:  Call{Chunked: true, Tamper: AtEnd}, Then: refused(),
		},
		{
			ID: "calls.plain-text", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R27",
			Title: "a signed call that says it is plain text is accepted or refused",
			When:  Call{ContentType: "text/plain"}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.other-charset", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R27",
			Title: "a signed call that names another character set is accepted or refused",
			When:  Call{ContentType: "application/json; charset=utf-16"}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.form-unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call that says it is a form, as a browser may send it, is refused",
			When:  Call{Unsigned: true, ContentType: "application/x-www-form-urlencoded"}, Then: refused(),
		},
		{
			ID: "calls.compressed", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R28", Destructive: true,
			Title: "a compressed call, signed before it was compressed, is accepted or refused",
			When:  Call{Gzipped: true}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.large", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Should, Risk: Lockout, Tier: Deep,
			Title: "a signed call of almost four mebibytes, the server's limit, is accepted",
			When:  Call{Body: Large}, Then: accepted(),
		},
		{
			ID: "calls.large-tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "a call of almost four mebibytes that was changed near its end is refused",
			When:  Call{Body: Large, Tamper: AtEnd}, Then: refused(),
		},
		{
			ID: "calls.no-body", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a call that lost its body after signing is refused",
			When:  Call{Tamper: Emptied}, Then: refused(),
		},
		{
			ID: "calls.with-signature-of-introspection", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "the signature of an introspection, on a call without a body, is refused",
			When:  Call{Bodiless: true}, Then: refused(),
		},
		{
			ID: "calls.query-repeats-function", Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call that names its function twice is refused",
			When:  Call{Unsigned: true, Function: EchoID + "&fnId=" + NobodyID}, Then: refused(),
		},
		{
			ID: "calls.probe-misspelled", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call that asks for a probe which is not there is refused",
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

// signedMethod: a signature does not make another method do anything.
func signedMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Forgery,
		Title: "a signed " + method + " runs nothing, and is told no key",
		When:  OtherMethod{Method: method}, Then: and(neverRuns(), responseWithoutKeys()),
	}
}

// wrongMethod: a wrong signature opens nothing that none at all would not open.
func wrongMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
		Title: "a " + method + " signed with another key runs nothing and discloses nothing",
		When:  OtherMethod{Method: method, Key: UnknownKey}, Then: disclosesNothing(),
	}
}

// quietMethod: a method that is none of GET, POST and PUT tells nothing.
func quietMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Source: "KEYS 1", Level: Must, Risk: Disclosure,
		Title: "an unsigned " + method + " runs nothing and discloses nothing",
		When:  OtherMethod{Method: method, Unsigned: true}, Then: disclosesNothing(),
	}
}
