package live

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// FindingSchema names the format of finding.json.
const FindingSchema = "urn:countersign:fuzz-finding:1"

// Finding is a violation, shrunk, with what it takes to see it again. There are
// no secrets in it, and no signature that was ever valid.
type Finding struct {
	Schema    string      `json:"schema"`
	Target    string      `json:"target"` // "inngest-js@4.24.0"
	Class     Class       `json:"class"`
	Level     suite.Level `json:"level"`
	Why       string      `json:"why"`  // what is owed, with the clause or the reading
	What      string      `json:"what"` // what was seen instead
	Exchange  Exchange    `json:"exchange"`
	Kinds     []Kind      `json:"alsoOn"` // other kinds of request that show it, too
	Forms     []string    `json:"alsoAs"` // other forms of the same steps that do
	Seed      uint64      `json:"seed"`
	Index     uint64      `json:"index"`
	Neighbour uint64      `json:"neighbour"`
	Honest    Response    `json:"honest"` // the answer to the request without the deviation
	Got       Response    `json:"got"`
	Request   Message     `json:"request"`
}

// Response is an answer, secrets replaced by tokens.
type Response struct {
	Status   int                 `json:"status"`
	Header   map[string][]string `json:"header"`
	Body     string              `json:"body"`
	NoAnswer string              `json:"noAnswer"`
	Runs     int                 `json:"runs"`
}

// Message is a request, secrets and MACs replaced by tokens.
type Message struct {
	Method string        `json:"method"`
	Target string        `json:"target"`
	Header []HeaderField `json:"header"`
	Body   []byte        `json:"body"` // in base64, as it is on the wire
	// Signed: its MAC is the primary key's, of this very body and of its t.
	Signed bool `json:"signed"`
	// Ahead is its t less the time at which it was sent, in seconds.
	Ahead int64 `json:"ahead"`
}

// HeaderField is one field of a header, as it stands on the wire.
type HeaderField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// MACToken stands for a MAC.
const macToken = "{{mac}}"

// bodyLimit is how many bytes of an answer's body a finding holds; cutToken stands
// where it was cut.
const (
	bodyLimit = 64 << 10
	cutToken  = "{{cut}}"
)

func findingOf(t Trial, v Violation, seed uint64, from origin) Finding {
	return Finding{
		Schema: FindingSchema, Class: v.Class, Level: v.Level, Why: v.Why, What: v.What, Exchange: t.Exchange, Kinds: []Kind{}, Forms: []string{},
		Seed: seed, Index: from.Index, Neighbour: from.Neighbour, Got: answerOf(t.Seen), Request: messageOf(t),
	}
}

func answerOf(s Seen) Response {
	header := map[string][]string{}
	for name, values := range s.Header {
		for _, value := range values {
			header[name] = append(header[name], withoutMACs(value))
		}
	}
	body := s.Body
	if len(body) > bodyLimit {
		body = body[:bodyLimit] + cutToken
	}
	return Response{s.Status, header, withoutMACs(body), s.NoAnswer, s.Runs}
}

func messageOf(t Trial) Message {
	sent := t.Sent
	redact := strings.NewReplacer(sent.Signature, macToken, strings.ToUpper(sent.Signature), macToken)
	m := Message{
		Method: sent.Method, Target: macForm.ReplaceAllString(redact.Replace(sent.Target), macToken), Header: []HeaderField{}, Body: sent.Body,
		Signed: t.signed, Ahead: t.ahead,
	}
	if m.Body == nil {
		m.Body = []byte{}
	}
	for _, f := range sent.Header {
		m.Header = append(m.Header, HeaderField{f.Name, withoutMACs(redact.Replace(f.Value))})
	}
	return m
}

// withoutMACs replaces other MACs than the request's own: those of an hour ago,
// or of a captured answer.
func withoutMACs(value string) string {
	before, after, found := strings.Cut(value, "s=")
	if !found {
		return value
	}
	if digits := len(after) - len(strings.TrimLeft(after, "0123456789abcdef")); digits >= 32 && strings.Trim(after[:digits], "0") != "" {
		after = macToken + after[digits:]
	}
	return before + "s=" + withoutMACs(after)
}

// formsOf are the operators and forms of an exchange, in order of their names.
func formsOf(e Exchange) (forms []string) {
	for _, s := range e.Steps {
		forms = append(forms, s.Op+"/"+nearer(s.Form))
	}
	slices.Sort(forms)
	return forms
}

