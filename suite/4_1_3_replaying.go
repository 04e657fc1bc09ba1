package suite

// replaying is SPEC 4.1.3: what lenient parsing of t allows an observer to do who
// has recorded one request (R9). The MAC covers body and t without a separator, so
// an expired message can be split anew and its MAC is still correct. Splits whose
// body is not JSON may crash a target, so they are destructive cases.
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

// resplit is a case in which a recorded, expired message is split anew.
func resplit(id, how string, when Stimulus) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 4), Source: "KEYS 3", Level: Must, Risk: Replay, Ambiguity: "R9",
		Title: "an expired request " + how + ", is refused",
		When:  when, Then: refused(),
	}
}

// noJSON makes a case destructive because its body is not JSON.
func noJSON(c Case) Case {
	c.Destructive, c.Rests = true, append(c.Rests, "survival.not-json")
	return c
}

// probing limits a case to targets with a trust probe.
func probing(c Case) Case { return needing(TrustProbe, c) }
