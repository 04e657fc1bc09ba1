package suite

// modes is SPEC 7: what selects the mode, and with it whether signatures are
// verified.
func modes() []Case {
	return []Case{
		{
			ID: "modes.zero", Clause: cite("7", 0), Source: "KEYS 8", Level: Must, Risk: Forgery, Ambiguity: "R4",
			Title: "INNGEST_DEV=0 is cloud mode: an unsigned call is refused",
			Given: Setup{Mode: Dev("0")}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "modes.false", Clause: cite("7", 0), Source: "KEYS 8", Level: Must, Risk: Forgery, Ambiguity: "R4",
			Title: "INNGEST_DEV=false is cloud mode: an unsigned call is refused",
			Given: Setup{Mode: Dev("false")}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "modes.empty", Clause: cite("7", 0), Source: "KEYS 7", Level: Should, Risk: Forgery, Tier: Deep, Ambiguity: "R20",
			Title: "an empty INNGEST_DEV is cloud mode: an unsigned call is refused",
			Given: Setup{Mode: Dev("")}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "modes.unstated", Clause: cite("7", 0), Source: "KEYS 7", Level: Should, Risk: Forgery, Ambiguity: "R20",
			Title: "without INNGEST_DEV, the mode is cloud: an unsigned call is refused",
			Given: Setup{Mode: Unstated}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "modes.unstated-signed", Clause: cite("7", 1), Source: "KEYS 7", Level: Must, Risk: Lockout,
			Title: "without INNGEST_DEV, a signed call is accepted",
			Given: Setup{Mode: Unstated}, When: Call{}, Then: accepted(),
		},
		{
			ID: "modes.other-text", Clause: cite("4.2.1", 1), Source: "KEYS 7", Level: May, Risk: Forgery, Tier: Deep, Ambiguity: "R21",
			Title: "whether INNGEST_DEV=yes is dev mode (observed)",
			Given: Setup{Mode: Dev("yes")}, When: Call{Unsigned: true}, Then: reported(acceptedOrRefused),
		},
		oddText("modes.upper-case-true", "TRUE"),
		oddText("modes.on", "on"),
		oddText("modes.off", "off"),
		oddText("modes.two", "2"),
		oddText("modes.zero-behind-a-blank", " 0"),
		{
			ID: "modes.true", Clause: cite("7", 0), Source: "KEYS 8", Level: Must, Risk: Interoperability, Tier: Deep,
			Title: "INNGEST_DEV=true is dev mode: an unsigned call runs",
			Given: Setup{Mode: Dev("true")}, When: Call{Unsigned: true}, Then: accepted(),
		},
		{
			ID: "modes.zero-signed", Clause: cite("7", 1), Source: "KEYS 8", Level: Must, Risk: Lockout,
			Title: "INNGEST_DEV=0 is cloud mode: a signed call is accepted",
			Given: Setup{Mode: Dev("0")}, When: Call{}, Then: accepted(),
		},
		{
			ID: "modes.zero-wrong-key", Clause: cite("7", 1), Source: "KEYS 8", Level: Must, Risk: Forgery, Ambiguity: "R4",
			Rests: []string{"modes.zero"},
			Title: "INNGEST_DEV=0 is cloud mode: a call signed with an unknown key is refused",
			Given: Setup{Mode: Dev("0")}, When: Call{Key: UnknownKey}, Then: refused(),
		},
		{
			ID: "modes.false-signed", Clause: cite("7", 1), Source: "KEYS 8", Level: Must, Risk: Lockout,
			Title: "INNGEST_DEV=false is cloud mode: a signed call is accepted",
			Given: Setup{Mode: Dev("false")}, When: Call{}, Then: accepted(),
		},
		{
			ID: "modes.zero-keyless", Clause: cite("4.1.3", 2), Source: "KEYS 8", Level: Must, Risk: Forgery, Tier: Deep,
			Title: "INNGEST_DEV=0 without a key refuses an unsigned call",
			Given: Setup{Mode: Dev("0"), Key: Absent}, When: Call{Unsigned: true}, Then: refused(),
		},
		{
			ID: "modes.dev-with-fallback", Clause: cite("4.2.2", 1), Source: "KEYS 8", Level: Must, Risk: Interoperability, Tier: Deep,
			Title: "INNGEST_DEV=1 forces dev mode even if both keys are set",
			Given: Setup{Mode: Dev("1"), Fallback: Present}, When: Call{Unsigned: true}, Then: accepted(),
		},
		noHeaderDecides("modes.user-agent-header", "User-Agent: inngest-dev-server"),
		noHeaderDecides("modes.framework-header", "X-Inngest-Framework: dev"),
		noHeaderDecides("modes.forwarded-for-header", "X-Forwarded-For: 127.0.0.1"),
		noHeaderDecides("modes.env-header", "X-Inngest-Env: dev"),
		noHeaderDecides("modes.method-override-header", "X-HTTP-Method-Override: GET"),
		noHeaderDecides("modes.server-kind-header", "X-Inngest-Server-Kind: dev"),
		noHeaderDecides("modes.dev-header", "X-Inngest-Dev: 1"),
		noHeaderDecides("modes.expected-server-kind-header", "X-Inngest-Expected-Server-Kind: dev"),
		noHeaderDecides("modes.forwarded-host-header", "X-Forwarded-Host: localhost:8288"),
		noHeaderDecides("modes.platform-header", "X-Inngest-Platform: dev"),
		noHostDecides("modes.local-host", "localhost:8288"),
		noHostDecides("modes.ipv6-host", "[::1]:3000"),
		noHostDecides("modes.private-host", "192.168.0.2"),
		noHostDecides("modes.internal-host", "app.internal"),
		noHostDecides("modes.container-host", "host.docker.internal"),
		noHostDecides("modes.mdns-host", "app.local"),
		noHostDecides("modes.test-host", "app.test"),
		{
			ID: "modes.introspection", Clause: cite("4.5", 2), Source: "KEYS 7", Level: Must, Risk: Interoperability,
			Rests: []string{"introspection.signed"},
			Title: "in cloud mode, the response to a signed introspection says that the mode is cloud",
			When:  Introspect{}, Then: hasField("mode", "cloud"),
		},
	}
}

