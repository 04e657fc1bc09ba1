package suite

import "reflect"

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

// ControlOf is the control of a case in a set-up: its stimulus without the fault,
// or a valid call where the response to the stimulus does not show acceptance.
func ControlOf(c Case, s Setup) Stimulus {
	in := c.When.Fields().valid(s).asSent()
	if c.Destructive {
		return Call(Fields{}.valid(s))
	}
	switch c.When.Kind() {
	case KindCall:
		in.Function = ""
		return Call(in)
	case KindProbe:
		return Probe(in)
	case KindIntrospect:
		return Introspect(in)
	case KindInBandSync:
		return InBandSync(in)
	case KindConnect:
		if _, unfit := s.Control(); !unfit {
			return Work{}
		}
	}
	return Call(Fields{}.valid(s))
}

// SameShape is a valid request in the unusual shape of a case: with its header
// fields, host, content type and framing. ok is false where the shape is usual.
func SameShape(c Case, s Setup) (valid Stimulus, ok bool) {
	in := c.When.Fields().valid(s)
	if in.Headers == "" && in.Host == "" && in.ContentType == "" && !in.Chunked {
		return nil, false
	}
	switch c.When.Kind() {
	case KindCall:
		in.Function = ""
		return Call(in), true
	case KindProbe:
		return Probe(in), true
	case KindIntrospect:
		return Introspect(in), true
	case KindSync:
		return Sync(in), true
	case KindInBandSync:
		return InBandSync(in), true
	}
	return nil, false
}

// IsValid reports whether a request is valid in a set-up.
func IsValid(s Stimulus, in Setup) bool { return len(s.Fields().faults(in)) == 0 }

// faults names the fault fields that are set. Signing with a key that the set-up
// is configured with is not a fault.
func (in Fields) faults(s Setup) []string {
	var set []string
	value := reflect.ValueOf(in)
	for i := range value.NumField() {
		name, isFault := value.Type().Field(i).Tag.Lookup("fault")
		if isFault && !value.Field(i).IsZero() && (name != "key" || !s.holds(in.Key)) {
			set = append(set, name)
		}
	}
	return set
}

// valid is the same request without its faults.
func (in Fields) valid(s Setup) Fields {
	value := reflect.ValueOf(&in).Elem()
	for i := range value.NumField() {
		name, isFault := value.Type().Field(i).Tag.Lookup("fault")
		if isFault && (name != "key" || !s.holds(in.Key)) {
			value.Field(i).SetZero()
		}
	}
	if !s.hasPrimary() && s.hasFallback() {
		in.Key = Fallback
	}
	return in
}

// holds reports whether a set-up is configured with a key.
func (s Setup) holds(name KeyName) bool {
	switch name {
	case "", Primary:
		return s.hasPrimary()
	case Fallback:
		return s.hasFallback() && s.Fallback != Repeated
	}
	return false
}

// asSent is the request with the server's own header fields and framing. A target
// may refuse other ones even in a valid request (R31, R32).
func (in Fields) asSent() Fields {
	in.Headers, in.Host, in.ContentType, in.Chunked = "", "", "", false
	in.SameConnection, in.SameRun, in.SameBody = false, false, false
	if !in.Body.isUsual() {
		in.Body = Canonical
	}
	return in
}

// AcceptsValid reports whether a target in the case's set-up has to accept valid
// requests. One without a usable key need not.
func (c Case) AcceptsValid() bool {
	_, controlled := c.Given.Control()
	return !controlled
}
