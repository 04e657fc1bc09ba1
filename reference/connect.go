package reference

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// GatewayProtocol is the WebSocket sub-protocol of a worker (SPEC 8.5).
const GatewayProtocol = "v0.connect.inngest.com"

// Gateway is a WebSocket of binary messages, seen from either end.
type Gateway interface {
	Receive(ctx context.Context) ([]byte, error)
	Send(ctx context.Context, message []byte) error
	Close(reason string) error
}

// The kinds of messages that make a connection (SPEC 8.4).
const (
	gatewayHello  = 0
	workerConnect = 1
	gatewayReady  = 2
	workerReady   = 4
)

// mostConnects is how often in a row a worker tries to connect.
const mostConnects = 5

// Started is what the API responds to the start of a connection (SPEC 8.5.1).
type Started struct {
	ConnectionID, Endpoint, Group, SessionToken, SyncToken string
}

// connect makes the app a worker: it asks the API for a gateway and shakes hands
// with it. A start that the API refuses is sent again with the fallback key, from
// which there is no way back. It returns when the gateway is ready. There is no
// pause between attempts, as this worker tries only a few times.
func connect(ctx context.Context, c *Context) (Gateway, error) {
	client := c.Client(c)
	keys := client.Attempts(client.Keys)
	if len(keys) == 0 && c.Mode.Dev {
		keys = []Key{{}}
	}
	var failed error
	for range mostConnects {
		if len(keys) == 0 {
			return nil, fmt.Errorf("starting a connection: %w", ErrNoKey)
		}
		started, err := start(ctx, c, client, keys[0])
		if errors.Is(err, ErrRefused) && len(keys) > 1 {
			keys = keys[1:]
			started, err = start(ctx, c, client, keys[0])
		}
		if errors.Is(err, ErrRefused) {
			return nil, err
		}
		if err == nil {
			var gateway Gateway
			if gateway, err = join(ctx, c, started); err == nil {
				return gateway, nil
			}
		}
		failed = err
	}
	return nil, fmt.Errorf("connecting %d times: %w", mostConnects, failed)
}

// start asks the API for a gateway.
func start(ctx context.Context, c *Context, client *Client, key Key) (Started, error) {
	header := http.Header{"Content-Type": {"application/protobuf"}}
	response, err := client.once(ctx, http.MethodPost, c.APIOrigin(c)+"/v0/connect/start", header, nil, key)
	switch {
	case err != nil:
		return Started{}, err
	case client.Refuses(response.Status):
		return Started{}, fmt.Errorf("starting a connection: %w", ErrRefused)
	case response.Status != http.StatusOK:
		return Started{}, fmt.Errorf("starting a connection: the API responded with %d", response.Status)
	}
	texts, _, err := protobuf(response.Body).fields()
	if err != nil {
		return Started{}, fmt.Errorf("reading the start of a connection: %w", err)
	}
	return Started{texts[1], texts[2], texts[3], texts[4], texts[5]}, nil
}

// join connects to a gateway and shakes hands with it.
func join(ctx context.Context, c *Context, s Started) (Gateway, error) {
	gateway, err := c.Dial(ctx, s.Endpoint, http.Header{})
	if err != nil {
		return nil, fmt.Errorf("connecting to the gateway: %w", err)
	}
	if err := shakeHands(ctx, c, s, gateway); err != nil {
		_ = gateway.Close("handshake failed") // it is closed in any case
		return nil, err
	}
	return gateway, nil
}

// shakeHands takes HELLO, sends WORKER_CONNECT, takes READY and sends WORKER_READY.
func shakeHands(ctx context.Context, c *Context, s Started, gateway Gateway) error {
	if err := awaits(ctx, gateway, gatewayHello); err != nil {
		return err
	}
	introduction := protobuf(nil).number(1, workerConnect).text(2, string(c.Greet(c, s)))
	if err := gateway.Send(ctx, introduction); err != nil {
		return fmt.Errorf("introducing the worker to the gateway: %w", err)
	}
	if err := awaits(ctx, gateway, gatewayReady); err != nil {
		return err
	}
	if err := gateway.Send(ctx, protobuf(nil).number(1, workerReady)); err != nil {
		return fmt.Errorf("telling the gateway that the worker is ready: %w", err)
	}
	return nil
}

func awaits(ctx context.Context, gateway Gateway, kind uint64) error {
	message, err := gateway.Receive(ctx)
	if err != nil {
		return fmt.Errorf("waiting for the gateway's message of kind %d: %w", kind, err)
	}
	_, numbers, err := protobuf(message).fields()
	if err != nil || numbers[1] != kind {
		return fmt.Errorf("the gateway sent a message of kind %d, want %d: %w", numbers[1], kind, errors.Join(err, errProtobuf))
	}
	return nil
}

// Greet returns the payload of WORKER_CONNECT: who the worker is, and the tokens that
// the API gave it, as they are. It contains no key, and no hash of one.
func Greet(c *Context, s Started) []byte {
	functions, _ := json.Marshal(c.functionsAt("ws", "ws://connect")) // plain values never fail
	const name, version = "countersign-reference", "v1.0.0"
	app := protobuf(nil).text(1, c.AppID).text(4, string(functions))
	return protobuf(nil).
		text(1, s.ConnectionID).text(2, name).
		text(3, string(protobuf(nil).text(1, s.SessionToken).text(2, s.SyncToken))).
		text(4, `{"trust_probe":"v1","connect":"v1"}`).text(5, string(app)).
		number(6, 1).text(8, Environment(c.Getenv)).text(9, "connect").text(11, version).text(12, "go")
}

// noWebSocket is the default of [Endpoint.Dial]: this package opens no WebSocket.
func noWebSocket(context.Context, string, http.Header) (Gateway, error) {
	return nil, errors.ErrUnsupported
}
