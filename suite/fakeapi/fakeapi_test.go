package fakeapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
)

func listen(t *testing.T) (*fakeapi.API, suite.Keyring) {
	t.Helper()
	keys := suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))
	api, err := fakeapi.Listen(keys, suite.ServerKindCloud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api, keys
}

func send(t *testing.T, method, url, bearer string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+bearer)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

func TestBeaconCountsRunsByNonce(t *testing.T) {
	api, _ := listen(t)
	for _, nonce := range []string{"plain", "plain", "", "a/b c%d?é"} {
		if err := fakeapi.CallBeacon(t.Context(), api.BeaconURL(), nonce); err != nil {
			t.Error(err)
		}
	}
	for nonce, want := range map[string]int{"plain": 2, "-": 1, "a/b c%d?é": 1, "other": 0} {
		if got := api.Runs(nonce); got != want {
			t.Errorf("%q was reported %d times, want %d", nonce, got, want)
		}
	}
	if api.Foreign() != 0 || api.StandIn().Mark() != 0 {
		t.Error("the beacon's requests were recorded by the stand-in API")
	}
}

func TestBeaconBelongsToOneProcess(t *testing.T) {
	api, _ := listen(t)
	other, _ := listen(t)
	token := other.BeaconURL()[strings.LastIndexByte(other.BeaconURL(), '/')+1:]
	for _, path := range []string{"/beacon/" + token + "/n", "/beacon//n", "/beacon/n", "/beacon/"} {
		if status := send(t, http.MethodPost, api.Origin()+path, ""); status != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, status)
		}
	}
	if api.Foreign() != 4 || api.Runs("n") != 0 || other.Runs("n") != 0 {
		t.Errorf("%d foreign requests, runs %d and %d; want 4, 0 and 0", api.Foreign(), api.Runs("n"), other.Runs("n"))
	}
	for _, path := range []string{"/", ""} {
		if status := send(t, http.MethodPost, api.BeaconURL()+path, ""); status != http.StatusBadRequest {
			t.Errorf("a beacon call without a nonce: status %d, want 400", status)
		}
	}
	if status := send(t, http.MethodGet, api.BeaconURL()+"/n", ""); status != http.StatusMethodNotAllowed || api.Runs("n") != 0 {
		t.Errorf("GET: status %d, reported %d times; want 405, never", status, api.Runs("n"))
	}
}

