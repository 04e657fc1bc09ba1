package suite

// headers: SPEC 4.1.1 — the signature header. `{t}` and `{s}` in a spelling are
// the time and the MAC; the MAC covers the first `t` as it is spelled, so that
// the spelling is the only fault.
func headers() []Case {
	return []Case{
		{
			ID: "headers.s-before-t", Clause: cite("4.1.1", 2), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R7",
			Title: "s before t is accepted or refused",
			When:  Call{Header: "s={s}&t={t}"}, Then: reported(takenOrNot),
		},
		{
			ID: "headers.extra-parameter", Clause: cite("4.1.1", 2), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R7",
			Title: "a parameter besides t and s is accepted or refused",
			When:  Call{Header: "t={t}&s={s}&v=1"}, Then: reported(takenOrNot),
		},
		malformed("headers.blank", "an empty signature header is refused", " "),
		malformed("headers.words", "a header that is no query string is refused", "signed"),
		malformed("headers.mac-alone", "a MAC without names is refused", "{s}"),
		malformed("headers.t-missing", "a header without t is refused", "s={s}"),
		malformed("headers.t-empty", "an empty t is refused", "t=&s={s}"),
		malformed("headers.s-missing", "a header without s is refused", "t={t}"),
		malformed("headers.s-empty", "an empty s is refused", "t={t}&s="),
		malformed("headers.s-one-off", "a MAC that differs in its last digit is refused", "t={t}&s={s:flip}"),
		malformed("headers.s-half", "the first half of a MAC is refused", "t={t}&s={s:half}"),
		malformed("headers.s-short", "a MAC without its last digit is refused", "t={t}&s={s:short}"),
		malformed("headers.s-long", "a MAC with a digit more is refused", "t={t}&s={s:long}"),
		malformed("headers.s-zeros", "a MAC of zeros is refused", "t={t}&s={s:zeros}"),
		{
			ID: "headers.s-upper-case", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Interoperability, Reading: "R26",
			Title: "a MAC in upper-case hex is accepted or refused",
			When:  Call{Header: "t={t}&s={s:upper}"}, Then: reported(takenOrNot),
		},
		{
			ID: "headers.t-negative", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a negative t is refused",
			When:  Call{Header: "t=-{t}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-milliseconds", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a t in milliseconds is refused: as seconds it lies far ahead",
			When:  Call{Header: "t={t:ms}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-trailing-text", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay, Reading: "R9",
			Title: "a t with text behind the number is refused: the number is not all that was signed",
			When:  Call{Header: "t={t}abc&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-fraction", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay, Reading: "R9",
			Title: "a t with a fraction is refused",
			When:  Call{Header: "t={t}.5&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-exponent", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay, Reading: "R9",
			Title: "a t with an exponent is refused",
			When:  Call{Header: "t={t}e1&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-leading-zero", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Should, Risk: Replay, Reading: "R9",
			Title: "a t with a leading zero is refused",
			When:  Call{Header: "t=0{t}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-words", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a t that is no number is refused",
			When:  Call{Header: "t=now&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-not-a-number", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a t of NaN is refused: it compares with nothing",
			When:  Call{Header: "t=NaN&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-beyond-int64", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay,
			Title: "a t beyond 64 bits is refused: it must not wrap around into the window",
			When:  Call{Header: "t={t:wrapped}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-twice-fresh-last", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay, Reading: "R8",
			Title: "an expired signature is not refreshed by a second t behind the first",
			When:  Call{Header: "t={t:old}&t={t}&s={s:old}"}, Then: refused(),
		},
		{
			ID: "headers.t-twice-fresh-first", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay, Reading: "R8",
			Title: "an expired signature is not refreshed by a second t before the first",
			When:  Call{Header: "t={t}&t={t:old}&s={s:old}"}, Then: refused(),
		},
		{
			ID: "headers.s-twice", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Forgery, Reading: "R8",
			Title: "a wrong s beside a right one is accepted or refused",
			When:  Call{Header: "t={t}&s={s:zeros}&s={s}"}, Then: reported(takenOrNot),
		},
		{
			ID: "headers.twice", Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: May, Risk: Forgery, Reading: "R8",
			Title: "a wrong header beside a right one is accepted or refused",
			When:  Call{Header: "t={t}&s={s:zeros}\nt={t}&s={s}"}, Then: reported(takenOrNot),
		},
		{
			ID: "headers.twice-expired", Clause: cite("4.1.3", 4), Seed: "KEYS 3", Level: Must, Risk: Replay, Reading: "R8",
			Title: "an expired signature is not refreshed by a second header that is fresh and wrong",
			When:  Call{Header: "t={t:old}&s={s:old}\nt={t}&s={s:zeros}"}, Then: refused(),
		},
	}
}

// malformed: a header that breaks the grammar proves nothing.
func malformed(id, title, spelling string) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 5), Seed: "KEYS 1", Level: Must, Risk: Forgery,
		Title: title, When: Call{Header: spelling}, Then: refused(),
	}
}
