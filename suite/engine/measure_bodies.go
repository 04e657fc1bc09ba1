package engine

import (
	"bytes"
	"context"
	"slices"

	"github.com/countersign-dev/countersign/suite"
)

// BodyClass is one class of bodies, and the messages that a MAC may cover so that the
// target accepts the body.
type BodyClass struct {
	Class  string     `json:"class"`
	By     suite.Kind `json:"by"` // the kind of request that showed it
	Covers []Covered  `json:"covers"`
}

// Covered is one message that was signed for a body.
type Covered struct {
	Message  string `json:"message"` // [OverRaw] etc., or how a lenient parser interprets the body
	Accepted bool   `json:"accepted"`
	Observed string `json:"observed"`
}

// Malleable is how many different bodies are accepted with one signature.
type Malleable struct {
	Sent   int `json:"sent"` // encodings of one value, including the canonical one
	Passed int `json:"passed"`
}

// The messages that apply to every class.
const (
	OverRaw       = "raw"
	OverCanonical = "canonical"
	OverNothing   = "nothing"
)

// class is a class of bodies: another encoding of the member `"pad":"a"` of a call,
// another encoding of a call, or a complete other body, which is sent in a trust
// probe.
type class struct {
	name    string
	pad     string // replaces "pad":"a"
	form    suite.BodyForm
	before  string // precedes a call
	after   string // follows a call
	whole   *string
	lenient []interpretation // of lenient parsers
	deep    bool             // only in the deep tier
	kills   bool             // not JSON, so a target may crash; only in the deep tier
}

// interpretation is how a lenient parser interprets a class.
type interpretation struct {
	says string
	text string // replaces "pad":"a", or is the complete body
}

const plainPad = `"pad":"a"`

func whole(text string) *string { return &text }

// classes are the classes of bodies, those that may crash a target last.
var classes = []class{
	{name: "canonical", pad: plainPad},
	{name: "white space", form: suite.Respaced},
	{name: "trailing newline", pad: plainPad, after: "\n"},
	{name: "other order of members", form: suite.Reordered},
	{name: "letters as escapes", pad: `"pad":"\u0061"`},
	{name: "&, < and > as escapes", form: suite.ServerEncoded},
	{name: "solidus escaped", pad: `"pad":"\/"`, deep: true},
	{name: "surrogate pair as escapes", pad: `"pad":"\ud83d\ude00"`},
	{name: "1.0", pad: `"pad":1.0`},
	{name: "1e0", pad: `"pad":1e0`, deep: true},
	{name: "-0", pad: `"pad":-0`},
	{name: "integer beyond 2^53", pad: `"pad":9007199254740993`},
	{name: "number beyond double", pad: `"pad":1e400`, lenient: []interpretation{{"as null", `"pad":null`}, {"as the largest double", `"pad":1.7976931348623157e+308`}}},
	{name: "a name twice", pad: `"pad":"a","pad":"b"`, lenient: []interpretation{{"the last counts", `"pad":"b"`}, {"the first counts", plainPad}}},
	{name: "lone surrogate as escape", pad: `"pad":"\ud800"`, lenient: []interpretation{{"as U+FFFD", "\"pad\":\"\uFFFD\""}}},
	{name: "the number 1", whole: whole("1")},
	{name: "a text", whole: whole(`"{}"`), lenient: []interpretation{{"its content", "{}"}}},
	{name: "true", whole: whole("true"), deep: true},
	{name: "an empty array", whole: whole("[]"), deep: true},
	{name: "null", whole: whole("null")},
	{name: "no body", whole: whole(""), lenient: []interpretation{{"as {}", "{}"}, {"as an empty text", `""`}}},
	{name: "invalid UTF-8", pad: "\"pad\":\"\xff\"", kills: true, lenient: []interpretation{{"as U+FFFD", "\"pad\":\"\uFFFD\""}}},
	{name: "byte order mark", pad: plainPad, before: "\uFEFF", kills: true, lenient: []interpretation{{"dropped", plainPad}}},
	{name: "trailing data", pad: plainPad, after: "{}", kills: true, lenient: []interpretation{{"cut off", plainPad}}},
	{name: "not JSON", whole: whole("countersign"), kills: true},
}

