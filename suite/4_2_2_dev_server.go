package suite

// devServer is SPEC 4.2: in dev mode, requests need no signature.
func devServer() []Case {
	keyless := Setup{Key: Absent, Mode: Dev("1")}
	forced := Setup{Mode: Dev("1")}
	return []Case{
		{
			ID: "dev.keyless", Clause: cite("4.2.2", 0), Source: "KEYS 6", Level: Must, Risk: Interoperability,
			Title: "INNGEST_DEV=1 without a key: an unsigned call runs",
			Given: keyless, When: Call{Unsigned: true}, Then: accepted(),
		},
		{
			ID: "dev.keyless-signed", Clause: cite("4.1.3", 1), Source: "KEYS 6", Level: Should, Risk: Interoperability,
			Title: "INNGEST_DEV=1 without a key: a signed call also runs",
			Given: keyless, When: Call{}, Then: accepted(),
		},
		{
			ID: "dev.forced", Clause: cite("4.2.2", 1), Source: "KEYS 8", Level: Must, Risk: Interoperability,
			Title: "INNGEST_DEV=1 forces dev mode even if a key is set",
			Given: forced, When: Call{Unsigned: true}, Then: accepted(),
		},
		{
			ID: "dev.forced-signed", Clause: cite("7", 2), Source: "KEYS 8", Level: Must, Risk: Interoperability,
			Title: "INNGEST_DEV=1 with a key: a signed call runs",
			Given: forced, When: Call{}, Then: accepted(),
		},
		{
			ID: "dev.forced-wrong-key", Clause: cite("7", 2), Source: "KEYS 7", Level: May, Risk: Interoperability, Ambiguity: "R3",
			Title: "whether an invalid signature is ignored with INNGEST_DEV=1 and a key (observed)",
			Given: forced, When: Call{Key: UnknownKey}, Then: reported(acceptedOrRefused),
		},
		{
			ID: "dev.introspection", Clause: cite("4.5", 1), Source: "KEYS 7", Level: Must, Risk: Interoperability,
			Title: "in dev mode, the response to an unsigned introspection says that the mode is dev",
			Given: forced, When: Introspect{Unsigned: true}, Then: hasField("mode", "dev"),
		},
		{
			ID: "dev.introspection-keys", Clause: cite("4.5", 1), Source: "KEYS 7", Level: Must, Risk: Disclosure, By: Anyone,
			Title: "in dev mode, the response to an unsigned introspection contains no key material",
			Given: forced, When: Introspect{Unsigned: true}, Then: responseWithoutKeys(),
		},
		{
			ID: "dev.introspection-unprivileged", Clause: cite("4.5", 1), Source: "KEYS 7", Level: Must, Risk: Disclosure,
			Title: "in dev mode, the response to an unsigned introspection contains no privileged field",
			Given: forced, When: Introspect{Unsigned: true}, Then: disclosesNothing(),
		},
		{
			ID: "dev.origin", Clause: cite("4.2.1", 1), Source: "KEYS 7", Level: Must, Risk: Interoperability, Tier: Deep,
			Title: "INNGEST_DEV set to a server's origin selects dev mode",
			Given: Setup{Mode: DevHere}, When: Call{Unsigned: true}, Then: accepted(),
		},
	}
}
