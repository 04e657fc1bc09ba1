package fakeapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/fakeapi"
)

// started asks the API for a gateway and connects to it.
func started(t *testing.T, api *fakeapi.API, key reference.Key) reference.Gateway {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, api.Origin()+suite.ConnectPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key.Bearer())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	endpoint := "ws" + strings.TrimPrefix(api.Origin(), "http") + suite.GatewayPath
	want := "\x0a\x1a" + suite.ConnectionID + "\x12" + string(rune(len(endpoint))) + endpoint + "\x1a\x0bcountersign"
	if err != nil || response.StatusCode != http.StatusOK || !strings.HasPrefix(string(body), want) {
		t.Fatalf("the start is answered with %d and %q (%v), want it to begin with %q", response.StatusCode, body, err, want)
	}
	gateway, err := fakeapi.DialGateway(t.Context(), endpoint, http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	return gateway
}

func receives(t *testing.T, gateway reference.Gateway, want string) {
	t.Helper()
	got, err := gateway.Receive(t.Context())
	if err != nil || !bytes.HasPrefix(got, []byte(want)) {
		t.Fatalf("the gateway sent %q (%v), want it to begin with %q", got, err, want)
	}
}

func sends(t *testing.T, gateway reference.Gateway, message string) {
	t.Helper()
	if err := gateway.Send(t.Context(), []byte(message)); err != nil {
		t.Fatal(err)
	}
}

// introduction is a WORKER_CONNECT with these tokens.
func introduction(session, sync string) string {
	field := func(tag byte, text string) string { return string([]byte{tag, byte(len(text))}) + text }
	return "\x08\x01" + field(0x12, field(0x0a, suite.ConnectionID)+field(0x1a, field(0x0a, session)+field(0x12, sync)))
}

func TestGateway(t *testing.T) {
	keys := suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))
	api, err := fakeapi.Listen(keys, suite.ServerKindCloud)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	key := keys.Key(suite.Primary)

	gateway := started(t, api, key)
	receives(t, gateway, "\x08\x00")
	sends(t, gateway, introduction("a"+key.Text(), "b"))
	receives(t, gateway, "\x08\x02\x12")
	sends(t, gateway, "\x08\x09")
	receives(t, gateway, "\x08\x0a")
	if _, busy := api.LastRequest(); busy {
		t.Error("a connection counts as a request in flight")
	}
	got := api.StandIn().Since(0)
	if len(got) != 4 || !got[0].Starts() || !got[0].HasHashedKey() || got[1].Method != http.MethodGet || got[2].Method != suite.WorkerConnect || got[3].Method != suite.WorkerMessage {
		t.Fatalf("recorded %+v", got)
	}
	var said map[string]any
	if err := json.Unmarshal([]byte(got[2].Body), &said); err != nil || said["sync_token"] != "b" || said["connection_id"] != suite.ConnectionID {
		t.Errorf("the introduction is recorded as %s (%v)", got[2].Body, err)
	}
	if got[2].HoldsNoKey() || !got[1].HoldsNoHash() || !got[3].HoldsNoHash() {
		t.Error("a key in a message to the gateway is not found, or one is found where none is")
	}

	// The first connection after a script was set is closed, the second is not.
	api.StandIn().Play(engine.Script{Conduct: suite.SendsAway})
	first := started(t, api, key)
	receives(t, first, "\x08\x00")
	sends(t, first, introduction(suite.SessionToken, suite.SyncToken))
	if _, err := first.Receive(t.Context()); err == nil || !strings.Contains(err.Error(), "connect_gateway_closing") {
		t.Errorf("the first connection is not closed as a gateway does that is being replaced: %v", err)
	}
	second := started(t, api, key)
	receives(t, second, "\x08\x00")
	sends(t, second, introduction(suite.SessionToken, suite.SyncToken))
	receives(t, second, "\x08\x02")

	api.Close()
	if _, err := second.Receive(context.WithoutCancel(t.Context())); err == nil {
		t.Error("the connection is still open")
	}
}

// What is no message ends nothing, and is recorded.
func TestGatewayTakesAnyMessage(t *testing.T) {
	api, err := fakeapi.Listen(suite.NewKeyring(rand.New(rand.NewPCG(1, 2))), suite.ServerKindDev)
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	gateway, err := fakeapi.DialGateway(t.Context(), "ws"+strings.TrimPrefix(api.Origin(), "http")+suite.GatewayPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	receives(t, gateway, "\x08\x00")
	odd := []string{"", "\xff", "\x08", "\x12\x7f", "\x08\x01", "\x08\x01\x12\x03\x1a\x7f\x00", "\x0d\x00\x00\x00\x00"}
	for _, message := range odd {
		sends(t, gateway, message)
	}
	sends(t, gateway, "\x08\x09")
	for {
		got, err := gateway.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got[1] == 10 { // the heartbeat's response
			break
		}
	}
	if got := api.StandIn().Since(0); len(got) != 2+len(odd) {
		t.Errorf("recorded %d requests and messages, want %d", len(got), 2+len(odd))
	}
}
