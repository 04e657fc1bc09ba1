package fakeapi_test

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

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
