package suite

// inBandSync is SPEC 4.3.5: the sync whose response lists the functions.
func inBandSync() []Case {
	return []Case{
		needing(InBand, Case{
			ID: "inband.signed", Clause: cite("4.3.5", 0), Source: "KEYS 1", Level: Must, Risk: Lockout,
			Title: "the response to a signed in-band sync lists the functions",
			When:  InBandSync{}, Then: accepted(),
		}),
		needing(InBand, Case{
			ID: "inband.kind", Clause: cite("4.3.5", 0), Source: "KEYS 1", Level: Must, Risk: Interoperability, Ambiguity: "R15",
			Title: "the response to an in-band sync carries X-Inngest-Sync-Kind: in_band",
			When:  InBandSync{}, Then: responseHas("X-Inngest-Sync-Kind: in_band", "X-Inngest-Sync-Kind", func(value string) bool { return value == "in_band" }),
		}),
		needing(InBand, Case{
			ID: "inband.server-encoding", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Lockout,
			Title: "a sync encoded as the server encodes it and signed in canonical form is accepted",
			When:  InBandSync{Body: ServerEncoded}, Then: accepted(),
		}),
		needing(InBand, Case{
			ID: "inband.fallback", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Lockout,
			Title: "an in-band sync signed with the fallback key is accepted",
			Given: Setup{Fallback: Present}, When: InBandSync{Key: Fallback}, Then: accepted(),
		}),
		needing(InBand, Case{
			ID: "inband.unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an unsigned in-band sync is refused",
			When:  InBandSync{Unsigned: true}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.spelled-otherwise", Clause: cite("4.1.3", 3), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "the response to an unsigned sync whose kind is spelled otherwise than in_band discloses nothing",
			When:  Sync{Unsigned: true, Headers: "X-Inngest-Sync-Kind: in-band"}, Then: disclosesNothing(),
			Also: []Stimulus{
				Sync{Unsigned: true, Headers: "X-Inngest-Sync-Kind: IN_BAND"}, Sync{Unsigned: true, Headers: "X-Inngest-Sync-Kind: inband"},
				Sync{Unsigned: true, Headers: "X-Inngest-Sync-Kind: out_of_band\nX-Inngest-Sync-Kind: in_band"}, Sync{Unsigned: true, Query: "syncKind=in_band&sync_kind=in_band"},
			},
		}),
		needing(InBand, Case{
			ID: "inband.wrong-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an in-band sync signed with an unknown key is refused",
			When:  InBandSync{Key: UnknownKey}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R6",
			Title: "an in-band sync signed more than five minutes ago is refused",
			When:  InBandSync{Age: tooOld}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.tampered", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an in-band sync whose body was modified after signing is refused",
			When:  InBandSync{Tamper: InMiddle}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.mac-of-nothing", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "a MAC that covers the time alone is refused on an in-band sync",
			When:  InBandSync{Over: NoMessage}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.keys", Clause: cite("4.3.5", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "the response to an in-band sync contains no signing key",
			When:  InBandSync{}, Then: holdsNoSecret(),
		}),
		needing(InBand, Case{
			ID: "inband.future", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R5",
			Title: "an in-band sync with a timestamp more than five minutes in the future is refused",
			When:  InBandSync{Age: -tooOld}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.empty-key", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Disclosure,
			Title: "an in-band sync signed with an empty key is refused",
			When:  InBandSync{Key: EmptyKey}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.stranger-beside-fallback", Clause: cite("4.1.3", 5), Source: "KEYS 5", Level: Must, Risk: Disclosure,
			Title: "with both keys set, an in-band sync signed with an unknown key is refused",
			Given: Setup{Fallback: Present}, When: InBandSync{Key: UnknownKey}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.server-kind", Clause: cite("4.1.1", 4), Source: "KEYS 7", Level: Must, Risk: Forgery,
			Title: "an unsigned in-band sync with X-Inngest-Server-Kind: dev is refused",
			When:  InBandSync{Unsigned: true, Headers: "X-Inngest-Server-Kind: dev"}, Then: refused(),
		}),
		needing(InBand, Case{
			ID: "inband.serve-origin", Clause: cite("3.2", 4), Source: "KEYS 2", Level: Should, Risk: Lockout,
			Rests: []string{"sync.serve-origin"},
			Title: "with INNGEST_SERVE_ORIGIN set, an in-band sync returns that origin whatever URL its body names",
			Given: Setup{ServeOrigin: servedAt}, When: InBandSync{NamesURL: "https://elsewhere.countersign.example/api/inngest"},
			Then: returnsURL(servedAt),
		}),
		needing(InBand, Case{
			ID: "inband.keyless", Clause: cite("4.1.3", 2), Source: "KEYS 4", Level: Must, Risk: Disclosure,
			Title: "without a signing key, an in-band sync signed with an empty key is refused",
			Given: Setup{Key: Absent}, When: InBandSync{Key: EmptyKey}, Then: refused(),
		}),
	}
}

// returnsURL expects that the response to an in-band sync names only URLs at the
// origin.
func returnsURL(origin string) Expectation {
	return Expectation{
		Requirement: "the response's url is at " + origin,
		Checks: check("return that origin", func(o Observation) bool {
			url, _ := o.Object()["url"].(string)
			return o.Succeeded() && atOrigin(origin)(url) && all(urlsOfSteps(o.Object()), atOrigin(origin))
		}),
	}
}