// oddText is a case in which INNGEST_DEV is neither true nor false.
func oddText(id, text string) Case {
	return Case{
		ID: id, Clause: cite("4.2.1", 1), Source: "KEYS 7", Level: May, Risk: Forgery, Tier: Deep, Ambiguity: "R21",
		Title: "whether INNGEST_DEV=" + text + " is dev mode (observed)",
		Given: Setup{Mode: Dev(text)}, When: Call{Unsigned: true}, Then: reported(acceptedOrRefused),
	}
}

// noHeaderDecides is a case with a request header that must not turn verification
// off (SPEC 4.1.1).
func noHeaderDecides(id, header string) Case {
	return Case{
		ID: id, Clause: cite("4.1.1", 4), Source: "KEYS 7", Level: Must, Risk: Forgery,
		Title: "`" + header + "` on a request does not turn verification off",
		When:  Call{Unsigned: true, Headers: header}, Then: refused(),
	}
}

// noHostDecides is a case in which an unsigned call names a host of the own machine or
// network.
func noHostDecides(id, host string) Case {
	return Case{
		ID: id, Clause: cite("7", 1), Source: "KEYS 7", Level: Must, Risk: Forgery,
		Title: "a Host of " + host + " does not turn verification off",
		When:  Call{Unsigned: true, Host: host}, Then: refused(),
	}
}

