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
			ID: "calls.every-character", Clause: cite("4.4.3", 0), Seed: "KEYS 1", Level: Must, Risk: Lockout,
			Title: "a canonical body with every kind of character and number is accepted",
			When:  Call{Body: Rich}, Then: accepted(),
		},
		{
			ID: "calls.every-character-tampered", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "such a body changed after signing is refused",
			When:  Call{Body: Rich, Tamper: InMiddle}, Then: refused(),
		},
		{
			ID: "calls.spaced", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R10",
			Title: "a body with white space, signed in canonical form, is accepted or refused",
			When:  Call{Body: Respaced}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.spaced-raw", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R10",
			Title: "a body with white space, signed as its raw bytes, is accepted or refused",
			When:  Call{Body: Respaced, Over: RawBytes}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.reordered", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R10",
			Title: "a body with its members in another order, signed in canonical form, is accepted or refused",
			When:  Call{Body: Reordered}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.escaped", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R10",
			Title: "a call escaped as the server escapes syncs, signed in canonical form, is accepted or refused",
			When:  Call{Body: ServerEncoded}, Then: reported(takenOrNot),
		},
		{
			ID: "calls.unknown-function", Clause: cite("4.4.1", 1), Seed: "KEYS 1", Level: Must, Risk: Interoperability, Reading: "R12",
			Title: "a signed call of a function that is not there is answered with an error status",
			When:  Call{Function: nobodyID}, Then: answersError(),
		},
		{
			ID: "calls.unknown-function-unsigned", Clause: cite("4.4.1", 0), Seed: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an unsigned call of a function that is not there is refused like any other",
			When:  Call{Function: nobodyID, Unsigned: true}, Then: refused(),
		},
		probing(Case{
			ID: "calls.probe", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: Must, Risk: Interoperability,
			Title: "a signed trust probe is answered with success and runs nothing",
			When:  Probe{}, Then: and(accepted(), neverRuns()),
		}),
		probing(Case{
			ID: "calls.probe-unsigned", Clause: cite("4.1.3", 3), Seed: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned trust probe is refused",
			When:  Probe{Unsigned: true}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-wrong-key", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a trust probe signed with another key is refused",
			When:  Probe{Key: Stranger}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-expired", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a trust probe signed more than five minutes ago is refused",
			When:  Probe{Age: tooOld}, Then: refused(),
		}),
		probing(Case{
			ID: "calls.probe-tampered", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a trust probe whose body was changed after signing is refused",
			When:  Probe{Tamper: InMiddle}, Then: refused(),
		}),
		quietMethod("calls.delete", http.MethodDelete),
		quietMethod("calls.patch", http.MethodPatch),
		quietMethod("calls.head", http.MethodHead),
		quietMethod("calls.options", http.MethodOptions),
	}
}

// quietMethod: a method that is none of GET, POST and PUT tells nothing.
func quietMethod(id, method string) Case {
	return Case{
		ID: id, Clause: cite("4.4.1", 0), Seed: "KEYS 1", Level: Must, Risk: Disclosure,
		Title: "an unsigned " + method + " runs nothing and discloses nothing",
		When:  Ask{Method: method, Unsigned: true}, Then: keepsQuiet(),
	}
}
