package suite

// ControlText describes the control of the case: what else must be observed for
// the verdict to count.
func (c Case) ControlText() string {
	switch {
	case !c.Then.Negative:
		return "none needed: an endpoint that does nothing fails this case"
	case !c.AcceptsValid():
		return "the same request must be accepted by a target whose set-up differs only in its key, and this target must respond before and after"
	}
	return "the unmodified request must be accepted right before and right after; otherwise the case is inconclusive"
}
