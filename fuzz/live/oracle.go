package live

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// Answer is what a request is owed.
type Answer string

// The answers. What is unspecified is never scored.
const (
	MustAccept  Answer = "must accept"
	MustRefuse  Answer = "must refuse"
	Unspecified Answer = "unspecified"
)

// Owed is what a request is owed, and why.
type Owed struct {
	Answer Answer
	Level  suite.Level
	Why    string // with the clause or the reading
	shape  asking
	status bool // a refusal shows in the status, too
	forged bool // no one who holds a key made it
}

// asking is what a request asks for, whatever kind it was drawn from.
type asking int

const (
	asksOther asking = iota // a method that no clause speaks of
	asksRun
	asksProbe
	asksIntrospection
	asksSync
	asksInBand
)

// proof is how well a request shows that it is authentic.
type proof int

const (
	forged   proof = iota // under no reading
	arguable              // under some reading
	genuine               // under every reading
)

// The window, with room for slow exchanges at its edges.
const (
	slack     = 5 * time.Second
	sureAge   = 4*time.Minute - slack // SHOULD; a minute is a MUST
	sureAhead = reference.MaxSkew - slack
	widest    = reference.MaxAge + slack // behind and ahead (readings R5, R6)
)

// Judge says what a request is owed by a target in cloud mode.
func Judge(sent Sent, e Exchange, w World) Owed {
	o := Owed{Answer: Unspecified, Level: suite.Must, shape: shapeOf(sent.Request)}
	path, _, _ := strings.Cut(sent.Target, "?")
	onPath := path == w.Path && !sent.Lying
	o.status = onPath && (o.shape == asksRun || o.shape == asksProbe || o.shape == asksInBand)
	keys := keysHeld(e, w)
	found := examine(sent, keys, w.Now)
	switch {
	case found.proof == forged:
		o.Answer, o.Why, o.forged = MustRefuse, found.why, true
	case o.shape == asksOther && sent.Method != "post" && sent.Method != "get":
		o.Answer, o.Why = MustRefuse, "protocol §4: a "+sent.Method+" runs nothing and tells nothing"
	case o.shape == asksRun && onPath && found.proof == genuine && strings.HasSuffix(sent.Target, "?fnId=countersign-nobody&stepId=step"):
		o.Answer, o.Why = MustRefuse, "R12: an unknown function is an error"
	case w.Once && alike[e.Kind]: // it may have been taken before
	case found.proof == genuine && sent.Honest && onPath && asExpected[e.Kind] == o.shape && isCanonical(sent, o.shape):
		o.Answer, o.Why = MustAccept, "SPEC 4.1.3: it is authentic, well-formed and on time"
		if found.should || len(e.Steps) > 0 && slices.ContainsFunc(e.Steps, func(s Step) bool { return s.Op == "framing" || s.Op == "grow" }) {
			o.Level = suite.Should
		}
	}
	return o
}

var asExpected = map[Kind]asking{
	Call: asksRun, RichCall: asksRun, Fetched: asksRun, Stepping: asksRun, Sending: asksRun,
	Probe: asksProbe, Introspect: asksIntrospection, Sync: asksSync, InBandSync: asksInBand,
}

// keysHeld are the keys that the target holds.
func keysHeld(e Exchange, w World) []reference.Key {
	if e.Rotating {
		return []reference.Key{w.Keys.Primary, w.Keys.Fallback}
	}
	return []reference.Key{w.Keys.Primary}
}

func shapeOf(r suite.Request) asking {
	_, query, _ := strings.Cut(r.Target, "?")
	values, _ := url.ParseQuery(query) // what can be read of it
	switch r.Method {
	case http.MethodPost:
		if slices.Contains(values["probe"], "trust") {
			return asksProbe
		}
		return asksRun
	case http.MethodGet:
		return asksIntrospection
	case http.MethodPut:
		kind := strings.Join(valuesOf(r, reference.HeaderSyncKind), ",")
		if kind == "in_band" {
			return asksInBand
		}
		return asksSync
	}
	return asksOther
}

func valuesOf(r suite.Request, name string) (values []string) {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			values = append(values, strings.TrimSpace(strings.ReplaceAll(f.Value, "\r\n", "")))
		}
	}
	return values
}

