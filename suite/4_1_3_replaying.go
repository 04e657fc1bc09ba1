package suite

// replaying: SPEC 4.1.3 — what a lenient reading of t opens to someone who has
// recorded one request (R9). Body and t are joined without a mark between them,
// so an expired message can be split anew, and its MAC is still right. Splits
// that leave no JSON may end a target, so they run only where that is allowed.
func replaying() []Case {
	return []Case{
		resplit("replay.fresh-behind", "of a durable endpoint, with t moved to a fresh number behind what is a call", Call{Split: FreshBehind}),
		probing(resplit("replay.probe-fresh-behind", "of a durable endpoint, sent as a trust probe, with t moved to a fresh number in it", Probe{Split: FreshBehind})),
		probing(resplit("replay.probe-fresh-in-number", "of a number, sent as a trust probe, with t moved to a fresh number in it", Probe{Split: FreshInNumber})),
		probing(resplit("replay.probe-empty-t", "sent as a trust probe, with its t moved to the end of the body and t empty", Probe{Split: EmptyTime})),
		probing(resplit("replay.probe-no-t", "sent as a trust probe, with its t moved to the end of the body and no t", Probe{Split: NoTime})),
		noJSON(resplit("replay.fresh-in-event", "with t moved to a fresh number in the event's data", Call{Split: FreshInEvent})),
		noJSON(resplit("replay.empty-t", "with its t moved to the end of the body and t empty", Call{Split: EmptyTime})),
		noJSON(resplit("replay.no-t", "with its t moved to the end of the body and no t", Call{Split: NoTime})),
		noJSON(probing(resplit("replay.probe-fresh-in-event", "sent as a trust probe, with t moved to a fresh number in the event's data", Probe{Split: FreshInEvent}))),
		noJSON(probing(resplit("replay.probe-fresh-in-text", "of a JSON text, sent as a trust probe, with t moved to a fresh number in it", Probe{Split: FreshInText}))),
		noJSON(probing(resplit("replay.probe-fresh-in-array", "of an array, sent as a trust probe, with t moved to a fresh number in it", Probe{Split: FreshInArray}))),
	}
}

// resplit: a recorded request that has expired is refused however it is split.
func resplit(id, how string, when Stimulus) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R9",
		Title: "an expired request " + how + ", is refused",
		When:  when, Then: refused(),
	}
}

// noJSON is a case whose body is no JSON.
func noJSON(c Case) Case {
	c.Destructive, c.Rests = true, append(c.Rests, "survival.not-json")
	return c
}

// probing is a case that applies to targets with a trust probe.
func probing(c Case) Case { return needing(TrustProbe, c) }
