package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/runner/explain"
)

// callWith runs the program with a text on standard input.
func callWith(t *testing.T, stdin string, env map[string]string, args ...string) result {
	t.Helper()
	var out, errors bytes.Buffer
	code := execute(t.Context(), append([]string{"countersign"}, args...), strings.NewReader(stdin), &out, &errors, func(name string) string { return env[name] })
	return result{code, out.String(), errors.String()}
}

const (
	digits   = "00112233445566778899aabbccddeeff"
	fallback = "signkey-test-ffeeddccbbaa99887766554433221100"
)

var ring = map[string]string{reference.EnvSigningKey: key, reference.EnvFallback: fallback}

// header is what `sign` prints for a body.
func header(t *testing.T, body string, more ...string) string {
	t.Helper()
	got := callWith(t, body, ring, append([]string{"sign", "--body", "-", "--at", "1800000000"}, more...)...)
	got.want(t, 0, "X-Inngest-Signature: t=1800000000&s=")
	return strings.TrimSpace(got.out)
}

func TestSignaturesAreThoseOfOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("SKIPPED: openssl is not installed")
	}
	command := exec.CommandContext(t.Context(), "openssl", "dgst", "-sha256", "-hmac", digits)
	command.Stdin = strings.NewReader(`{"a":1}` + "1800000000")
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`[0-9a-f]{64}`).FindString(string(out)); !strings.HasSuffix(header(t, `{"a":1}`), "&s="+want) {
		t.Errorf("signed %s, openssl says %s", header(t, `{"a":1}`), want)
	}
}

func TestVerify(t *testing.T) {
	const body = `{"a":1}`
	for name, test := range map[string]struct {
		args  []string
		body  string
		code  int
		words []string
	}{
		"valid":            {[]string{"--header", header(t, body)}, body, 0, []string{"VALID", "signed with your signing key"}},
		"a value":          {[]string{"--header", strings.TrimPrefix(header(t, body), "X-Inngest-Signature: ")}, body, 0, []string{"VALID"}},
		"the fallback":     {[]string{"--header", header(t, body, "--fallback")}, body + "\n", 0, []string{"signed with your fallback key, over the body before a line feed was added"}},
		"in time":          {[]string{"--header", header(t, body), "--received", "1800000100"}, body, 0, []string{"1m40s before it was received"}},
		"too late":         {[]string{"--header", header(t, body), "--received", "2027-01-15T09:00:00Z"}, body, 1, []string{"EXPIRED", "at most 5 minutes old", "SPEC 4.1.3(4)"}},
		"another body":     {[]string{"--header", header(t, body)}, `{"a":2}`, 1, []string{"INVALID", "none of", "another key"}},
		"a GET with one":   {[]string{"--header", header(t, body), "--method", "get"}, body, 1, []string{"a GET has none"}},
		"a renamed header": {[]string{"--header", "X-Sig: " + strings.TrimPrefix(header(t, body), "X-Inngest-Signature: ")}, body, 1, []string{"it is in X-Sig"}},
	} {
		t.Run(name, func(t *testing.T) {
			callWith(t, test.body, ring, append([]string{"verify", "--body", "-"}, test.args...)...).want(t, test.code, test.words...)
		})
	}
}

func TestVerifyReadsRawRequestsAndWritesJSON(t *testing.T) {
	raw := "POST /api/inngest?fnId=a HTTP/1.1\r\nHost: x\r\n" + header(t, `{"a":1}`) + "\r\n\r\n" + `{"a":1}`
	got := callWith(t, raw, ring, "verify", "-", "--json")
	var x explain.Explanation
	if err := json.Unmarshal([]byte(got.out), &x); err != nil || got.code != 0 || x.Verdict != explain.Valid {
		t.Errorf("exit code %d, %v: %s", got.code, err, got.out)
	}
	callWith(t, "", ring, "verify", file(t, "request.http", raw)).want(t, 0, "VALID")
	env := map[string]string{reference.EnvSigningKey: fallback, reference.EnvSigningKey + "_STAGING": key}
	callWith(t, raw, env, "verify", "-").want(t, 1, "the key in INNGEST_SIGNING_KEY_STAGING", "another environment")
	callWith(t, raw, map[string]string{reference.EnvSigningKey: key + "\n"}, "verify", "-").want(t, 0, "note", "a line break is behind it")
}

func TestSend(t *testing.T) {
	url := serve(t, "")
	call(t, ring, "send", url).want(t, 0, "200 OK", `"authentication_succeeded":true`)
	callWith(t, "{}", ring, "send", url+"?fnId=none&stepId=step&probe=trust", "--body", "-").want(t, 0, "200 OK")
	callWith(t, "{}", ring, "send", url+"?fnId=none&stepId=step&probe=trust", "--body", "-", "--at", "1000000000").want(t, 1, "500")
	call(t, ring, "send", url, "--method", "put").want(t, 2, "--allow-sync")
	call(t, ring, "send", "http://127.0.0.1:1/").want(t, 3, "nothing accepts connections")
	call(t, ring, "send", "http://192.0.2.1/").want(t, 2, "--allow-remote")
	call(t, nil, "send", url).want(t, 2, "there is no signing key")
	silent := serveHandler(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	call(t, ring, "send", silent).want(t, 3, "gave no response")
}

func TestCurlCommandsSendWhatWasSigned(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("SKIPPED: curl is not installed")
	}
	url, body := serve(t, ""), file(t, "body.json", "{\"a\": 'b'}\n{}")
	for _, args := range [][]string{{"--curl", url}, {"--curl", url + "?fnId=none&stepId=step&probe=trust", "--body", body}} {
		got := call(t, ring, append([]string{"sign"}, args...)...)
		out, err := exec.CommandContext(t.Context(), "sh", "-c", got.out).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "200 OK") {
			t.Errorf("%s: %v\n%s", got.out, err, out)
		}
	}
	call(t, ring, "sign", "--curl", url, "--body", "-").want(t, 2, "requires a file")
}

func TestKeys(t *testing.T) {
	for _, args := range [][]string{{}, {"--env", "branch"}, {"--bare"}} {
		got := call(t, nil, append([]string{"keys", "new"}, args...)...)
		got.want(t, 0)
		callWith(t, strings.TrimSpace(got.out), nil, "keys", "check", "-").want(t, 0, "64 hexadecimal digits")
	}
	if one, other := call(t, nil, "keys", "new"), call(t, nil, "keys", "new"); one.out == other.out {
		t.Error("two new keys are the same")
	}
	call(t, nil, "keys", "new", "--env", "a-b").want(t, 2, "makes no key")
	parsed, err := reference.ParseKey(key)
	if err != nil {
		t.Fatal(err)
	}
	call(t, ring, "keys", "hash").want(t, 0, strings.TrimPrefix(parsed.Bearer(), "signkey-test-")+"  the signing key", "the fallback key")
	call(t, ring, "keys", "check").want(t, 0, "32 hexadecimal digits, with the prefix signkey-test-")
	got := call(t, map[string]string{reference.EnvSigningKey: `"` + key + "\"\n", reference.EnvFallback: fallback[:20]}, "keys", "check")
	got.want(t, 1, "in quotes", "a line break", "odd")
	if strings.Contains(got.out, "0011") {
		t.Error("a key is shown")
	}
	call(t, ring, "keys", "check", key).want(t, 2, "must not be an argument")
	call(t, nil, "keys", "chek").want(t, 2, "did you mean check?")
	call(t, map[string]string{reference.EnvSigningKey: key, reference.EnvFallback: key}, "keys", "check").want(t, 1, "the same key")
}
