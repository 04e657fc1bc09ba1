package suite

// headers is SPEC 4.1.1: the signature header. `{t}` and `{s}` in a template are
// the time and the MAC. The MAC covers the first `t` exactly as it is written, so
// that the form of the header is the only fault.
func headers() []Case {
	return []Case{
		{
			ID: "headers.s-before-t", Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R7",
			Title: "whether s may come before t (observed)",
			When:  Call{Header: "s={s}&t={t}"}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "headers.extra-parameter", Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R7",
			Title: "whether a parameter besides t and s is accepted (observed)",
			When:  Call{Header: "t={t}&s={s}&v=1"}, Then: reported(acceptedOrRefused),
		},
		openSpelling("headers.percent-encoded", "whether a percent-encoded digit in t is accepted (observed)", "t={t:percent}&s={s}"),
		openSpelling("headers.t-as-a-list", "whether t[] is accepted in place of t (observed)", "t[]={t}&s={s}"),
		openSpelling("headers.t-indexed", "whether t[0] is accepted in place of t (observed)", "t[0]={t}&s={s}"),
		openSpelling("headers.question-mark", "whether a leading question mark is accepted (observed)", "?t={t}&s={s}"),
		openSpelling("headers.trailing-ampersand", "whether a trailing ampersand is accepted (observed)", "t={t}&s={s}&"),
		openSpelling("headers.upper-case-names", "whether upper-case names T and S are accepted (observed)", "T={t}&S={s}"),
		openSpelling("headers.semicolon", "whether a semicolon is accepted in place of the ampersand (observed)", "t={t};s={s}"),
		openSpelling("headers.folded", "whether a folded header line is accepted (observed)", "t={t}&{fold}s={s}"),
		openSpelling("headers.very-long", "whether a valid signature after 6,000 other characters is accepted (observed)", "x={filler}&t={t}&s={s}"),
		malformed("headers.blank", "an empty signature header is refused", " "),
		malformed("headers.words", "a header that is not a query string is refused", "signed"),
		hardening("headers.mac-alone", "a MAC without parameter names is refused", "{s}"),
		hardening("headers.t-missing", "a header without t is refused", "s={s}"),
		hardening("headers.t-empty", "an empty t is refused", "t=&s={s}"),
		malformed("headers.s-missing", "a header without s is refused", "t={t}"),
		malformed("headers.s-empty", "an empty s is refused", "t={t}&s="),
		malformed("headers.s-one-off", "a MAC that differs in its last digit is refused", "t={t}&s={s:flip}"),
		malformed("headers.s-half", "the first half of a MAC is refused", "t={t}&s={s:half}"),
		malformed("headers.s-short", "a MAC without its last digit is refused", "t={t}&s={s:short}"),
		hardening("headers.s-long", "a MAC with an additional digit is refused", "t={t}&s={s:long}"),
		malformed("headers.s-first-digit-off", "a MAC that differs in its first digit is refused", "t={t}&s={s:flip-first}"),
		malformed("headers.s-not-hex", "an s that is not hexadecimal is refused", "t={t}&s={s:words}"),
		malformed("headers.s-not-ascii", "an s of non-ASCII characters is refused", "t={t}&s={s:umlauts}"),
		hardening("headers.s-very-long", "an s of more than 6,000 characters is refused", "t={t}&s={s}{filler}"),
		malformed("headers.s-as-a-list", "an s of zeros given as s[] is refused", "t={t}&s[]={s:zeros}"),
		malformed("headers.s-null", "an s of `null` is refused", "t={t}&s=null"),
		malformed("headers.s-zeros", "a MAC of zeros is refused", "t={t}&s={s:zeros}"),
		{
			ID: "headers.spellings-of-zeros", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Rests: []string{"headers.s-zeros"},
			Title: "a MAC of zeros is refused however the header is spelled: what cannot be read is no signature",
			When:  Call{Header: spellings[0]}, Also: spelled(spellings[1:]), Then: refused(),
		},
		{
			ID: "headers.s-upper-case", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R26",
			Title: "whether a MAC in upper-case hex is accepted (observed)",
			When:  Call{Header: "t={t}&s={s:upper}"}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "headers.t-negative", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a negative t is refused",
			When:  Call{Header: "t=-{t}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-milliseconds", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Rests: []string{"receiving.future"},
			Title: "a t in milliseconds is refused: read as seconds it is far in the future",
			When:  Call{Header: "t={t:ms}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-trailing-text", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with text after the number is refused",
			When:  Call{Header: "t={t}abc&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-fraction", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a fraction is refused",
			When:  Call{Header: "t={t}.5&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-exponent", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with an exponent is refused",
			When:  Call{Header: "t={t}e1&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-leading-zero", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a leading zero is refused",
			When:  Call{Header: "t=0{t}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-many-zeros", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t after 4,000 leading zeros is refused",
			When:  Call{Header: "t={t:zeros}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-many-nines", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a t of 4,000 digits is refused",
			When:  Call{Header: "t={t:nines}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-infinity", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a t of Infinity is refused",
			When:  Call{Header: "t=Infinity&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-plus", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a plus sign is refused",
			When:  Call{Header: "t=%2B{t}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-blank-before", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a leading space is refused",
			When:  Call{Header: "t=%20{t}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-blank-behind", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a trailing space is refused",
			When:  Call{Header: "t={t}%20&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-nul-behind", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a trailing NUL byte is refused",
			When:  Call{Header: "t={t}%00&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-underscore", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t with a trailing underscore and digit is refused",
			When:  Call{Header: "t={t}_0&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-arabic-digits", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t in Arabic-Indic digits is refused",
			When:  Call{Header: "t={t:arabic}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-fullwidth-digits", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t in full-width digits is refused",
			When:  Call{Header: "t={t:fullwidth}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-hexadecimal", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay, Ambiguity: "R9",
			Title: "a t in hexadecimal is refused",
			When:  Call{Header: "t={t:hex}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-words", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a t that is not a number is refused",
			When:  Call{Header: "t=now&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-not-a-number", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a t of NaN is refused",
			When:  Call{Header: "t=NaN&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-beyond-int64", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Should, Risk: Replay,
			Title: "a t beyond 64 bits is refused, even if it wraps around to the current time",
			When:  Call{Header: "t={t:wrapped}&s={s}"}, Then: refused(),
		},
		{
			ID: "headers.t-twice-fresh-last", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R8",
			Title: "an expired signature is refused even if a second, current t follows the first",
			When:  Call{Header: "t={t:old}&t={t}&s={s:old}"}, Then: refused(),
		},
		{
			ID: "headers.t-twice-fresh-first", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R8",
			Title: "an expired signature is refused even if a current t precedes its own",
			When:  Call{Header: "t={t}&t={t:old}&s={s:old}"}, Then: refused(),
		},
		{
			ID: "headers.s-twice", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Forgery, Ambiguity: "R8",
			Title: "whether a valid s is accepted next to an invalid one (observed)",
			When:  Call{Header: "t={t}&s={s:zeros}&s={s}"}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "headers.twice", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: May, Risk: Forgery, Ambiguity: "R8",
			Title: "whether a valid signature header is accepted next to an invalid one (observed)",
			When:  Call{Header: "t={t}&s={s:zeros}\nt={t}&s={s}"}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "headers.twice-expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R8",
			Title: "an expired signature is refused even if a second header with a current t and an invalid MAC follows",
			When:  Call{Header: "t={t:old}&s={s:old}\nt={t}&s={s:zeros}"}, Then: refused(),
		},
	}
}

// openSpelling is a case with a header form that the specification does not
// mention.
func openSpelling(id, title, spelling string) Case {
	return Case{
		ID: id, Clause: cite("4.1.1", 2), Source: "KEYS 1", Level: May, Risk: Interoperability, Ambiguity: "R7",
		Title: title, When: Call{Header: spelling}, Then: reported(acceptedOrRefused),
	}
}

// malformed is a case with a header that does not match the grammar.
func malformed(id, title, spelling string) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
		Title: title, When: Call{Header: spelling}, Then: refused(),
	}
}

// spellings are headers with a wrong MAC that some parsers cannot read, or read
// otherwise than others.
var spellings = []string{
	"t={t};s={s:zeros}", "t={t}&{fold}s={s:zeros}", "?t={t}&s={s:zeros}", "t={t}&s={s:zeros}&", "T={t}&S={s:zeros}", "t={t}&s={s:zeros}&%zz",
	"t={t}&s={s:zeros};", "x={filler}&t={t}&s={s:zeros}", "t={t},s={s:zeros}", "t={t}&s={s:zeros},", "t={t}&s=,", "t={t} s={s:zeros}", "t[0]={t}&s[0]={s:zeros}",
}

// spelled are calls with these headers.
func spelled(headers []string) (all []Stimulus) {
	for _, header := range headers {
		all = append(all, Call{Header: header})
	}
	return all
}

// hardening is a case with a header that does not match the grammar but has a
// correct MAC over its t, which only the holder of the key can make.
func hardening(id, title, spelling string) Case {
	c := malformed(id, title, spelling)
	c.Level, c.By = Should, Signer
	return c
}
