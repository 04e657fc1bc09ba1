package zoo

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/countersign-dev/countersign/reference"
)

// parsers are the mutants with two parsers that disagree: one for what is verified,
// and one for what runs.
func parsers() []Mutant {
	inQuery := func(name string) func(*reference.Context) []byte {
		return func(c *reference.Context) []byte { return []byte(c.Request.URL.Query().Get(name)) }
	}
	return []Mutant{
		readTwice("first-member-signed", "bodies.second-event",
			"of two members with one name the first is verified and the last one runs",
			reading{keepFirst: true}, reading{}),
		readTwice("last-member-signed", "bodies.second-event",
			"of two members with one name the last one is verified and the first runs",
			reading{}, reading{keepFirst: true}),
		readTwice("inner-duplicates-differ", "bodies.second-data",
			"duplicate names are refused in a body and in an event; in the event's data the first is verified and the last one runs",
			reading{keepFirst: true, from: 3}, reading{from: 3}),
		readTwice("names-end-at-nul", "bodies.second-event",
			"names end at a NUL when a call runs, and those with a NUL are ignored when it is verified",
			reading{rename: dropping(func(name string) bool { return strings.Contains(name, "\x00") })},
			reading{rename: func(name string) string { name, _, _ = strings.Cut(name, "\x00"); return name }}),
		readTwice("other-case-ignored", "bodies.second-event",
			"names are read in any case when a call runs, and those in another case are ignored when it is verified",
			reading{rename: dropping(func(name string) bool { return name != strings.ToLower(name) })},
			reading{rename: strings.ToLower}),
		readTwice("wrapper-not-covered", "bodies.second-event",
			"a call in a member named payload runs, and that member is not part of what is verified",
			reading{rename: dropping(func(name string) bool { return name == "body" || name == "payload" })},
			reading{member: "payload"}),
		rereading("first-document-signed", "bodies.second-call",
			"of two JSON documents in a body the first is verified, and the last one runs",
			func(c *reference.Context) []byte { return documents(c.Body)[0] },
			func(c *reference.Context) []byte { all := documents(c.Body); return all[len(all)-1] }),
		rereading("last-document-signed", "bodies.second-call",
			"of two JSON documents in a body the last one is verified, and the first runs",
			func(c *reference.Context) []byte { all := documents(c.Body); return all[len(all)-1] },
			func(c *reference.Context) []byte { return documents(c.Body)[0] }),
		rereading("query-overrides-event", "bodies.in-query",
			"an event in the query replaces the one in the body",
			func(c *reference.Context) []byte { return c.Body }, inEvent(inQuery("event"))),
		rereading("query-in-place-of-body", "bodies.in-query",
			"a call without a body is read from the query, which no signature covers",
			func(c *reference.Context) []byte { return c.Body }, inQuery("payload")),
		failsOpen("nan-fails-open", "bodies.ill-formed-mac-of-nothing", "NaN, which only one of two parsers accepts,",
			func(body []byte) []byte { return bytes.ReplaceAll(body, []byte("NaN"), []byte("0")) }),
		failsOpen("comments-fail-open", "bodies.ill-formed-mac-of-nothing", "a comment, which only one of two parsers accepts,",
			func(body []byte) []byte { return bytes.Replace(body, []byte("/* */"), nil, 1) }),
		failsOpen("byte-order-mark-fails-open", "bodies.ill-formed-mac-of-nothing", "a byte order mark",
			func(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }),
		failsOpen("nul-fails-open", "bodies.ill-formed-mac-of-nothing", "a NUL behind it",
			func(body []byte) []byte { return bytes.TrimSuffix(body, []byte("\x00")) }),
		failsOpen("utf-16-fails-open", "bodies.ill-formed-mac-of-nothing", "another encoding than UTF-8",
			func(body []byte) []byte { return fromUTF16(body) }),
		failsOpen("arrays-fail-open", "bodies.mac-of-nothing", "an array around it",
			func(body []byte) []byte { return bytes.TrimSuffix(bytes.TrimPrefix(body, []byte("[")), []byte("]")) }),
		failsOpen("blank-fails-open", "bodies.ill-formed-mac-of-nothing", "nothing but white space",
			func(body []byte) []byte {
				if len(body) > 0 && len(bytes.TrimSpace(body)) == 0 {
					return []byte("{}")
				}
				return body
			}),
		leaves("canonicaliser-leaves-null", "null", "a body without a canonical form is verified as null"),
		leaves("canonicaliser-leaves-object", "{}", "a body without a canonical form is verified as an empty object"),
		{
			Name: "object-as-text", Part: Bodies, Kills: "bodies.mac-of-remains",
			Defect: "the parsed body is turned into a text before the MAC, which is [object Object] for every body",
			Break: alsoMatch(func(k reference.Key, _ []byte, t string) []byte {
				sum := k.MAC([]byte("[object Object]"), t)
				return sum[:]
			}),
		},
	}
}