// onPlatforms are the cases of what platforms set (SPEC 7, KEYS 7, KEYS 11, KEYS 12).
func onPlatforms() []Case {
	cases := []Case{
		onPlatform("modes.platforms", Everywhere, Default),
		{
			ID: "modes.platforms-signed", Clause: cite("7", 1), Source: "KEYS 11", Level: Must, Risk: Lockout,
			Title: "where previews, build machines and tests set their variables, west of UTC, a signed call is accepted",
			Given: Setup{Platform: Everywhere}, When: Call{}, Then: accepted(),
		},
		{
			ID: "modes.platforms-expired", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay,
			Rests: []string{"receiving.expired", "modes.platforms"},
			Title: "where previews, build machines and tests set their variables, west of UTC, a call that expired is refused",
			Given: Setup{Platform: Everywhere}, When: Call{Age: tooOld}, Then: refused(),
		},
		onPlatform("modes.in-production", Production, Deep),
		onPlatform("modes.vercel-preview", VercelPreview, Deep),
		onPlatform("modes.netlify-preview", NetlifyPreview, Deep),
		onPlatform("modes.render-preview", RenderPreview, Deep),
		onPlatform("modes.railway-preview", RailwayPreview, Deep),
		onPlatform("modes.cloudflare-pages", CloudflarePages, Deep),
		onPlatform("modes.build-machine", BuildMachine, Deep),
		onPlatform("modes.under-test", UnderTest, Deep),
		onPlatform("modes.on-laptop", OnLaptop, Deep),
		onPlatform("modes.emulated", Emulated, Deep),
		{
			ID: "modes.west-of-utc", Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Tier: Deep,
			Rests: []string{"receiving.expired"},
			Title: "in a time zone west of UTC, a call that expired is refused",
			Given: Setup{Platform: WestOfUTC}, When: Call{Age: tooOld}, Then: refused(),
		},
		signedIn("modes.west-of-utc-signed", WestOfUTC),
		signedIn("modes.east-of-utc-signed", EastOfUTC),
		{
			ID: "sending.environment-over-platform", Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Interoperability, Tier: Deep,
			Rests: []string{"keys.branch-env"},
			Title: "where a platform names a branch, X-Inngest-Env is still what INNGEST_ENV says",
			Given: Setup{Platform: VercelPreview, Env: "preview-42"}, When: Sync{}, Then: everyAPIRequest("has the X-Inngest-Env of INNGEST_ENV", hasHeader("X-Inngest-Env", "preview-42")),
		},
	}
	return append(cases,
		namesBranch("sending.platform-branch", Everywhere, Default),
		namesBranch("sending.vercel-branch", VercelPreview, Deep),
		namesBranch("sending.netlify-branch", NetlifyPreview, Deep),
		namesBranch("sending.render-branch", RenderPreview, Deep),
		namesBranch("sending.railway-branch", RailwayPreview, Deep),
		namesBranch("sending.cloudflare-branch", CloudflarePages, Deep),
	)
}

func onPlatform(id string, p Platform, tier Tier) Case {
	return Case{
		ID: id, Clause: cite("7", 1), Source: "KEYS 7", Level: Must, Risk: Forgery, Tier: tier,
		Title: string(p) + ", an unsigned call is refused",
		Given: Setup{Platform: p}, When: Call{Unsigned: true}, Then: refused(),
	}
}

// signedIn is a case of a time zone: the time of a signature is in UTC.
func signedIn(id string, zone Platform) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Lockout, Tier: Deep,
		Title: string(zone) + ", a call that was just signed is accepted",
		Given: Setup{Platform: zone}, When: Call{}, Then: accepted(),
	}
}

func namesBranch(id string, p Platform, tier Tier) Case {
	return needing(PlatformEnv, Case{
		ID: id, Clause: cite("3.1", 4), Source: "KEYS 12", Level: Must, Risk: Interoperability, Tier: tier,
		Rests: []string{"keys.branch-env"},
		Title: string(p) + ", the branch is sent as X-Inngest-Env",
		Given: Setup{Platform: p}, When: Sync{}, Then: everyAPIRequest("has the branch as X-Inngest-Env", hasHeader("X-Inngest-Env", Preview)),
	})
}
