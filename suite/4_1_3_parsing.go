package suite

// parsing is SPEC 4.1.3: what runs is what was signed, whatever the parser that
// verifies and the parser that reads the event make of a body.
func parsing() []Case {
	return []Case{
		{
			ID: "bodies.mac-of-nothing", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Rests: []string{"receiving.mac-of-nothing", "calls.duplicate-name-mac-of-nothing"},
			Title: "no body of an unusual form, signed over only the timestamp, is accepted",
			When:  Call{Body: WithinBlanks, Over: NoMessage}, Also: over(unusual[1:], NoMessage), Then: refused(),
		},
		{
			ID: "bodies.mac-of-remains", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "what a canonicaliser may leave behind when it fails (null, {}, …) does not count as the signed body",
			When:  Call{Over: OfNull}, Also: overRemains(), Then: refused(),
		},
		{
			ID: "bodies.unread-mac-of-nothing", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Rests: []string{"receiving.mac-of-nothing"},
			Title: "no call whose body a server may fail to read (in chunks, large, of another type), signed over only the timestamp, is accepted",
			When:  Call{Chunked: true, Over: NoMessage}, Then: refused(),
			Also: []Stimulus{
				Call{Size: 64<<10 + 1, Over: NoMessage}, Call{Size: 256<<10 + 1, Over: NoMessage}, Call{Size: 1<<20 + 1, Over: NoMessage},
				Call{Headers: "Content-Encoding: identity", Over: NoMessage}, Call{ContentType: "text/plain", Over: NoMessage},
				Call{ContentType: "application/x-www-form-urlencoded", Over: NoMessage}, Call{ContentType: "multipart/form-data; boundary=x", Over: NoMessage},
			},
		},
		{
			ID: "bodies.careless-form", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a signed body that differs only in what a careless canonicaliser leaves out or takes for equal is refused",
			When:  Call{Tamper: careless[0]}, Also: tampered(careless[1:]), Then: refused(),
		},
		{
			ID: "bodies.second-event", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an event that nobody signed, beside the signed one in the body, does not run",
			When:  Call{Tamper: secondEvents[0]}, Also: tampered(secondEvents[1:]), Then: runsOnlySigned(),
		},
		{
			ID: "bodies.second-data", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "data that nobody signed, beside the signed data in an event, does not reach a function",
			When:  Call{Tamper: secondData[0]}, Also: tampered(secondData[1:]), Then: runsOnlySigned(),
		},
		{
			ID: "bodies.in-query", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a call or an event in the query, which no signature covers, does not run",
			When:  Call{Tamper: CallOnlyInQuery}, Also: tampered(queriedCalls), Then: runsOnlySigned(),
		},
	}
}

// parsingIllFormed is SPEC 4.1.3, too, with bodies that may end the target: they come
// behind the cases of which each is about one such body.
func parsingIllFormed() []Case {
	return []Case{
		{
			ID: "bodies.ill-formed-mac-of-nothing", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Destructive: true,
			Rests: []string{"survival.not-json", "receiving.mac-of-nothing", "calls.duplicate-name-mac-of-nothing"},
			Title: "no body that is not JSON, or only to some parsers, is accepted when signed over only the timestamp",
			When:  Call{Body: WithNaN, Over: NoMessage}, Also: over(illFormed[1:], NoMessage), Then: refused(),
		},
		{
			ID: "bodies.second-call", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Destructive: true,
			Rests: []string{"survival.not-json"},
			Title: "a call that nobody signed, before or behind the signed one in the body, does not run",
			When:  Call{Tamper: secondCalls[0]}, Also: tampered(secondCalls[1:]), Then: runsOnlySigned(),
		},
	}
}

// contained is SPEC 4.4.3: calls with what real events hold.
func contained() []Case {
	return []Case{
		holding("calls.characters", EveryCharacter, "a signed call whose texts hold every kind of character is accepted"),
		holding("calls.numbers", EveryNumber, "a signed call with every kind of number is accepted"),
		holding("calls.names", EveryName, "a signed call with every kind of member name is accepted"),
		holding("calls.shapes", EveryShape, "a signed call with every kind of value, nested and long ones too, is accepted"),
		{
			ID: "calls.nested", Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Should, Risk: Lockout,
			Title: "a signed call with data nested two hundred deep is accepted",
			When:  Call{Body: Nested200}, Then: accepted(),
		},
	}
}

// holding is a case in which a call has many kinds of content.
func holding(id string, body BodyForm, title string) Case {
	return Case{
		ID: id, Clause: cite("4.4.3", 0), Source: "KEYS 1", Level: Must, Risk: Lockout,
		Title: title, When: Call{Body: body}, Then: accepted(),
	}
}

// over are calls of these forms with the MAC of something else.
func over(forms []BodyForm, messages ...MACInput) []Stimulus {
	var all []Stimulus
	for _, form := range forms {
		for _, message := range messages {
			all = append(all, Call{Body: form, Over: message})
		}
	}
	return all
}

// overRemains are calls, with and without a canonical form, with the MAC of a
// message that does not depend on the body.
func overRemains() []Stimulus {
	var all []Stimulus
	for _, message := range []MACInput{OfUndefined, OfNone, OfNil, OfEmptyObject, OfEmptyArray, OfEmptyText, OfObjectText} {
		all = append(all, Call{Over: message})
	}
	formless := []BodyForm{WithDuplicateName, WithLoneSurrogate, WithHugeNumber, WithInvalidUTF8}
	return append(all, over(formless, OfNull, OfEmptyObject, OfEmptyText)...)
}

// tampered are calls with these modifications.
func tampered(list []Tamper) []Stimulus {
	var all []Stimulus
	for _, t := range list {
		all = append(all, Call{Tamper: t})
	}
	return all
}

// runsOnlySigned expects that only the signed event runs, if any: the one that was
// added to it has a nonce of its own.
func runsOnlySigned() Expectation {
	return Expectation{
		Requirement: "nothing runs but the event that was signed, and nothing leaks",
		Negative:    true,
		Checks:      append(neverRuns().Checks, harm("leak nothing", func(o Observation) bool { return len(o.Leaked()) == 0 })...),
	}
}