// explains: a violation shows nothing new if another request of the finding's
// kind of deviation was seen to show the same.
func (f Finding) explains(e Exchange, v Violation) bool {
	if f.Class != v.Class {
		return false
	}
	if f.Class == Undetermined { // what comes and goes comes with anything
		return e.Kind == f.Exchange.Kind
	}
	if len(f.Exchange.Steps) == 0 {
		return len(e.Steps) == 0 && e.Kind == f.Exchange.Kind
	}
	if f.Why == v.Why && (oneBehaviour(v) && sameWords(f.What, v.What) || slices.Equal(opsOf(f.Exchange), opsOf(e))) {
		return true
	}
	return f.covers(e)
}

// oneBehaviour: what was seen, or the limit that was passed, says all there is to
// say, whichever request showed it.
func oneBehaviour(v Violation) bool {
	limit := strings.HasPrefix(v.Why, "R5") || strings.HasPrefix(v.Why, "R6")
	return limit || v.Class == Disclosure || v.Class == Crash || v.Class == OutboundMisuse
}

// sameWords compares what was seen but for numbers, and for limits not at all.
func sameWords(a, b string) bool {
	bare := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return -1
			}
			return r
		}, text)
	}
	taken := func(text string) bool {
		return strings.HasPrefix(text, "the function") || strings.HasPrefix(text, "the answer is") || strings.HasPrefix(text, "the answer says")
	}
	return bare(a) == bare(b) || taken(a) && taken(b)
}

// covers: all steps of the finding stand in the exchange.
func (f Finding) covers(e Exchange) bool {
	theirs := formsOf(e)
	for _, form := range formsOf(f.Exchange) {
		if !slices.Contains(theirs, form) {
			return false
		}
	}
	return len(f.Exchange.Steps) > 0
}

func opsOf(e Exchange) (ops []string) {
	for _, s := range e.Steps {
		ops = append(ops, s.Op)
	}
	slices.Sort(ops)
	return ops
}

// also notes another request that shows the same.
func (f *Finding) also(e Exchange) {
	if e.Kind != f.Exchange.Kind && !slices.Contains(f.Kinds, e.Kind) {
		f.Kinds = append(f.Kinds, e.Kind)
		slices.Sort(f.Kinds)
	}
	const most = 20
	forms := strings.Join(formsOf(e), " + ")
	if slices.Equal(opsOf(f.Exchange), opsOf(e)) && forms != strings.Join(formsOf(f.Exchange), " + ") && !slices.Contains(f.Forms, forms) && len(f.Forms) < most {
		f.Forms = append(f.Forms, forms)
		slices.Sort(f.Forms)
	}
}

func (f Finding) compare(other Finding) int {
	return cmp.Or(cmp.Compare(f.Class, other.Class), cmp.Compare(f.Name(), other.Name()))
}

// Name is the name of the finding's folder: equal findings have equal names.
func (f Finding) Name() string {
	sum := sha256.Sum256(fmt.Append(nil, f.Class, formsOf(f.Exchange), f.Exchange.Kind))
	return strings.ReplaceAll(string(f.Class), " ", "-") + "-" + hex.EncodeToString(sum[:4])
}

// ErrFinding says that a text is no finding.
var ErrFinding = errors.New("this is no finding")

// ParseFinding reads finding.json strictly.
func ParseFinding(text []byte) (Finding, error) {
	var f Finding
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return Finding{}, fmt.Errorf("%w: %w", ErrFinding, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Finding{}, fmt.Errorf("%w: something stands behind it", ErrFinding)
	}
	switch {
	case f.Schema != FindingSchema:
		return Finding{}, fmt.Errorf("%w: its schema is %q, not %s", ErrFinding, f.Schema, FindingSchema)
	case !slices.Contains([]Class{FalseAccept, FalseRefuse, Disclosure, Crash, Hang, Slow, OutboundMisuse, Undetermined}, f.Class):
		return Finding{}, fmt.Errorf("%w: there is no class %q", ErrFinding, f.Class)
	}
	if err := f.Exchange.Check(); err != nil {
		return Finding{}, fmt.Errorf("%w: %w", ErrFinding, err)
	}
	return f, nil
}
