package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/vectors"
)

var bearerFlags = map[string]vectors.Flag{
	"Normal":      {About: "the API accepts the primary key"},
	"Fallback":    {About: "the API refuses the primary key", Bug: "there is no second attempt, or it has another method, path, query or body, or it contains the key itself"},
	"BothRefused": {About: "the API refuses both keys", Bug: "endless attempts, or an error that is not reported"},
	"NoSwitch":    {About: "a status that is unrelated to the key", Bug: "the fallback key is sent after any error"},
	"NoFallback":  {About: "no fallback key", Bug: "the same bearer is sent again, or an empty bearer, or the hash of nothing"},
	"NoAnswer":    {About: "no response", Bug: "a failed connection counts as a refusal"},
	"KeyForm":     {About: "an unusual key", Bug: "a bearer without its prefix, or the hash of the wrong bytes"},
	"Redirect":    {About: "the API responds with a redirect", Bug: "the bearer is sent to another origin"},
}

// The requests of an SDK to the API.
var (
	register   = vectors.APICall{Method: http.MethodPost, Path: "/fn/register", Query: "deployId=" + nonce, Body: `{"appName":"countersign","functions":[]}`}
	batch      = vectors.APICall{Method: http.MethodGet, Path: "/v0/runs/" + nonce + "/batch"}
	actions    = vectors.APICall{Method: http.MethodGet, Path: "/v0/runs/" + nonce + "/actions"}
	checkpoint = vectors.APICall{Method: http.MethodPost, Path: "/v1/checkpoint", Body: `{"run_id":"` + nonce + `"}`}
	connect    = vectors.APICall{Method: http.MethodPost, Path: "/v0/connect/start", Body: "bytes"}
)

// bearerFallback generates bearer-fallback.json.
func bearerFallback() (output, error) {
	l := newFileBuilder[vectors.BearerFallback]("requests to the API, by keys and by the API's responses: exactly what is sent, in order, and the result for the caller", bearerFlags)
	a, b := keyring.Primary, keyring.Fallback
	both, one := keysFrom(a.Text(), b.Text()), keysFrom(a.Text())
	const refusal = "Authentication failed"
	responsesTo := func(prefix string, statuses ...int) []vectors.APIResponse {
		list := []vectors.APIResponse{}
		for i, status := range statuses {
			bearer := mustKey(prefix + []reference.Key{a, b}[i].Secret()).Bearer()
			response := vectors.APIResponse{Bearer: &bearer, Status: status}
			if status == http.StatusUnauthorized {
				response.Body = refusal
			}
			list = append(list, response)
		}
		return list
	}
	responses := func(statuses ...int) []vectors.APIResponse { return responsesTo("signkey-prod-", statuses...) }
	const branchPrefix = "signkey-branch-"
	branches := keysFrom(branchPrefix+a.Secret(), branchPrefix+b.Secret())
	add := func(c vectors.Common, keys vectors.Keys, env string, call vectors.APICall, responses []vectors.APIResponse) {
		c.ID = "bearer." + c.ID
		if c.Control != "" {
			c.Control = "bearer." + c.Control
		}
		v := vectors.BearerFallback{Common: c, Keys: keys, Env: env, Request: call, Responses: responses}
		result, err := exchange(&v)
		if err != nil {
			l.fail("%s: %w", c.ID, err)
		}
		v.Result, v.Reference = scored(c, result)
		l.add(v)
	}

	for _, op := range []struct {
		name, section string
		item          int
		call          vectors.APICall
	}{
		{"register", "4.3.2", 3, register}, {"batch", "4.4.2", 0, batch}, {"actions", "4.4.2", 0, actions},
		{"checkpoint", "3.1", 3, checkpoint}, {"connect", "3.1", 3, connect},
	} {
		add(about(op.name, op.section, op.item, must, lockout, "the API accepts the primary key", "Normal"), both, "", op.call, responses(200, 401))
		add(about(op.name+".fallback", "3.1", 3, must, lockout, "refused with 401: the same request once more with the fallback's bearer", "Fallback"),
			both, "", op.call, responses(401, 200))
		c := about(op.name+".both-refused", "3.1", 3, must, lockout, "both refused with 401: two requests, and an error", "BothRefused")
		add(withControl(c, op.name+".fallback", "responses"), both, "", op.call, responses(401, 401))
		c = about(op.name+".no-fallback", "3.1", 3, must, disclosure, "refused, without a fallback key: one request", "NoFallback")
		add(withControl(c, op.name+".fallback", "keys"), one, "", op.call, responses(401, 200))
	}
	add(ambiguous("R16", about("register.forbidden", "3.1", 3, should, lockout, "403 is a refusal", "Fallback")), both, "", register, responses(403, 200))
	add(ambiguous("R16", about("batch.forbidden", "3.1", 3, should, lockout, "403 is a refusal", "Fallback")), both, "", batch, responses(403, 200))
	c := about("register.refused-then-forbidden", "3.1", 3, should, lockout, "401, then 403: both keys are refused", "BothRefused")
	add(ambiguous("R16", withControl(c, "register.fallback", "responses")), both, "", register, responses(401, 403))
	for _, status := range []int{400, 402, 404, 407, 408, 409, 422, 429, 500, 502, 503, 504} {
		c := about(fmt.Sprintf("register.status-%d", status), "3.1", 3, must, disclosure, http.StatusText(status)+" does not switch keys", "NoSwitch")
		add(c, both, "", register, responses(status, 200))
	}
	for _, status := range []int{404, 429, 500} {
		c := about(fmt.Sprintf("batch.status-%d", status), "3.1", 3, must, disclosure, http.StatusText(status)+" does not switch keys in a read", "NoSwitch")
		add(c, both, "", batch, responses(status, 200))
	}
	for _, status := range []int{201, 204} {
		add(about(fmt.Sprintf("register.status-%d", status), "3.1", 3, must, disclosure, "another success is not a refusal", "NoSwitch"), both, "", register, responses(status, 200))
	}
	for _, status := range []int{302, 307} {
		add(about(fmt.Sprintf("register.status-%d", status), "4.1.4", 2, must, disclosure, "a redirect is not followed with the bearer", "Redirect"), both, "", register, responses(status, 200))
	}
	add(about("register.fallback-fails", "3.1", 3, must, lockout, "refused, then 500: the 500 is the result", "Fallback"), both, "", register, responses(401, 500))
	c = about("register.no-answer", "3.1", 3, must, disclosure, "a connection error does not switch keys", "NoAnswer")
	add(withControl(c, "register", "responses"), both, "", register, responses(0, 401))
	c = about("register.fallback-no-answer", "3.1", 3, must, lockout, "refused, then no response: two requests, and an error", "NoAnswer")
	add(withControl(c, "register.fallback", "responses"), both, "", register, responses(401, 0))
	for _, absent := range []struct{ name, text string }{{"empty", ""}, {"blank", " "}, {"prefix-only", "signkey-prod-"}} {
		c := about("register.fallback-"+absent.name, "3.1", 3, must, disclosure, "a fallback without a key is never sent", "NoFallback")
		add(withControl(c, "register.fallback", "keys"), keysFrom(a.Text(), absent.text), "", register, responses(401, 200))
	}

	add(about("register.branch", "3.1", 4, must, interoperability, "a branch key, with the branch in X-Inngest-Env", "KeyForm"), branches, "preview-42", register,
		responsesTo(branchPrefix, 200, 401))
	add(about("register.branch-fallback", "3.1", 4, must, interoperability, "the second request has the branch, too", "KeyForm"), branches, "preview-42", register,
		responsesTo(branchPrefix, 401, 200))
	add(ambiguous("R24", about("register.bare", "4.1.4", 2, should, lockout, "keys without a prefix have bearers without a prefix", "KeyForm")), keysFrom(a.Secret(), b.Secret()), "", register,
		responsesTo("", 401, 200))
	add(ambiguous("R18", about("register.padded", "4.1.4", 2, should, lockout, "white space around a key is not part of the bearer", "KeyForm")), keysFrom(" "+a.Text()+"\n"), "", register, responses(200))
	add(ambiguous("R17", about("register.only-fallback", "3.1", 3, may, lockout, "only a fallback key is set", "NoFallback")), vectors.Keys{Fallback: both.Fallback}, "", register, responses(401, 200))
	add(about("register.fallback-repeats-primary", "3.1", 3, may, lockout, "a fallback equal to the primary key: whether the refused bearer is sent again", "NoFallback"),
		keysFrom(a.Text(), a.Text()), "", register, responses(401))
	add(about("register.keyless", "4.2.2", 0, should, interoperability, "without a key, as with a dev server, no bearer is sent", "NoFallback"), vectors.Keys{}, "", register,
		[]vectors.APIResponse{{Bearer: nil, Status: 200}})
	return l.done()
}