// bodyClasses measures the classes of the tier.
func bodyClasses(ctx context.Context, g *measurer) []BodyClass {
	var found []BodyClass
	for _, c := range classes {
		if (c.deep || c.kills) && g.tier != suite.Deep || c.whole != nil && !g.claims(suite.TrustProbe) {
			continue
		}
		found = append(found, c.measure(ctx, g))
	}
	return found
}

func (c class) measure(ctx context.Context, g *measurer) BodyClass {
	b := BodyClass{Class: c.name, By: suite.KindCall}
	if c.whole != nil {
		b.By = suite.KindProbe
	}
	for i := 0; ; i++ {
		scene, up := g.scene(ctx)
		messages := c.messages(scene)
		if i == len(messages) {
			return b
		}
		o := g.unsent(b.By)
		if up {
			l := rawCall(b.By, c.write(scene), signed(scene.Keys.Primary, messages[i].bytes, scene.Timestamp()))
			o = g.deliver(ctx, scene, l.request(scene), b.By)
		}
		b.Covers = append(b.Covers, Covered{messages[i].name, worked(o), g.short(o)})
		if o.Died != "" {
			return b // the other messages would crash it, too
		}
	}
}

// message is what a MAC covers besides the time.
type message struct {
	name  string
	bytes []byte
}

// messages are the distinct messages that the MAC of a class may cover.
func (c class) messages(scene suite.Scene) []message {
	sent := c.write(scene)
	var all []message
	add := func(name string, text []byte) {
		if !slices.ContainsFunc(all, func(m message) bool { return bytes.Equal(m.bytes, text) }) {
			all = append(all, message{name, text})
		}
	}
	if canonical := suite.CanonicalOf(sent); canonical != nil {
		add(OverCanonical, canonical)
	}
	add(OverRaw, sent)
	for _, l := range c.lenient {
		if c.whole != nil {
			add(l.says, []byte(l.text))
		} else {
			add(l.says, class{pad: l.text}.write(scene))
		}
	}
	if c.pad == plainPad && c.before+c.after == "" {
		add(OverNothing, nil)
	}
	return all
}

// write encodes the body of a class.
func (c class) write(scene suite.Scene) []byte {
	if c.whole != nil {
		return []byte(*c.whole)
	}
	body := suite.Make(suite.Call{Body: c.form}, scene).Request.Body
	if c.pad != "" {
		body = bytes.ReplaceAll(body, []byte(plainPad), []byte(c.pad))
	}
	return slices.Concat([]byte(c.before), body, []byte(c.after))
}

// spellings change the encoding of a call but not its value.
var spellings = [][2]string{
	{plainPad, `"pad":"\u0061"`}, {`"version":-1`, `"version":-1.0`}, {`"attempt":0`, `"attempt":-0`},
	{`{"ctx":`, ` {"ctx":`}, {`"steps":{}`, `"steps" : { }`}, {`"version"`, `"versio\u006e"`},
}

// spelled applies the spellings whose bit is set.
func spelled(body []byte, which int) []byte {
	for i, s := range spellings {
		if which&(1<<i) != 0 {
			body = bytes.ReplaceAll(body, []byte(s[0]), []byte(s[1]))
		}
	}
	return body
}

// malleable counts the encodings of one call that are accepted with one signature:
// each spelling alone and all together, or every combination in the deep tier.
func malleable(ctx context.Context, g *measurer) Malleable {
	all := 1<<len(spellings) - 1
	which := []int{0, 1, 2, 4, 8, 16, 32, all}
	if g.tier == suite.Deep {
		which = nil
		for w := range all + 1 {
			which = append(which, w)
		}
	}
	var found Malleable
	first, _ := g.scene(ctx)
	body := suite.Make(suite.Call{}, first).Request.Body
	signature := signed(first.Keys.Primary, body, first.Timestamp())
	for _, w := range which {
		now, up := g.scene(ctx)
		if !up {
			return found
		}
		now.Nonce = first.Nonce
		found.Sent++
		if worked(g.deliver(ctx, now, rawCall(suite.KindCall, spelled(body, w), signature).request(now), suite.KindCall)) {
			found.Passed++
		}
	}
	return found
}
