package fuzz

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/countersign-dev/countersign/reference"
)

// caller is a client with up to two keys and an API whose answers are scripted.
type caller struct {
	scheme          Scheme
	client          *reference.Client
	primary, second keyText
	env             string
	script          map[string]string // by bearer: what the API does with it
	sent            []sending
}

// sending is one request as the API heard it.
type sending struct {
	bearer, method, url, env, body string
	kind                           string // of the content
	named                          bool   // it says which SDK it is of
}

// What the API does besides answering with a status.
const (
	breaksOff   = "breaks off"   // no answer
	breaksLater = "breaks later" // the answer ends in the middle
	answerBody  = "{}"
)

var (
	errBrokenOff = errors.New("the connection broke off")

	apiMoves = []string{"200", "401", "403", "500", "201", "301", "400", "404", "407", "429", "503", breaksOff, breaksLater}
)

// TheClientTriesTheOtherKeyOnceAndOnlyThen: whatever the API answers, in
// whatever order, a call sends the primary key's bearer and, if and only if
// that is refused with 401 or 403, the very same request once more with the
// fallback's. The caller learns the answer, that no key was taken, or what
// broke; and no error shows a key.
func (s Scheme) TheClientTriesTheOtherKeyOnceAndOnlyThen(t *rapid.T) {
	c, keys := &caller{scheme: s, script: map[string]string{}}, reference.Keys{}
	held := rapid.SampledFrom([]string{"both", "primary", "fallback", "none"}).Draw(t, "keys")
	if held == "both" || held == "primary" {
		c.primary = keyText("signkey-prod-" + strings.Repeat("0a", 16))
		keys.Primary = s.key(t, c.primary)
	}
	if held == "both" || held == "fallback" {
		c.second = keyText("signkey-prod-" + strings.Repeat("0b", 16))
		keys.Fallback = s.key(t, c.second)
	}
	c.env = rapid.SampledFrom([]string{"", "branch"}).Draw(t, "environment")
	c.client = reference.NewClient(keys, c.env)
	c.client.Bearer = s.Bearer
	c.client.Do = c.answer
	t.Repeat(map[string]func(*rapid.T){"call": c.call, "script": c.rewrite})
}

// rewrite changes what the API does with one bearer, or with none.
func (c *caller) rewrite(t *rapid.T) {
	bearer := rapid.SampledFrom(c.order()).Draw(t, "bearer")
	other := rapid.Map(rapid.IntRange(200, 599), func(status int) string { return fmt.Sprint(status) })
	c.script[bearer] = rapid.OneOf(rapid.SampledFrom(apiMoves), other).Draw(t, "gets")
}

// order is the bearers that a call may present, in turn (KEYS 10): the primary
// key's, then the fallback's. A key that is alone goes first; where there is none
// the request goes without, as a dev server expects it.
func (c *caller) order() []string {
	primary, second := "Bearer "+c.primary.bearer(), "Bearer "+c.second.bearer()
	switch {
	case c.primary != "" && c.second != "":
		return []string{primary, second}
	case c.primary != "":
		return []string{primary}
	case c.second != "":
		return []string{second}
	}
	return []string{""}
}

func (c *caller) move(bearer string) string {
	if move := c.script[bearer]; move != "" {
		return move
	}
	return "200"
}

// call makes one call and compares all that follows with the rule.
func (c *caller) call(t *rapid.T) {
	method := rapid.SampledFrom([]string{http.MethodPost, http.MethodGet, http.MethodPut}).Draw(t, "method")
	address := "http://api.example" + rapid.SampledFrom([]string{"/fn/register", "/v0/runs/r%2F1/batch", ""}).Draw(t, "path")
	if query := rapid.StringOfN(rapid.RuneFrom([]rune("a&é%")), 0, 4, -1).Draw(t, "query"); query != "" {
		address += "?deployId=" + url.QueryEscape(query)
	}
	body := Document().Draw(t, "body")

	c.sent = nil
	reply, err := c.scheme.Call(c.client, context.Background(), method, address, http.Header{"Content-Type": {"application/json"}}, []byte(body))
	want, outcome := c.owed(sending{method: method, url: address, env: c.env, body: body, kind: "application/json", named: true})
	if !slices.Equal(c.sent, want) {
		t.Fatalf("sent %+v, want %+v", c.sent, want)
	}
	if got := told(reply, err); got != outcome {
		t.Fatalf("the caller is told %q, want %q: %v", got, outcome, err)
	}
	c.showsNoKey(t, err)
}

// owed is the rule: which requests follow, and what the caller is told.
func (c *caller) owed(one sending) (sent []sending, outcome string) {
	for _, one.bearer = range c.order() {
		sent = append(sent, one)
		move := c.move(one.bearer)
		if one.bearer == "" || move != "401" && move != "403" {
			return sent, move
		}
	}
	return sent, "refused"
}

// told is what a caller learns, in the words of the script.
func told(reply reference.APIResponse, err error) string {
	switch {
	case errors.Is(err, errBrokenOff):
		return breaksOff
	case errors.Is(err, io.ErrUnexpectedEOF):
		return breaksLater
	case errors.Is(err, reference.ErrRefused):
		return "refused"
	case err != nil:
		return err.Error()
	case string(reply.Body) != answerBody:
		return fmt.Sprintf("an answer with %q", reply.Body)
	}
	return fmt.Sprint(reply.Status)
}

func (c *caller) showsNoKey(t *rapid.T, err error) {
	shown := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, key := range []keyText{c.primary, c.second} {
		if key != "" && (strings.Contains(shown, key.secret()) || strings.Contains(shown, key.bearer())) {
			t.Fatal("the error shows a key")
		}
	}
}

// answer is the API: it keeps what it hears and does what is scripted.
func (c *caller) answer(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	one := sending{
		strings.Join(r.Header["Authorization"], ", "), r.Method, r.URL.String(), r.Header.Get(envHeader), string(body),
		r.Header.Get("Content-Type"), r.Header.Get(sdkHeader) != "",
	}
	c.sent = append(c.sent, one)
	switch move := c.move(one.bearer); move {
	case breaksOff:
		return nil, errBrokenOff
	case breaksLater:
		broken := io.MultiReader(strings.NewReader("{"), failing{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(broken)}, nil
	default:
		status := 0
		_, _ = fmt.Sscan(move, &status) // the script's other words are statuses
		return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader([]byte(answerBody)))}, nil
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
