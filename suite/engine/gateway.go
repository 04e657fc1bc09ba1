package engine

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// The kinds of messages between a worker and its gateway (SPEC 8.4).
const (
	gatewayHello     = 0
	workerConnect    = 1
	gatewayReady     = 2
	workerHeartbeat  = 9
	gatewayHeartbeat = 10
)

// closing is why a gateway that is being replaced closes a connection.
const closing = "connect_gateway_closing"

// startOf is the response to the start of a connection: where the gateway is, and the
// tokens for it.
func startOf(gateway string) []byte {
	var m []byte
	for i, text := range []string{suite.ConnectionID, gateway, "countersign", suite.SessionToken, suite.SyncToken} {
		m = textField(m, protowire.Number(i+1), text)
	}
	return m
}

func textField(m []byte, number protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(m, number, protowire.BytesType), text)
}

// gatewayMessage is a message of the gateway.
func gatewayMessage(kind uint64, payload []byte) []byte {
	m := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), kind)
	return textField(m, 2, string(payload))
}

// Serve plays the gateway to one worker, which connected with these header fields: it
// greets it, takes its introduction, whatever that contains, and records all that the
// worker sends. It returns when the connection has ended.
func (s *StandIn) Serve(ctx context.Context, header http.Header, worker reference.Gateway) {
	away := s.connected(header)
	if worker.Send(ctx, gatewayMessage(gatewayHello, nil)) != nil {
		return
	}
	for {
		message, err := worker.Receive(ctx)
		if err != nil {
			return
		}
		kind, payload := opened(message)
		s.recordMessage(kind, payload, message)
		switch {
		case kind == workerConnect && away:
			_ = worker.Close(closing) // it is closed in any case
			return
		case kind == workerConnect:
			err = worker.Send(ctx, gatewayMessage(gatewayReady, textField(textField(nil, 1, "10s"), 2, "5s")))
		case kind == workerHeartbeat:
			err = worker.Send(ctx, gatewayMessage(gatewayHeartbeat, nil))
		}
		if err != nil {
			return
		}
	}
}

// connected records that a worker opened a connection, and reports whether it is to be
// sent away.
func (s *StandIn) connected(header http.Header) (away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(suite.APIRequest{
		Method: http.MethodGet, Path: suite.GatewayPath, Header: s.redact.header(header), Status: http.StatusSwitchingProtocols,
	})
	s.workers++
	return s.script.Conduct == suite.SendsAway && s.workers == 1
}

// recordMessage records a message of a worker. The body of a WORKER_CONNECT names the members
// that are judged; all of the message follows, quoted.
func (s *StandIn) recordMessage(kind uint64, payload, message []byte) {
	method, body := suite.WorkerMessage, map[string]any{"kind": kind}
	if kind == workerConnect {
		introduction := texts(payload)
		tokens := texts([]byte(introduction[3]))
		method = suite.WorkerConnect
		body["connection_id"], body["session_token"], body["sync_token"] = introduction[1], tokens[1], tokens[2]
	}
	body["message"] = strconv.QuoteToASCII(string(message))
	encoded, _ := json.Marshal(body) // plain values never fail
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep(suite.APIRequest{Method: method, Path: suite.GatewayPath, Header: http.Header{}, Body: s.redact.text(string(encoded)), Status: http.StatusOK})
}

// opened are the kind and the payload of a message, as far as it can be read. Without a
// kind it is a HELLO, which means nothing from a worker.
func opened(message []byte) (kind uint64, payload []byte) {
	eachField(message, func(number protowire.Number, wire protowire.Type, value []byte) {
		switch {
		case number == 1 && wire == protowire.VarintType:
			kind, _ = protowire.ConsumeVarint(value)
		case number == 2 && wire == protowire.BytesType:
			payload, _ = protowire.ConsumeBytes(value)
		}
	})
	return kind, payload
}

// texts are the last texts of each field of a message, as far as it can be read.
func texts(message []byte) map[protowire.Number]string {
	found := map[protowire.Number]string{}
	eachField(message, func(number protowire.Number, wire protowire.Type, value []byte) {
		if wire == protowire.BytesType {
			if text, read := protowire.ConsumeString(value); read >= 0 {
				found[number] = text
			}
		}
	})
	return found
}

// eachField calls see for each field of a message, until one cannot be read. The value
// begins with the field's.
func eachField(message []byte, see func(number protowire.Number, wire protowire.Type, value []byte)) {
	for len(message) > 0 {
		number, wire, size := protowire.ConsumeTag(message)
		if size < 0 {
			return
		}
		message = message[size:]
		see(number, wire, message)
		if size = protowire.ConsumeFieldValue(number, wire, message); size < 0 {
			return
		}
		message = message[size:]
	}
}
