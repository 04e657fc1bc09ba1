package rotate

// count makes the counts of every stage and of all of them.
func (r *Result) count(d *drill) {
	r.OldKey.Expected = ms(d.begins[after])
	for n, s := range stages {
		ended := ms(d.ended)
		if n < after {
			ended = ms(d.begins[n+1])
		}
		r.Stages = append(r.Stages, Stage{
			Number: n, Name: s.name, Holds: s.holds, Server: letter(s.server),
			BeganMS: ms(d.begins[n]), EndedMS: ended, Counts: map[Kind]Sum{},
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
}

func (s *Sum) add(o Outcome) {
	switch o {
	case Accepted:
		s.Accepted++
	case Refused:
		s.Refused++
	case Unanswered:
		s.Unanswered++
	}
}

func (t *Totals) add(q Request) {
	answered, saved, refused := q.final()
	t.API += answered + refused
	t.APISaved += saved
	t.APIRefused += refused
	switch {
	case q.Kind.authentic():
		t.Authentic++
		if q.Outcome != Accepted && refused == 0 { // otherwise the API is what it failed at
			t.AuthenticRefused++
		}
	case q.Kind.forged():
		t.Forged++
		if q.Outcome == Accepted {
			t.ForgedAccepted++
		}
	case q.Stage == after:
		t.OldKey++
		if q.Outcome == Accepted {
			t.OldKeyAccepted++
		}
	}
}

// add looks at every request that key A signed, whatever it was for: up to the
// turn of the server the authentic ones, then the ones with the old key.
func (o *OldKeyEnd) add(q Request) {
	if q.Key != "A" || q.Kind != Call && q.Kind != OldKey {
		return
	}
	switch {
	case q.Outcome == Accepted:
		o.LastAccepted = &q.AtMS
	case q.Outcome == Refused && q.Stage == after && o.FirstRefused == nil:
		answered := q.AtMS + q.TookMS
		o.FirstRefused = &answered
	}
}
