package reference_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// A tutorial in six steps, from a key to a client that keeps working while keys
// are rotated.

// First: parse a key. Printing it does not reveal it.
func Example_step1ReadAKey() {
	key, err := reference.ParseKey("signkey-prod-12345678\n")
	fmt.Println(key, err)

	_, err = reference.ParseKey("signkey-prod-")
	fmt.Println(err)

	_, err = reference.ParseKey("signkey-prod-secret")
	fmt.Println(errors.Is(err, reference.ErrMalformedKey))
	// Output:
	// signkey-prod-… <nil>
	// no signing key
	// true
}

// Second: sign a call as Inngest does. The signature covers the bytes that are
// sent, and the time in seconds.
func Example_step2SignACall() {
	key, _ := reference.ParseKey("signkey-prod-12345678")
	at := time.Date(2026, time.April, 16, 12, 0, 0, 0, time.UTC)

	signature, err := reference.Sign(key, []byte(`{"event":{"name":"app/echo"}}`), at)
	fmt.Println(err)
	fmt.Println(signature.T())

	_, err = reference.Sign(reference.Key{}, nil, at)
	fmt.Println(err)
	// Output:
	// <nil>
	// 1776340800
	// signing 0 bytes: no signing key
}

// Third: verify it as an SDK does. The result is the key that it was signed
// with, or the reason for refusing it.
func Example_step3VerifyIt() {
	old, _ := reference.ParseKey("signkey-prod-12345678")
	fresh, _ := reference.ParseKey("signkey-prod-9abcdef0")
	keys := reference.Keys{Primary: fresh, Fallback: old}

	body := []byte(`{"event":{"name":"app/echo"}}`)
	at := time.Date(2026, time.April, 16, 12, 0, 0, 0, time.UTC)
	signature, _ := reference.Sign(old, body, at)
	header := signature.String()

	fmt.Println(reference.Verify(header, body, keys, at.Add(5*time.Minute)))
	fmt.Println(reference.Verify(header, body, keys, at.Add(5*time.Minute+time.Second)))
	fmt.Println(reference.Verify(header, []byte(`{ "event": {"name": "app\/echo"} }`), keys, at)) // the same canonical form
	fmt.Println(reference.Verify(header, []byte(`{"event":{"name":"app/evil"}}`), keys, at))
	fmt.Println(reference.Verify("", body, keys, at))
	fmt.Println(reference.Verify("v=1&"+header, body, keys, at))
	// Output:
	// fallback <nil>
	// none the signature is older than 5m0s
	// fallback <nil>
	// none the signature matches no key
	// none no X-Inngest-Signature header
	// none parsing X-Inngest-Signature: broken rule: the only parameters are t and s
}

// Fourth: serve an endpoint with one function and call it. Without a signature
// the function does not run.
func Example_step4ServeAFunction() {
	const key = "signkey-prod-12345678"
	environment := map[string]string{reference.EnvSigningKey: key}
	hello := func(_ context.Context, call reference.Call) (any, error) {
		return "hello, " + call.Event.Name, nil
	}
	endpoint := reference.NewEndpoint("app", map[string]reference.Function{"greet": hello},
		func(name string) string { return environment[name] })
	server := httptest.NewServer(endpoint)
	defer server.Close()

	body := []byte(`{"event":{"name":"Ada"}}`)
	send := func(header string) {
		request, _ := http.NewRequest(http.MethodPost, server.URL+"/api/inngest?fnId=app-greet&stepId=step", bytes.NewReader(body))
		request.Header.Set(reference.HeaderSignature, header)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer func() { _ = response.Body.Close() }()
		content, _ := io.ReadAll(response.Body)
		fmt.Println(response.StatusCode, string(content))
	}

	parsed, _ := reference.ParseKey(key)
	signature, _ := reference.Sign(parsed, body, time.Now())
	send(signature.String())
	send("")
	// Output:
	// 200 "hello, Ada"
	// 500 {"name":"Unauthorized","message":"the request was refused"}
}

// Fifth: develop without keys. Only the environment selects dev mode, never a
// request.
func Example_step5DevelopWithoutKeys() {
	for _, dev := range []string{"", "0", "1", "http://localhost:9999"} {
		mode := reference.ResolveMode(func(name string) string {
			if name == reference.EnvDev {
				return dev
			}
			return ""
		})
		fmt.Printf("INNGEST_DEV=%s: %s, %s\n", dev, mode, mode.API)
	}
	// Output:
	// INNGEST_DEV=: cloud, https://api.inngest.com
	// INNGEST_DEV=0: cloud, https://api.inngest.com
	// INNGEST_DEV=1: dev, http://localhost:8288
	// INNGEST_DEV=http://localhost:9999: dev, http://localhost:9999
}

// Sixth: authenticate to the API while keys are rotated. The API does not know
// the new key yet, so the client repeats the request with the fallback key.
func Example_step6AuthenticateToTheAPI() {
	current, _ := reference.ParseKey("signkey-prod-12345678")
	next, _ := reference.ParseKey("signkey-prod-9abcdef0")
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+current.Bearer() {
			fmt.Println("the API refuses a key")
			http.Error(w, "Authentication failed", http.StatusUnauthorized)
			return
		}
		fmt.Println("the API accepts a key")
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	defer api.Close()

	client := reference.NewClient(reference.Keys{Primary: next, Fallback: current}, "")
	response, err := client.Call(context.Background(), http.MethodPost, api.URL+"/fn/register", nil, []byte("{}"))
	fmt.Println(response.Status, string(response.Body), err)

	client.Keys.Fallback = reference.Key{}
	_, err = client.Call(context.Background(), http.MethodPost, api.URL+"/fn/register", nil, []byte("{}"))
	fmt.Println(err)
	// Output:
	// the API refuses a key
	// the API accepts a key
	// 200 {"ok":true} <nil>
	// the API refuses a key
	// sending POST to the API: the API refused every signing key
}