func keysFrom(texts ...string) vectors.Keys {
	keys := vectors.Keys{Primary: &texts[0]}
	if len(texts) > 1 {
		keys.Fallback = &texts[1]
	}
	return keys
}

// exchange runs the reference's client against the scripted responses, and records
// what it sends.
func exchange(v *vectors.BearerFallback) (result string, err error) {
	v.Sent = []vectors.Attempt{}
	var unscripted error
	client := reference.NewClient(parseKeys(v.Keys), v.Env)
	client.Do = func(r *http.Request) (*http.Response, error) {
		attempt, err := received(r)
		if err != nil {
			return nil, err
		}
		v.Sent = append(v.Sent, attempt)
		for _, response := range v.Responses {
			if !same(response.Bearer, attempt.Bearer) {
				continue
			}
			if response.Status == 0 {
				return nil, errors.New("the connection was closed")
			}
			return &http.Response{StatusCode: response.Status, Body: io.NopCloser(strings.NewReader(response.Body))}, nil
		}
		unscripted = errors.New("the vector has no response for a bearer")
		return nil, unscripted
	}
	url := "https://api.invalid" + v.Request.Path
	if v.Request.Query != "" {
		url += "?" + v.Request.Query
	}
	response, err := client.Call(context.Background(), v.Request.Method, url, nil, []byte(v.Request.Body))
	switch {
	case unscripted != nil:
		return "", unscripted
	case errors.Is(err, reference.ErrRefused):
		return "refused", nil
	case err != nil:
		return "failed", nil //nolint:nilerr // a failure is a result
	}
	v.Status = response.Status
	return "answered", nil
}

func received(r *http.Request) (vectors.Attempt, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return vectors.Attempt{}, fmt.Errorf("reading the client's request: %w", err)
	}
	attempt := vectors.Attempt{
		APICall: vectors.APICall{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body)},
		Env:     r.Header.Get(reference.HeaderEnv),
	}
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		attempt.Bearer = &bearer
	}
	return attempt, nil
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// parseKeys parses the two variables as a verifier or client does.
func parseKeys(texts vectors.Keys) (keys reference.Keys) {
	for _, k := range []struct {
		text *string
		into *reference.Key
	}{{texts.Primary, &keys.Primary}, {texts.Fallback, &keys.Fallback}} {
		if k.text != nil {
			*k.into, _ = reference.ParseKey(*k.text) // an unusable key counts as no key
		}
	}
	return keys
}
