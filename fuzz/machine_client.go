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

// caller is a client with up to two keys and an API whose responses are scripted.
type caller struct {
	scheme          Scheme
	client          *reference.Client
	primary, second keyText
	env             string
	script          map[string]string // by bearer: what the API does with it
	sent            []apiRequest
}

// apiRequest is one request as the API received it.
type apiRequest struct {
	bearer, method, url, env, body string
	kind                           string // of the content
	named                          bool   // it names the SDK
}

// What the API does besides responding with a status.
const (
	breaksOff    = "breaks off"   // no response
	breaksLater  = "breaks later" // the response ends in the middle
	responseBody = "{}"
)

var (
	errBrokenOff = errors.New("the connection broke off")

	apiBehaviours = []string{"200", "401", "403", "500", "201", "301", "400", "404", "407", "429", "503", breaksOff, breaksLater}
)

// TheClientTriesTheOtherKeyOnceAndOnlyThen: whatever the API responds, in
// whatever order, a call sends the primary key's bearer and, if and only if
// that is refused with 401 or 403, the very same request once more with the
// fallback's. The caller gets the response, an error that no key was accepted, or
// what broke; and no error contains a key.
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
	c.client.Do = c.respond
	t.Repeat(map[string]func(*rapid.T){"call": c.call, "script": c.rewrite})
}

// rewrite changes what the API does with one bearer, or with none.
func (c *caller) rewrite(t *rapid.T) {
	bearer := rapid.SampledFrom(c.order()).Draw(t, "bearer")
	other := rapid.Map(rapid.IntRange(200, 599), func(status int) string { return fmt.Sprint(status) })
	c.script[bearer] = rapid.OneOf(rapid.SampledFrom(apiBehaviours), other).Draw(t, "gets")
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

func (c *caller) behaviour(bearer string) string {
	if does := c.script[bearer]; does != "" {
		return does
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
	want, outcome := c.expected(apiRequest{method: method, url: address, env: c.env, body: body, kind: "application/json", named: true})
	if !slices.Equal(c.sent, want) {
		t.Fatalf("sent %+v, want %+v", c.sent, want)
	}
	if got := outcomeOf(reply, err); got != outcome {
		t.Fatalf("the caller gets %q, want %q: %v", got, outcome, err)
	}
	c.showsNoKey(t, err)
}

// expected is the rule: which requests follow, and what the caller gets.
func (c *caller) expected(one apiRequest) (sent []apiRequest, outcome string) {
	for _, one.bearer = range c.order() {
		sent = append(sent, one)
		does := c.behaviour(one.bearer)
		if one.bearer == "" || does != "401" && does != "403" {
			return sent, does
		}
	}
	return sent, "refused"
}

// outcomeOf is what a caller gets, in the words of the script.
func outcomeOf(reply reference.APIResponse, err error) string {
	switch {
	case errors.Is(err, errBrokenOff):
		return breaksOff
	case errors.Is(err, io.ErrUnexpectedEOF):
		return breaksLater
	case errors.Is(err, reference.ErrRefused):
		return "refused"
	case err != nil:
		return err.Error()
	case string(reply.Body) != responseBody:
		return fmt.Sprintf("a response with %q", reply.Body)
	}
	return fmt.Sprint(reply.Status)
}

func (c *caller) showsNoKey(t *rapid.T, err error) {
	shown := fmt.Sprintf("%v %+v %#v", err, err, err)
	for _, key := range []keyText{c.primary, c.second} {
		if key != "" && (strings.Contains(shown, key.secret()) || strings.Contains(shown, key.bearer())) {
			t.Fatal("the error contains a key")
		}
	}
}

// respond is the API: it records each request and does what is scripted.
func (c *caller) respond(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	one := apiRequest{
		strings.Join(r.Header["Authorization"], ", "), r.Method, r.URL.String(), r.Header.Get(envHeader), string(body),
		r.Header.Get("Content-Type"), r.Header.Get(sdkHeader) != "",
	}
	c.sent = append(c.sent, one)
	switch does := c.behaviour(one.bearer); does {
	case breaksOff:
		return nil, errBrokenOff
	case breaksLater:
		broken := io.MultiReader(strings.NewReader("{"), failing{io.ErrUnexpectedEOF})
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(broken)}, nil
	default:
		status := 0
		_, _ = fmt.Sscan(does, &status) // the script's other words are statuses
		return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader([]byte(responseBody)))}, nil
	}
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
