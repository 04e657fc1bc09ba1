package suite

// NeedsAPI reports whether a case can be judged only where a stand-in API hears
// what the target sends.
func (c Case) NeedsAPI() bool {
	in := c.When.parts()
	return in.UseAPI || in.scripts() || c.When.kind() == KindSync
}

// SignsWith names the key that signs the case's request.
func (c Case) SignsWith() KeyName { return signer(c.When) }

// Sends reports whether the case's request has a method.
func (c Case) Sends(method string) bool {
	return c.When.parts().method(c.When.kind()) == method
}

// Unseen says why a case cannot be judged by one who sees this much of a target;
// empty where it can.
func (c Case) Unseen(s Sight) string {
	if s == Inside {
		return ""
	}
	in, isCall := c.When.parts(), c.When.kind() == KindCall
	switch {
	case c.NeedsAPI():
		return "it needs a stand-in for Inngest's API"
	case isCall && (in.Function != "" || in.Body != Canonical):
		return "it needs a function that may run"
	case in.Gzipped:
		return "its body may end the endpoint, which is not the runner's to start again"
	case isCall && s == ByIntrospection && in.needsBody():
		return "it needs a request with a body, and acceptance shows only in a signed GET"
	}
	return ""
}

// needsBody: without a body there is nothing to tamper with or to send in an odd
// way, and a MAC over the time alone, or over any part of nothing, is the right one.
func (in inbound) needsBody() bool {
	switch in.Over {
	case NoMessage, FirstHalf, TimeFirst, RawBytes:
		return true
	}
	return in.Tamper != "" || in.Bodiless || in.Chunked || in.ContentType != ""
}

// Redact replaces every key of the ring, and every hash of one, by a token.
func (k Keyring) Redact(text string) string { return newRedactor(k).text(text) }
