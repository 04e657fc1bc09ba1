package sweep

// bisect returns the next version to judge: first the oldest and the newest that
// can be judged, then, for each case, the middle of every gap between two judged
// neighbours that differ. It assumes that nothing changes between equal neighbours.
func bisect(versions []Version, cases []string) (int, bool) {
	if i, more := end(versions, 0, 1); more {
		return i, true
	}
	if i, more := end(versions, len(versions)-1, -1); more {
		return i, true
	}
	for _, id := range cases {
		if i, more := gap(versions, id); more {
			return i, true
		}
	}
	return 0, false
}

// end goes from one end to the first version that was judged; a version on the
// way that was not tried is next.
func end(versions []Version, from, step int) (int, bool) {
	for i := from; i >= 0 && i < len(versions); i += step {
		switch versions[i].State {
		case Skipped:
			return i, true
		case Judged:
			return 0, false
		}
	}
	return 0, false
}

// gap finds two judged neighbours in which a case differs, and the middle one of
// the versions between them that were not tried.
func gap(versions []Version, id string) (int, bool) {
	last := -1
	for i, v := range versions {
		now := kindOf(v.verdict(id))
		if now == unknown {
			continue
		}
		if last >= 0 && kindOf(versions[last].verdict(id)) != now {
			if untried := skipped(versions, last, i); len(untried) > 0 {
				return untried[(len(untried)-1)/2], true
			}
		}
		last = i
	}
	return 0, false
}

func skipped(versions []Version, from, to int) (untried []int) {
	for i := from + 1; i < to; i++ {
		if versions[i].State == Skipped {
			untried = append(untried, i)
		}
	}
	return untried
}
