package fakeapi

import (
	"context"
	"net/http"

	"github.com/coder/websocket"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite/limits"
)

// gateway serves the gateway to a worker.
func (a *API) gateway(w http.ResponseWriter, r *http.Request) {
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{reference.GatewayProtocol}, InsecureSkipVerify: true}) // any origin
	if err != nil {
		return // it has responded
	}
	socket.SetReadLimit(limits.APIBody)
	defer func() { _ = socket.CloseNow() }()
	a.standIn.Serve(a.open, r.Header, Socket{socket})
}

// Socket is a WebSocket of binary messages.
type Socket struct{ *websocket.Conn }

// Receive waits for a message.
func (s Socket) Receive(ctx context.Context) ([]byte, error) {
	_, message, err := s.Read(ctx)
	return message, err
}

// Send sends a message.
func (s Socket) Send(ctx context.Context, message []byte) error {
	return s.Write(ctx, websocket.MessageBinary, message)
}

// Close ends the connection because its end goes away, for a reason.
func (s Socket) Close(reason string) error { return s.Conn.Close(websocket.StatusGoingAway, reason) }

// DialGateway opens a WebSocket as a worker does.
func DialGateway(ctx context.Context, url string, header http.Header) (reference.Gateway, error) {
	socket, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: header, Subprotocols: []string{reference.GatewayProtocol}})
	if err != nil {
		return nil, err
	}
	return Socket{socket}, nil
}
