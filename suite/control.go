package suite

// ControlText says in words what must be seen besides the request itself, so that
// the verdict counts.
func (c Case) ControlText() string {
	_, unfit := c.Given.Control()
	switch {
	case !c.Then.Negative:
		return "none needed: an endpoint that does nothing fails this case"
	case unfit:
		return "the same request must be accepted by a target whose set-up differs only in its key, and this target must respond before and after"
	}
	return "the unmodified request must be accepted right before and right after; otherwise the case is inconclusive"
}
