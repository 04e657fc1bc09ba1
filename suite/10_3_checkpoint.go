package suite

import "net/http"

// checkpointing: SPEC 10.3 — checkpoints are requests to the API like any other.
func checkpointing() []Case {
	rotating := Setup{Fallback: Present}
	stepping := func(c Case) Case { return needing(Checkpoint, c) }
	return []Case{
		stepping(Case{
			ID: "checkpoint.bearer", Clause: cite("10.3.1", 0), Source: "KEYS 2", Level: Must, Risk: Lockout,
			Title: "a checkpoint is sent with the hashed key as its bearer",
			When:  Call{Function: StepID, Checkpoints: true},
			Then:  everyAPIRequest("is sent with the primary key's bearer", func(a APIRequest) bool { return a.by(Primary) }),
		}),
		stepping(Case{
			ID: "checkpoint.never-the-key", Clause: cite("10.3.1", 0), Source: "KEYS 2", Level: Must, Risk: Disclosure,
			Title: "the key itself is nowhere in a checkpoint",
			Given: rotating, When: Call{Function: StepID, Checkpoints: true}, Then: asksWithoutSecret(),
		}),
		stepping(Case{
			ID: "checkpoint.fallback", Clause: cite("10.3.4", 0), Source: "KEYS 10", Level: Should, Risk: Lockout,
			Title: "a checkpoint that the API refuses is sent again with the fallback key",
			Given: rotating, When: Call{Function: StepID, Checkpoints: true, APIRefuses: Primary}, Then: reachesFallback(),
		}),
		stepping(Case{
			ID: "checkpoint.no-switch", Clause: cite("10.3.4", 0), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Title: "an error of the API does not bring the fallback key out in checkpoints",
			Given: rotating, When: Call{Function: StepID, Checkpoints: true, APIAnswers: http.StatusInternalServerError},
			Then: everyAPIRequest("is sent with the primary key's bearer", func(a APIRequest) bool { return a.by(Primary) }),
		}),
		stepping(Case{
			ID: "checkpoint.both-refused", Clause: cite("10.3.4", 0), Source: "KEYS 10", Level: Must, Risk: Disclosure,
			Title: "when the API refuses both keys, neither is in the answer to the call",
			Given: rotating, When: Call{Function: StepID, Checkpoints: true, APIRefuses: Both}, Then: and(asksWithoutSecret(), responseWithoutKeys()),
		}),
		stepping(Case{
			ID: "checkpoint.unsigned", Clause: cite("10.3.1", 0), Source: "KEYS 1", Level: Must, Risk: Forgery,
			Title: "an unsigned call does not make the SDK checkpoint",
			When:  Call{Function: StepID, Checkpoints: true, Unsigned: true}, Then: refused(),
		}),
	}
}

// reachesFallback: first the primary key's bearer, and at last the fallback's.
// The pair may be repeated (SPEC 10.3.3).
func reachesFallback() Expectation {
	return Expectation{
		Requirement: "the API is asked with the primary key's bearer, and then with the fallback key's",
		Checks: check("reach the fallback key", func(o Observation) bool {
			said := conversations(o)
			return len(said) > 0 && all(said, func(c []APIRequest) bool {
				return len(c) > 1 && c[0].by(Primary) && c[len(c)-1].by(Fallback)
			})
		}),
	}
}
