package suite

import (
	"slices"
	"time"
)

// How many requests come before the one of a case that is about many.
const (
	manyRefusals     = 25
	manyMoreRefusals = 300
)

// inState is SPEC 4.1.3: verification does not depend on what the process received
// before.
func inState() []Case {
	refusals := []Earlier{{Send: Call{Key: UnknownKey}, Times: manyRefusals}}
	return slices.Concat([]Case{
		stated("state.cold-unsigned", "a call without a signature is refused by a process that has received no valid request yet",
			State{Cold: true}, Call{Unsigned: true}),
		stated("state.cold-wrong-key", "a call signed with an unknown key is refused by a process that has received no valid request yet",
			State{Cold: true}, Call{Key: UnknownKey}),
		stated("state.cold-expired", "an expired call is refused by a process that has received no valid request yet",
			State{Cold: true}, Call{Age: tooOld}),
		stated("state.cold-tampered", "a modified call is refused by a process that has received no valid request yet",
			State{Cold: true}, Call{Tamper: InMiddle}),

		stated("state.connection-unsigned", "a call without a signature is refused on a connection that a valid one was sent over",
			after(Call{SameConnection: true}), Call{Unsigned: true, SameConnection: true}),
		stated("state.connection-tampered", "a modified call is refused on a connection that a valid one was sent over",
			after(Call{SameConnection: true}), Call{Tamper: InMiddle, SameConnection: true}),
		stated("state.header-again", "the signature header of an accepted call is refused with another body",
			after(Call{}), Call{Borrowed: true}),
		by(Observer, stated("state.body-again", "the body of an accepted call is refused without a signature",
			after(Call{}), Call{Unsigned: true, SameBody: true})),
		by(Observer, stated("state.run-again", "a call without a signature is refused in a run of which one was accepted",
			after(Call{}), Call{Unsigned: true, SameRun: true})),

		stated("state.after-introspection", "a call without a signature is refused after an authenticated introspection",
			after(Introspect{}), Call{Unsigned: true}),
		stated("state.after-sync", "a call without a signature is refused after a sync",
			after(Sync{}), Call{Unsigned: true}),
		needing(InBand, stated("state.after-in-band-sync", "a call without a signature is refused after an in-band sync",
			after(InBandSync{}), Call{Unsigned: true})),
		stated("state.after-failure", "a call without a signature is refused after a valid one of a function that does not exist",
			after(Call{Function: NobodyID}), Call{Unsigned: true}),
		stated("state.after-unreadable-headers", "a call without a signature is refused after calls whose signature header cannot be read",
			State{After: []Earlier{{Send: Call{Header: "t=x&s=y"}}, {Send: Call{Header: "t={t}"}}, {Send: Call{Header: "s={s}"}}}}, Call{Unsigned: true}),
		stated("state.after-idle", "a call without a signature is refused after a pause",
			State{Idle: 1200 * time.Millisecond}, Call{Unsigned: true}),

		stated("state.after-refusals", "a call without a signature is refused after many refusals",
			State{After: refusals}, Call{Unsigned: true}),
		{
			ID: "state.retry", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Lockout, State: after(Call{}),
			Title: "a second attempt of a run is accepted",
			When:  Call{SameRun: true, Members: "ctx.attempt=1"}, Then: accepted(),
		},
		{
			ID: "state.valid-after-refusals", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Lockout, State: State{After: refusals},
			Title: "a valid call is accepted after many refusals",
			When:  Call{}, Then: accepted(),
		},
		deep(stated("state.after-many-refusals", "a call without a signature is refused after hundreds of refusals",
			State{After: []Earlier{{Send: Call{Key: UnknownKey}, Times: manyMoreRefusals}}}, Call{Unsigned: true})),
		destructive(stated("state.after-odd-bodies", "a call without a signature is refused after calls with bodies that are no calls",
			State{After: odd(NotJSON, Truncated, InvalidUTF8, Nested, Null, List, Scalar)}, Call{Unsigned: true})),
	}, lastOf())
}

// lastOf are the core cases once more, as the last requests of every process.
func lastOf() []Case {
	last := State{Last: true}
	return []Case{
		stated("state.last-unsigned", "a call without a signature is refused among the last requests of every process", last, Call{Unsigned: true}),
		stated("state.last-wrong-key", "a call signed with an unknown key is refused among the last requests of every process", last, Call{Key: UnknownKey}),
		stated("state.last-expired", "an expired call is refused among the last requests of every process", last, Call{Age: tooOld}),
		stated("state.last-tampered", "a modified call is refused among the last requests of every process", last, Call{Tamper: InMiddle}),
	}
}

// besideOthers is SPEC 4.1.3: requests that are in flight at the same time have
// nothing to do with each other.
func besideOthers() []Case {
	return []Case{
		{
			ID: "concurrent.valid", Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Lockout, State: State{Beside: Together},
			Title: "valid calls that are in flight together are all accepted, each with its own result",
			When:  Call{}, Then: and(accepted(), hasOwnNonce()),
		},
		beside("concurrent.unsigned", "calls without a signature are refused among valid ones that are sent at the same time", Together, Call{Unsigned: true}),
		beside("concurrent.tampered", "modified calls are refused among valid ones that are sent at the same time", Together, Call{Tamper: InMiddle}),
		beside("concurrent.unsigned-while-read", "a call without a signature is refused while valid ones are being received", WhileRead, Call{Unsigned: true}),
		beside("concurrent.unsigned-while-served", "a call without a signature is refused if valid ones are served while it is being received", WhileServed, Call{Unsigned: true}),
		beside("concurrent.tampered-while-read", "a modified call is refused while valid ones are being received", WhileRead, Call{Tamper: InMiddle}),
		beside("concurrent.tampered-while-served", "a modified call is refused if valid ones are served while it is being received", WhileServed, Call{Tamper: InMiddle}),
	}
}

// beside is a case in which a request is refused although valid ones are in flight.
func beside(id, title string, company Company, when Call) Case {
	c := stated(id, title, State{Beside: company}, when)
	c.Rests = []string{"concurrent.valid"}
	return c
}

// stated is a case in which a request is refused in a state, too.
func stated(id, title string, state State, when Call) Case {
	return Case{
		ID: id, Clause: cite("4.1.3", 5), Source: "KEYS 1", Level: Must, Risk: Forgery, Title: title, State: state,
		When: when, Then: refused(),
	}
}

// after is the state after one request.
func after(s Stimulus) State { return State{After: []Earlier{{Send: s}}} }

// odd are unsigned calls with such bodies.
func odd(forms ...BodyForm) (all []Earlier) {
	for _, form := range forms {
		all = append(all, Earlier{Send: Call{Unsigned: true, Body: form}})
	}
	return all
}

func by(who Attacker, c Case) Case {
	c.By = who
	return c
}

func deep(c Case) Case {
	c.Tier = Deep
	return c
}

// destructive marks a case that may end its target.
func destructive(c Case) Case {
	c.Destructive, c.Rests = true, append(c.Rests, "survival.not-json")
	return c
}

// hasOwnNonce expects the result of the request's own event.
func hasOwnNonce() Expectation {
	return Expectation{
		Requirement: "the response has the event's own data",
		Checks:      check("respond with the result of its own event", Observation.Echoed),
	}
}
