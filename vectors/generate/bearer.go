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
	"Normal":      {About: "the API takes the primary key"},
	"Fallback":    {About: "the API refuses the primary key", Bug: "no second attempt; or another method, path, query or body in it; or the key itself"},
	"BothRefused": {About: "the API refuses both keys", Bug: "endless attempts, or a failure that no one is told of"},
	"NoSwitch":    {About: "a status that says nothing about the key", Bug: "the fallback key is sent wherever something fails"},
	"NoFallback":  {About: "no second key", Bug: "the same bearer again, an empty bearer, or the hash of nothing"},
	"NoAnswer":    {About: "no answer at all", Bug: "a failed connection is taken for a refusal"},
	"KeyForm":     {About: "an unusual key", Bug: "a bearer without its prefix, or of the wrong bytes"},
	"Redirect":    {About: "the API answers with a redirect", Bug: "the bearer travels along to another origin"},
}

// What an SDK asks of the API.
var (
	register   = vectors.APICall{Method: http.MethodPost, Path: "/fn/register", Query: "deployId=" + nonce, Body: `{"appName":"countersign","functions":[]}`}
	batch      = vectors.APICall{Method: http.MethodGet, Path: "/v0/runs/" + nonce + "/batch"}
	actions    = vectors.APICall{Method: http.MethodGet, Path: "/v0/runs/" + nonce + "/actions"}
	checkpoint = vectors.APICall{Method: http.MethodPost, Path: "/v1/checkpoint", Body: `{"run_id":"` + nonce + `"}`}
	connect    = vectors.APICall{Method: http.MethodPost, Path: "/v0/connect/start", Body: "bytes"}
)

// bearerFallback: requests to the API, and exactly what is sent, answer by answer.
func bearerFallback() (made, error) {
	l := newLedger[vectors.BearerFallback]("requests to the API by keys and by the API's answers: exactly what is sent, in order, and what the caller is told", bearerFlags)
	a, b := ring.Primary, ring.Fallback
	both, one := held(a.Text(), b.Text()), held(a.Text())
	const refusal = "Authentication failed"
	answersTo := func(prefix string, statuses ...int) []vectors.APIResponse {
		list := []vectors.APIResponse{}
		for i, status := range statuses {
			bearer := mustKey(prefix + []reference.Key{a, b}[i].Secret()).Bearer()
			answer := vectors.APIResponse{Bearer: &bearer, Status: status}
			if status == http.StatusUnauthorized {
				answer.Body = refusal
			}
			list = append(list, answer)
		}
		return list
	}
	answers := func(statuses ...int) []vectors.APIResponse { return answersTo("signkey-prod-", statuses...) }
	const branchPrefix = "signkey-branch-"
	branches := held(branchPrefix+a.Secret(), branchPrefix+b.Secret())
	enter := func(c vectors.Common, keys vectors.Keys, env string, call vectors.APICall, answers []vectors.APIResponse) {
		c.ID = "bearer." + c.ID
		if c.Control != "" {
			c.Control = "bearer." + c.Control
		}
		v := vectors.BearerFallback{Common: c, Keys: keys, Env: env, Request: call, Responses: answers}
		result, err := play(&v)
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
		enter(about(op.name, op.section, op.item, must, lockout, "the primary key is taken", "Normal"), both, "", op.call, answers(200, 401))
		enter(about(op.name+".fallback", "3.1", 3, must, lockout, "refused with 401: the same request once more, with the fallback's bearer", "Fallback"),
			both, "", op.call, answers(401, 200))
		c := about(op.name+".both-refused", "3.1", 3, must, lockout, "both refused with 401: two requests, and the caller is told", "BothRefused")
		enter(twinned(c, op.name+".fallback", "responses"), both, "", op.call, answers(401, 401))
		c = about(op.name+".no-fallback", "3.1", 3, must, disclosure, "refused, and there is no second key: one request", "NoFallback")
		enter(twinned(c, op.name+".fallback", "keys"), one, "", op.call, answers(401, 200))
	}
	enter(reading("R16", about("register.forbidden", "3.1", 3, should, lockout, "403 is a refusal, too", "Fallback")), both, "", register, answers(403, 200))
	enter(reading("R16", about("batch.forbidden", "3.1", 3, should, lockout, "403 is a refusal, too", "Fallback")), both, "", batch, answers(403, 200))
	c := about("register.refused-then-forbidden", "3.1", 3, should, lockout, "401, then 403: both are refused", "BothRefused")
	enter(reading("R16", twinned(c, "register.fallback", "responses")), both, "", register, answers(401, 403))
	for _, status := range []int{400, 402, 404, 407, 408, 409, 422, 429, 500, 502, 503, 504} {
		c := about(fmt.Sprintf("register.status-%d", status), "3.1", 3, must, disclosure, http.StatusText(status)+" brings no second key out", "NoSwitch")
		enter(c, both, "", register, answers(status, 200))
	}
	for _, status := range []int{404, 429, 500} {
		c := about(fmt.Sprintf("batch.status-%d", status), "3.1", 3, must, disclosure, http.StatusText(status)+" brings no second key out in a read", "NoSwitch")
		enter(c, both, "", batch, answers(status, 200))
	}
	for _, status := range []int{201, 204} {
		enter(about(fmt.Sprintf("register.status-%d", status), "3.1", 3, must, disclosure, "another success is no refusal", "NoSwitch"), both, "", register, answers(status, 200))
	}
	for _, status := range []int{302, 307} {
		enter(about(fmt.Sprintf("register.status-%d", status), "4.1.4", 2, must, disclosure, "a redirect is not followed with the bearer", "Redirect"), both, "", register, answers(status, 200))
	}
	enter(about("register.fallback-fails", "3.1", 3, must, lockout, "refused, and then 500: the 500 is the answer", "Fallback"), both, "", register, answers(401, 500))
	c = about("register.no-answer", "3.1", 3, must, disclosure, "a connection that breaks brings no second key out", "NoAnswer")
	enter(twinned(c, "register", "responses"), both, "", register, answers(0, 401))
	c = about("register.fallback-no-answer", "3.1", 3, must, lockout, "refused, and then no answer: two requests, and the caller is told", "NoAnswer")
	enter(twinned(c, "register.fallback", "responses"), both, "", register, answers(401, 0))
	for _, no := range []struct{ name, text string }{{"empty", ""}, {"blank", " "}, {"prefix-only", "signkey-prod-"}} {
		c := about("register.fallback-"+no.name, "3.1", 3, must, disclosure, "a fallback that is no key is never presented", "NoFallback")
		enter(twinned(c, "register.fallback", "keys"), held(a.Text(), no.text), "", register, answers(401, 200))
	}

	enter(about("register.branch", "3.1", 4, must, interoperability, "a branch key, with the branch in X-Inngest-Env", "KeyForm"), branches, "preview-42", register,
		answersTo(branchPrefix, 200, 401))
	enter(about("register.branch-fallback", "3.1", 4, must, interoperability, "the second request names the branch, too", "KeyForm"), branches, "preview-42", register,
		answersTo(branchPrefix, 401, 200))
	enter(reading("R24", about("register.bare", "4.1.4", 2, should, lockout, "keys without a prefix: bearers without a prefix", "KeyForm")), held(a.Secret(), b.Secret()), "", register,
		answersTo("", 401, 200))
	enter(reading("R18", about("register.padded", "4.1.4", 2, should, lockout, "white space around a key is not hashed", "KeyForm")), held(" "+a.Text()+"\n"), "", register, answers(200))
	enter(reading("R17", about("register.only-fallback", "3.1", 3, may, lockout, "only a fallback key is set", "NoFallback")), vectors.Keys{Fallback: both.Fallback}, "", register, answers(401, 200))
	enter(about("register.fallback-repeats-primary", "3.1", 3, may, lockout, "a fallback equal to the primary key: the refused bearer again, or not", "NoFallback"),
		held(a.Text(), a.Text()), "", register, answers(401))
	enter(about("register.keyless", "4.2.2", 0, should, interoperability, "without a key, as with a dev server, no bearer is sent", "NoFallback"), vectors.Keys{}, "", register,
		[]vectors.APIResponse{{Bearer: nil, Status: 200}})
	return l.done()
}

