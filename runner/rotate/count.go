package rotate

// count counts the requests of every stage and of all stages together.
func (r *Rotation) count(d *drill) {
	if d.stage == after {
		began := ms(d.begins[after])
		r.OldKey.Expected = &began
	}
	for n, s := range stages[:d.stage+1] {
		ended := ms(d.ended)
		if n < d.stage {
			ended = ms(d.begins[n+1])
		}
		r.Stages = append(r.Stages, Stage{
			Number: n, Name: s.name, Holds: s.holds, Server: letter(s.server),
			BeganMS: ms(d.begins[n]), EndedMS: ended, Counts: map[kind]Sum{},
		})
	}
	for _, q := range r.Requests {
		stage := &r.Stages[q.Stage]
		sum := stage.Counts[q.Kind]
		sum.add(q.Outcome)
		stage.Counts[q.Kind] = sum
		stage.Totals.add(q)
		r.Totals.add(q)
		r.OldKey.add(q)
	}
	r.countEarlyEnd()
}

// countEarlyEnd counts the calls with key A that were refused although the
// target still held it. They would be in flight when the server's key changes.
// Where A did not work before that either, or B does not work, the refusals are
// counted there.
func (r *Rotation) countEarlyEnd() {
	if len(r.Stages) <= rotated {
		return
	}
	before := r.Stages[deployed].Counts[kindCall]
	if before.Refused+before.NoResponse+r.Stages[rotated].Totals.AuthenticRefused > 0 {
		return
	}
	for i, q := range r.Requests {
		if q.Stage == rotated && q.Kind == kindOldKey && q.Outcome != outcomeAccepted {
			r.Requests[i].Violation = q.observed()
			r.Stages[rotated].Totals.OldKeyRefused++
			r.Totals.OldKeyRefused++
		}
	}
}

func (s *Sum) add(o outcome) {
	switch o {
	case outcomeAccepted:
		s.Accepted++
	case outcomeRefused:
		s.Refused++
	case outcomeNoResponse:
		s.NoResponse++
	}
}

func (t *Totals) add(q RequestRecord) {
	accepted, retried, refused := q.final()
	t.API += accepted + refused
	t.APIRetried += retried
	t.APIRefused += refused
	switch {
	case q.Kind.authentic():
		t.Authentic++
		if q.Outcome != outcomeAccepted && refused == 0 { // otherwise it failed because of the API
			t.AuthenticRefused++
		}
	case q.Kind.forged():
		countAccepted(q, &t.Forged, &t.ForgedAccepted)
	case q.Kind == kindExpired:
		countAccepted(q, &t.Expired, &t.ExpiredAccepted)
	case q.Stage == after:
		countAccepted(q, &t.OldKey, &t.OldKeyAccepted)
	}
}

func countAccepted(q RequestRecord, all, accepted *int) {
	*all++
	if q.Outcome == outcomeAccepted {
		*accepted++
	}
}

// add looks at every call that key A signed: the authentic ones until the
// server's key changes, then those with the old key.
func (o *OldKeyEnd) add(q RequestRecord) {
	if q.Key != letter(keyA) || q.Kind != kindCall && q.Kind != kindOldKey {
		return
	}
	switch {
	case q.Outcome == outcomeAccepted:
		o.LastAccepted = &q.AtMS
	case q.Outcome != outcomeAccepted && q.Stage == after && o.FirstRefused == nil:
		ended := q.AtMS + q.TookMS
		o.FirstRefused = &ended
	}
}