func TestEverythingElseGoesToTheStandIn(t *testing.T) {
	api, keys := listen(t)
	before := time.Now()
	if status := send(t, http.MethodPost, api.Origin()+"/fn/register?deployId=1", keys.Primary.Bearer()); status != http.StatusOK {
		t.Errorf("the primary key's bearer: status %d", status)
	}
	if status := send(t, http.MethodPost, api.Origin()+"/fn/register", keys.Unknown.Bearer()); status != http.StatusUnauthorized {
		t.Errorf("an unknown key's bearer: status %d", status)
	}
	if received := api.StandIn().Since(0); len(received) != 2 || received[0].Query != "deployId=1" {
		t.Errorf("the stand-in API received %v", received)
	}
	for range 100 { // the response arrives before its handler returns
		if at, busy := api.LastRequest(); !busy && at.After(before) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the end of the last request was not recorded")
}

func TestRequestsToAnotherOriginAreRecorded(t *testing.T) {
	api, keys := listen(t)
	api.StandIn().Play(engine.Script{Conduct: suite.Redirects})
	if status := send(t, http.MethodPost, api.Origin()+"/fn/register", keys.Primary.Bearer()); status != http.StatusOK {
		t.Errorf("the redirected request: status %d", status)
	}
	received := api.StandIn().Since(0)
	if len(received) != 2 || received[0].Elsewhere || !received[1].Elsewhere || received[1].Bearer != "" {
		t.Errorf("the stand-in API received %+v", received)
	}
	api.StandIn().Play(engine.Script{Conduct: suite.Withholds})
	started := time.Now()
	if _, err := http.Get(api.Origin() + "/fn/register"); err == nil || time.Since(started) > 5*time.Second {
		t.Errorf("a withheld response: %v after %s", err, time.Since(started))
	}
}

// What the open-source server was recorded to respond (as of 2026-08-22), and to whom.
func TestResponsesAreTheRecordedOnes(t *testing.T) {
	api, keys := listen(t)
	const text, run = "text/plain; charset=utf-8", "/v0/runs/01JD1VXXXXXXXXXXXXXXXXXXXX"
	hash, refused := keys.Primary.Bearer(), "Authentication failed\n"
	for name, test := range map[string]struct {
		method, path, bearer string
		status               int
		kind, body           string // the beginning of the body
	}{
		"a registration":                {http.MethodPost, "/fn/register", hash, 200, text, `{"ok":true,"modified":true,`},
		"a registration, refused":       {http.MethodPost, "/fn/register", keys.Unknown.Bearer(), 401, text, refused},
		"the steps of a run":            {http.MethodGet, run + "/actions", hash, 200, text, "{}\n"},
		"the events of a run":           {http.MethodGet, run + "/batch", hash, 200, text, `[{"data":`},
		"a run's events, refused":       {http.MethodGet, run + "/batch", keys.Unknown.Bearer(), 401, text, refused},
		"no run's id":                   {http.MethodGet, "/v0/runs/nothing/batch", hash, 400, "application/json", `{`},
		"a checkpoint":                  {http.MethodPost, "/v1/checkpoint/01JD1VXXXXXXXXXXXXXXXXXXXX/async", hash, 200, "application/json", ""},
		"a checkpoint, refused":         {http.MethodPost, "/v1/checkpoint/01JD1VXXXXXXXXXXXXXXXXXXXX/async", "", 401, text, refused},
		"a durable endpoint's run":      {http.MethodPost, "/v1/http/runs", hash, 200, "application/json", `{"data":{"fn_id":`},
		"the start of a connection":     {http.MethodPost, "/v0/connect/start", hash, 200, "application/octet-stream", ""},
		"a start, refused":              {http.MethodPost, "/v0/connect/start", keys.Unknown.Bearer(), 401, text, refused},
		"a flush, refused":              {http.MethodPost, "/v0/connect/flush", keys.Unknown.Bearer(), 401, text, refused},
		"events":                        {http.MethodPost, "/e/" + keys.EventKey, "", 200, text, `{"ids":[`},
		"a prefix of one word":          {http.MethodPost, "/fn/register", "signkey-test-" + hash[strings.LastIndexByte(hash, '-')+1:], 200, text, `{"ok":true`},
		"a prefix of two words":         {http.MethodPost, "/fn/register", "signkey-prod-eu-" + hash[strings.LastIndexByte(hash, '-')+1:], 401, text, refused},
		"another word before the hash":  {http.MethodPost, "/fn/register", "x-" + hash[strings.LastIndexByte(hash, '-')+1:], 401, text, refused},
		"the hash in upper case":        {http.MethodPost, "/fn/register", strings.ToUpper(hash[strings.LastIndexByte(hash, '-')+1:]), 401, text, refused},
		"a beginning of the hash":       {http.MethodPost, "/fn/register", hash[:len(hash)-2], 401, text, refused},
		"no bearer token":               {http.MethodPost, "/fn/register", "", 401, text, refused},
		"the hash of the text of a key": {http.MethodPost, "/fn/register", textHash(keys.Primary), 401, text, refused},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, api.Origin()+test.path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if test.bearer != "" {
			request.Header.Set("Authorization", "Bearer "+test.bearer)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != test.status || response.Header.Get("Content-Type") != test.kind || !strings.HasPrefix(string(body), test.body) {
			t.Errorf("%s: %v: %d, %s, %q; want %d, %s, %q", name, err, response.StatusCode, response.Header.Get("Content-Type"), body, test.status, test.kind, test.body)
		}
		if sniffed := response.Header.Get("X-Content-Type-Options") == "nosniff"; sniffed != (test.status == 401) {
			t.Errorf("%s: X-Content-Type-Options: nosniff: %v, status %d", name, sniffed, test.status)
		}
	}
}

// textHash hashes the text of a key, where its decoded digits are hashed.
func textHash(key reference.Key) string {
	sum := sha256.Sum256([]byte(key.Secret()))
	return hex.EncodeToString(sum[:])
}