func held(texts ...string) vectors.Keys {
	keys := vectors.Keys{Primary: &texts[0]}
	if len(texts) > 1 {
		keys.Fallback = &texts[1]
	}
	return keys
}

// play drives the reference's client against the script and writes down what it sends.
func play(v *vectors.BearerFallback) (result string, err error) {
	v.Sent = []vectors.Attempt{}
	var unforeseen error
	client := reference.NewClient(parsed(v.Keys), v.Env)
	client.Do = func(r *http.Request) (*http.Response, error) {
		attempt, err := heard(r)
		if err != nil {
			return nil, err
		}
		v.Sent = append(v.Sent, attempt)
		for _, answer := range v.Responses {
			if !same(answer.Bearer, attempt.Bearer) {
				continue
			}
			if answer.Status == 0 {
				return nil, errors.New("the connection was closed")
			}
			return &http.Response{StatusCode: answer.Status, Body: io.NopCloser(strings.NewReader(answer.Body))}, nil
		}
		unforeseen = errors.New("the script has no answer for a bearer")
		return nil, unforeseen
	}
	url := "https://api.invalid" + v.Request.Path
	if v.Request.Query != "" {
		url += "?" + v.Request.Query
	}
	reply, err := client.Call(context.Background(), v.Request.Method, url, nil, []byte(v.Request.Body))
	switch {
	case unforeseen != nil:
		return "", unforeseen
	case errors.Is(err, reference.ErrRefused):
		return "refused", nil
	case err != nil:
		return "failed", nil //nolint:nilerr // a failure is a result
	}
	v.Status = reply.Status
	return "answered", nil
}

func heard(r *http.Request) (vectors.Attempt, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return vectors.Attempt{}, fmt.Errorf("reading what the client sent: %w", err)
	}
	attempt := vectors.Attempt{
		APICall: vectors.APICall{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: string(body)},
		Env:     r.Header.Get(reference.HeaderEnv),
	}
	if bearer, there := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); there {
		attempt.Bearer = &bearer
	}
	return attempt, nil
}

func same(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// parsed is how a verifier or a client reads its two variables.
func parsed(texts vectors.Keys) (keys reference.Keys) {
	for _, k := range []struct {
		text *string
		into *reference.Key
	}{{texts.Primary, &keys.Primary}, {texts.Fallback, &keys.Fallback}} {
		if k.text != nil {
			*k.into, _ = reference.ParseKey(*k.text) // what is unusable is no key
		}
	}
	return keys
}
