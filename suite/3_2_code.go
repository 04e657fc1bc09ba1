package suite

// codeConfig is SPEC 3.2 for keys and modes passed to the constructor (KEYS 4).
func codeConfig() []Case {
	inCode := Setup{Key: Absent, CodeKey: Present}
	both := Setup{Key: Absent, CodeKey: Present, CodeFallback: Present}
	coded := func(c Case) Case {
		c.Tier = Deep
		for _, offered := range []struct {
			capability Capability
			used       bool
		}{
			{CodeKey, c.Given.CodeKey != ""}, {CodeFallback, c.Given.CodeFallback != ""}, {CodeMode, c.Given.CodeDev != ""},
		} {
			if offered.used {
				c = needing(offered.capability, c)
			}
		}
		return c
	}
	return []Case{
		coded(Case{
			ID: "code.key", Clause: cite("3.1", 2), Source: "KEYS 4", Level: Must, Risk: Lockout,
			Title: "a signing key passed in code verifies calls",
			Given: inCode, When: Call{}, Then: accepted(),
		}),
		coded(Case{
			ID: "code.unsigned", Clause: cite("4.1.3", 3), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "with a signing key passed in code, an unsigned call is refused",
			Given: inCode, When: Call{Unsigned: true}, Then: refused(),
		}),
		coded(Case{
			ID: "code.stranger", Clause: cite("4.1.3", 5), Source: "KEYS 4", Level: Must, Risk: Forgery,
			Title: "with a signing key passed in code, a call signed with an unknown key is refused",
			Given: inCode, When: Call{Key: UnknownKey}, Then: refused(),
		}),
		coded(Case{
			ID: "code.bearer", Clause: cite("4.1.4", 2), Source: "KEYS 4", Level: Must, Risk: Lockout,
			Rests: []string{"sending.bearer", "code.key"},
			Title: "a signing key passed in code authenticates syncs to the API",
			Given: inCode, When: Sync{}, Then: contactsAPIWith(Primary),
		}),
		coded(Case{
			ID: "code.use-api", Clause: cite("4.4.2", 0), Source: "KEYS 4", Level: Must, Risk: Lockout,
			Rests: []string{"code.bearer"},
			Title: "a signing key passed in code authenticates reads of a run's payload",
			Given: inCode, When: Call{UseAPI: true}, Then: contactsAPIWith(Primary),
		}),
		coded(Case{
			ID: "code.fallback", Clause: cite("3.1", 3), Source: "KEYS 5", Level: Must, Risk: Lockout,
			Rests: []string{"code.key"},
			Title: "a fallback key passed in code verifies calls",
			Given: both, When: Call{Key: Fallback}, Then: accepted(),
		}),
		coded(Case{
			ID: "code.fallback-after-refusal", Clause: cite("3.1", 3), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Rests: []string{"code.fallback", "code.bearer"},
			Title: "a fallback key passed in code is used when the API rejects the primary key",
			Given: both, When: Sync{APIRefuses: Primary}, Then: contactsAPIWith(Primary, Fallback),
		}),
		coded(Case{
			ID: "code.dev", Clause: cite("4.2.2", 1), Source: "KEYS 7", Level: Must, Risk: Interoperability,
			Title: "with dev mode selected in code, an unsigned call runs",
			Given: Setup{CodeDev: "1"}, When: Call{Unsigned: true}, Then: accepted(),
		}),
		coded(Case{
			ID: "code.cloud", Clause: cite("7", 1), Source: "KEYS 7", Level: Must, Risk: Forgery,
			Title: "with cloud mode selected in code and no INNGEST_DEV, an unsigned call is refused",
			Given: Setup{Mode: Unstated, CodeDev: "0"}, When: Call{Unsigned: true}, Then: refused(),
		}),
		coded(Case{
			ID: "code.cloud-over-environment", Clause: cite("4.2.1", 1), Source: "KEYS 7", Level: May, Risk: Forgery, Ambiguity: "R29",
			Title: "whether cloud mode selected in code overrides INNGEST_DEV=1 (observed)",
			Given: Setup{Mode: Dev("1"), CodeDev: "0"}, When: Call{Unsigned: true}, Then: reported(acceptedOrRefused),
		}),
	}
}
