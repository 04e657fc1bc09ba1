package fuzzing

import (
	"context"
	"strings"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
)

// Fast is a lab whose targets are spoken to over connections that are kept. It
// is for targets on loopback that the lab started itself.
func Fast(lab engine.Lab) engine.Lab { return fast{lab} }

type fast struct{ engine.Lab }

// Start brings a target up.
func (f fast) Start(ctx context.Context, s suite.Setup) (engine.Target, error) {
	t, err := f.Lab.Start(ctx, s)
	if err != nil {
		return nil, err
	}
	return &fastTarget{t, &Client{Address: t.Host()}}, nil
}

type fastTarget struct {
	engine.Target
	client *Client
}

// Send keeps the connection where the framing is honest. What goes wrong is seen
// once more over a connection of its own, and by the target, which knows whether
// its process ended.
func (t *fastTarget) Send(ctx context.Context, r suite.Request) (suite.Response, error) {
	if !plainlyFramed(r) {
		return t.Target.Send(ctx, r)
	}
	answer, err := t.client.Do(ctx, r)
	if err == nil {
		return answer, nil
	}
	t.client.Close()
	return t.Target.Send(ctx, r)
}

// Stop ends the target and the connections to it.
func (t *fastTarget) Stop() {
	t.client.Close()
	t.Target.Stop()
}

// plainlyFramed: nothing in the head says where the request or the connection ends.
func plainlyFramed(r suite.Request) bool {
	for _, f := range r.Header {
		switch strings.ToLower(f.Name) {
		case "content-length", "transfer-encoding", "connection", "upgrade", "expect":
			return false
		}
		if strings.ContainsAny(f.Value, "\r\n") {
			return false
		}
	}
	return r.Method != "HEAD" && !(len(r.Body) > 0 && r.Method == "GET")
}
