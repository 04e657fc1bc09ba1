package suite

// ControlText says in words what must be seen besides the request itself, so that
// the verdict counts.
func (c Case) ControlText() string {
	_, unfit := c.Given.Control()
	switch {
	case !c.Then.Negative:
		return "none: a target that does nothing does not meet what is owed"
	case unfit:
		return "the same request must be accepted by a target whose set-up differs only in its key, and this target must answer before and after"
	}
	return "the same request without the fault must be accepted just before and just after; otherwise the case is inconclusive"
}
