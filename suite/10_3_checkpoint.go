package suite

import (
	"net/http"
	"slices"
)

// checkpointing is SPEC 10.3: authentication of checkpoints, which are requests to
// the API.
func checkpointing() []Case {
	rotating := Setup{Fallback: Present}
	stepping := func(c Case) Case { return needing(Checkpoint, c) }
	return []Case{
		stepping(Case{
			ID: "checkpoint.sent", Clause: cite("10.3.1", 0), Source: "KEYS 2", Level: Must, Risk: Interoperability,
			Title: "a step is reported to the API as a checkpoint",
			When:  Call{Function: StepID}, Then: checkpoints(),
		}),
		stepping(Case{
			ID: "checkpoint.bearer", Clause: cite("10.3.1", 0), Source: "KEYS 2", Level: Must, Risk: Lockout,
			Rests: []string{"checkpoint.never-the-key"},
			Title: "a checkpoint is sent with the hashed key as bearer token",
			When:  Call{Function: StepID},
			Then:  everyAPIRequest("is sent with the primary key's bearer token", func(a APIRequest) bool { return a.by(Primary) }),
		}),
		stepping(Case{
			ID: "checkpoint.never-the-key", Clause: cite("10.3.1", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "checkpoints never contain the key itself",
			Given: rotating, When: Call{Function: StepID}, Then: sendsNoKey(),
		}),
		stepping(Case{
			ID: "checkpoint.fallback", Clause: cite("10.3.4", 0), Source: "KEYS 10", Level: Should, Risk: Lockout,
			Rests: []string{"checkpoint.bearer"},
			Title: "a checkpoint that the API rejects is retried with the fallback key",
			Given: rotating, When: Call{Function: StepID, APIRefuses: Primary}, Then: reachesFallback(),
		}),
		stepping(Case{
			ID: "checkpoint.no-switch", Clause: cite("10.3.4", 0), Source: "KEYS 10", Level: Must, Risk: Lockout,
			Rests: []string{"checkpoint.bearer"},
			Title: "an API error does not trigger the fallback key in checkpoints",
			Given: rotating, When: Call{Function: StepID, APIResponds: http.StatusInternalServerError},
			Then: everyAPIRequest("is sent with the primary key's bearer token", func(a APIRequest) bool { return a.by(Primary) }),
		}),
		stepping(Case{
			ID: "checkpoint.both-refused", Clause: cite("10.3.4", 0), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Rests: []string{"checkpoint.fallback"},
			Title: "if the API rejects both keys, the response to the call contains neither",
			Given: rotating, When: Call{Function: StepID, APIRefuses: Both}, Then: and(sendsNoKey(), responseWithoutKeys()),
		}),
		stepping(Case{
			ID: "checkpoint.unsigned", Clause: cite("10.3.1", 0), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call does not cause a checkpoint",
			When:  Call{Function: StepID, Unsigned: true}, Then: refused(),
		}),
	}
}

// checkpoints expects a checkpoint, with any bearer token.
func checkpoints() Expectation {
	return Expectation{
		Requirement: "the API receives a checkpoint",
		Checks: check("send a checkpoint", func(o Observation) bool {
			return slices.ContainsFunc(o.APIRequests, APIRequest.Checkpoints)
		}),
	}
}

// reachesFallback expects the primary key's bearer token first and the fallback
// key's last. The SDK may repeat both (SPEC 10.3.3).
func reachesFallback() Expectation {
	return Expectation{
		Requirement: "the API is contacted with the primary key's bearer token, and then with the fallback key's",
		Checks: check("reach the fallback key", func(o Observation) bool {
			requests := apiRequests(o)
			return len(requests) > 0 && all(requests, func(attempts []APIRequest) bool {
				return len(attempts) > 1 && attempts[0].by(Primary) && attempts[len(attempts)-1].by(Fallback)
			})
		}),
	}
}
