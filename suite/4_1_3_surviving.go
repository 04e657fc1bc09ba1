package suite

// surviving is SPEC 4.1.3: an unauthenticated request must not stop the endpoint.
// These cases may crash their target, so all are destructive.
func surviving() []Case {
	return []Case{
		survives("survival.not-json", Call{Unsigned: true, Body: NotJSON}),
		survives("survival.breaks-off", Call{Unsigned: true, Body: Truncated}),
		survives("survival.trailing-data", Call{Unsigned: true, Body: Trailing}),
		survives("survival.invalid-utf8", Call{Unsigned: true, Body: InvalidUTF8}),
		survives("survival.byte-order-mark", Call{Unsigned: true, Body: ByteOrderMark}),
		survives("survival.lone-surrogate", Call{Unsigned: true, Body: LoneSurrogate}),
		survives("survival.huge-number", Call{Unsigned: true, Body: HugeNumber}),
		survives("survival.nested", Call{Unsigned: true, Body: Nested}),
		survives("survival.duplicate-names", Call{Unsigned: true, Body: DuplicateNames}),
		survives("survival.null", Call{Unsigned: true, Body: Null}),
		survives("survival.scalar", Call{Unsigned: true, Body: Scalar}),
		survives("survival.list", Call{Unsigned: true, Body: List}),
		survives("survival.prototype", Call{Unsigned: true, Body: Prototype}),
		survives("survival.no-body", Call{Unsigned: true, Bodiless: true}),
		survives("survival.compressed", Call{Unsigned: true, Gzipped: true}),
		survives("survival.sync-not-json", InBandSync{Unsigned: true, Body: NotJSON}),
		survives("survival.sync-out-of-band-not-json", Sync{Unsigned: true, Body: NotJSON}),
		survives("survival.header-percent", Call{Header: "t=%zz&s=%e0%a4%a"}),
		survives("survival.header-very-long", Call{Header: "t={t:nines}&s={filler}"}),
		survives("survival.host-with-blank", Introspect{Unsigned: true, Host: "a b"}),
		survives("survival.host-empty-port", Introspect{Unsigned: true, Host: "127.0.0.1:port"}),
		survives("survival.forwarded-proto", Introspect{Unsigned: true, Headers: "X-Forwarded-Proto: ://"}),
		survives("survival.forwarded-host", Introspect{Unsigned: true, Headers: "X-Forwarded-Host: [::"}),
		survives("survival.query-percent", Call{Unsigned: true, Function: "%zz%"}),
		survives("survival.query-prototype", Call{Unsigned: true, Function: "__proto__"}),
	}
}

// survives is a case in which a valid call right after the stimulus is accepted, as
// it was before.
func survives(id string, stimulus Stimulus) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 0), Source: "KEYS 1", Level: Must, Risk: Availability, Destructive: true,
		Title: Describe(stimulus) + " does not stop the endpoint",
		When:  stimulus, Then: keepsServing(),
	}
}

// keepsServing expects that nothing runs and that the target does not exit. The
// control after the request shows that it still responds in time.
func keepsServing() Expectation {
	return Expectation{
		Requirement: "nothing runs, and a valid call right after it is served",
		Negative:    true,
		Serving:     true,
		Checks:      check("keep serving", func(o Observation) bool { return o.Died == "" && o.Runs == 0 }),
	}
}