// reading is how one parser reads a body with unusual members.
type reading struct {
	keepFirst bool                // of two members with one name; otherwise the last
	from      int                 // duplicates below this depth are left as they are
	rename    func(string) string // an empty name drops the member
	member    string              // the call is in this member, if there is one
}

// readTwice makes a mutant that verifies one reading of a call and runs another.
func readTwice(name, kills, defect string, signed, runs reading) Mutant {
	return rereading(name, kills, defect,
		func(c *reference.Context) []byte { return signed.read(c.Body) },
		func(c *reference.Context) []byte { return runs.read(c.Body) })
}

// rereading makes a mutant that verifies one message and then runs another call,
// where the usual verification fails or the request holds another call.
func rereading(name, kills, defect string, signed, runs func(*reference.Context) []byte) Mutant {
	return Mutant{
		Name: name, Part: Bodies, Kills: kills, Defect: defect,
		Break: func(e *reference.Endpoint) {
			e.Verify = func(c *reference.Context) (reference.MatchedKey, error) {
				s, t, err := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
				if err != nil || !isCall(c.Request) || c.CheckWindow(s.Time, c.Now()) != nil || c.Keys.Primary.IsZero() {
					return c.Check()
				}
				message, other := signed(c), runs(c)
				if canonical, err := reference.Canonicalise(message); err == nil {
					message = canonical
				}
				if !json.Valid(other) || bytes.Equal(other, message) || !c.Match(c.Keys.Primary, message, t, s.MAC) {
					return c.Check()
				}
				c.Body = other
				return reference.Primary, nil
			}
		},
	}
}

// failsOpen makes a mutant that verifies calls as empty ones, if they can be read
// only in one way.
func failsOpen(name, kills, what string, read func(body []byte) []byte) Mutant {
	m := rereading(name, kills, "a body with "+what+" is verified as an empty one", nil, nil)
	m.Break = rereading("", "", "",
		func(c *reference.Context) []byte {
			if bytes.Equal(read(c.Body), c.Body) {
				return c.Body
			}
			return nil
		},
		func(c *reference.Context) []byte { return read(c.Body) }).Break
	return m
}

// leaves makes a mutant whose canonicaliser returns a text when it fails.
func leaves(name, text, defect string) Mutant {
	return Mutant{
		Name: name, Part: Bodies, Kills: "bodies.mac-of-remains", Defect: defect,
		Break: forgiveWhich(reference.ErrMismatch, func(c *reference.Context) bool {
			_, err := reference.Canonicalise(c.Body)
			s, t, malformed := c.ParseHeaders(c.Request.Header.Values(reference.HeaderSignature))
			return err != nil && malformed == nil && isCall(c.Request) && c.Match(c.Keys.Primary, []byte(text), t, s.MAC)
		}),
	}
}

// read parses a body and encodes what was read.
func (r reading) read(body []byte) []byte {
	value, err := r.value(json.NewDecoder(bytes.NewReader(body)), 0)
	if err != nil {
		return body
	}
	if call, is := value.(map[string]any); is && r.member != "" && call[r.member] != nil {
		value = call[r.member]
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return body
	}
	return encoded
}

func (r reading) value(tokens *json.Decoder, depth int) (any, error) {
	tokens.UseNumber()
	token, err := tokens.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for tokens.More() {
			item, err := r.value(tokens, depth)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err := tokens.Token()
		return list, err
	case json.Delim('{'):
		return r.object(tokens, depth+1)
	}
	return token, nil
}

func (r reading) object(tokens *json.Decoder, depth int) (any, error) {
	members := map[string]any{}
	for tokens.More() {
		token, err := tokens.Token()
		if err != nil {
			return nil, err
		}
		value, err := r.value(tokens, depth)
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if r.rename != nil {
			name = r.rename(name)
		}
		_, twice := members[name]
		switch {
		case name == "":
		case twice && depth < r.from:
			return nil, io.ErrUnexpectedEOF
		case !twice || !r.keepFirst:
			members[name] = value
		}
	}
	_, err := tokens.Token()
	return members, err
}

// dropping renames members to nothing if a condition holds.
func dropping(when func(name string) bool) func(string) string {
	return func(name string) string {
		if when(name) {
			return ""
		}
		return name
	}
}

// documents splits a body that may hold several JSON documents.
func documents(body []byte) [][]byte {
	var all [][]byte
	for decoder := json.NewDecoder(bytes.NewReader(body)); ; {
		var one json.RawMessage
		if decoder.Decode(&one) != nil {
			break
		}
		all = append(all, slices.Clone(one))
	}
	if len(all) == 0 {
		return [][]byte{body}
	}
	return all
}

// inEvent makes a call of an event.
func inEvent(event func(*reference.Context) []byte) func(*reference.Context) []byte {
	return func(c *reference.Context) []byte { return []byte(`{"event":` + string(event(c)) + `}`) }
}

// fromUTF16 decodes a body with a little-endian byte order mark.
func fromUTF16(body []byte) []byte {
	encoded, is := bytes.CutPrefix(body, []byte{0xff, 0xfe})
	if !is {
		return body
	}
	units := make([]uint16, len(encoded)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(encoded[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}