// isCanonical: the body is as the server writes it (protocol §3).
func isCanonical(sent Sent, asks asking) bool {
	message, ok := signedMessage(sent.Method, sent.Entity)
	if !ok {
		return false
	}
	escaped := swapping(`&`, `\u0026`, `<`, `\u003c`, `>`, `\u003e`)(message)
	return bytes.Equal(message, sent.Entity) || asks == asksInBand && bytes.Equal(escaped, sent.Entity)
}

// finding of an examination.
type examined struct {
	proof  proof
	should bool   // accepting it is a SHOULD only
	why    string // where it is forged
}

// examine looks for a reading under which a request is authentic.
func examine(sent Sent, keys []reference.Key, now time.Time) examined {
	values := valuesOf(sent.Request, reference.HeaderSignature)
	if len(values) == 1 {
		if s, err := reference.ParseSignature(values[0]); err == nil && s.String() == values[0] {
			return examineStrict(sent, s, keys, now)
		}
	}
	values = append(values, valuesOf(sent.Request, strings.ReplaceAll(reference.HeaderSignature, "-", "_"))...)
	if len(values) == 0 {
		return examined{why: "SPEC 4.1.3(3): it is not signed"}
	}
	return examineLeniently(values, messagesOf(sent), keys, now)
}

// examineLeniently looks for a time and a MAC that fit each other and the clock.
// Where they fit each other alone, it is the time that makes the request forged.
func examineLeniently(values []string, messages [][]byte, keys []reference.Key, now time.Time) examined {
	found := examined{why: "SPEC 4.1.3(5): under no reading of its header is its MAC one of this message, time and key"}
	if len(values) > 1 {
		found.why = "R8: no line of the repeated header is a valid signature"
	}
	for _, value := range values {
		for _, pair := range pairsOf(value) {
			if !matches(messages, pair, keys) {
				continue
			}
			if inWidest(pair.number, now) {
				return examined{proof: arguable}
			}
			found.why = pair.number.outside(now)
		}
	}
	return found
}

// outside says why a time is not in the window.
func (n tNumber) outside(now time.Time) string {
	switch {
	case !n.ok:
		return "R9: its t is no whole number, so the number that is compared with the window is not the text that is signed"
	case time.Unix(n.seconds, 0).Before(now):
		return tooOld
	}
	return tooFar
}

const (
	tooOld = "R6, KEYS 3: it is older than five minutes"
	tooFar = "R5: it is more than five minutes ahead"
)

// examineStrict: the header is spelled as the server spells it.
func examineStrict(sent Sent, s reference.Signature, keys []reference.Key, now time.Time) examined {
	p := pair{t: s.T(), mac: s.MAC}
	age := now.Sub(s.Time)
	message, ok := signedMessage(sent.Method, sent.Entity)
	exact := ok && matches([][]byte{message}, p, keys)
	switch {
	case !exact && !matches(messagesOf(sent), p, keys):
		return examined{why: "SPEC 4.1.3(5): its MAC is not one of this message, time and key"}
	case age > widest:
		return examined{why: tooOld}
	case age < -widest:
		return examined{why: tooFar}
	case !exact || age > sureAge || age < -sureAhead:
		return examined{proof: arguable}
	}
	byFallback := !matches([][]byte{message}, p, keys[:1])
	return examined{proof: genuine, should: age > time.Minute || age < 0 || byFallback && sent.Method == http.MethodGet}
}

// signedMessage returns what the MAC of a valid request to a serve endpoint
// covers: nothing for an introspection, else the canonical form of the body. ok is
// false for a request that the server never signs for a serve endpoint (protocol §3).
func signedMessage(method string, body []byte) (message []byte, ok bool) {
	switch {
	case method == http.MethodGet:
		return nil, len(body) == 0
	case method != http.MethodPost && method != http.MethodPut:
		return nil, false
	}
	message, err := reference.Canonicalise(body)
	return message, err == nil
}

// messagesOf are all that a MAC may cover under some reading.
func messagesOf(sent Sent) [][]byte {
	messages := Messages(sent.Entity)
	if !hasBody(sent.Method) {
		messages = append(messages, nil)
	}
	return messages
}

func matches(messages [][]byte, p pair, keys []reference.Key) bool {
	for _, key := range keys {
		for _, message := range messages {
			if reference.Match(key, message, p.t, p.mac) {
				return true
			}
		}
	}
	return false
}
