//go:build ignore

package main

import (
	"net/http"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/pkg/checkpoint"
)

// newHandler is for versions from 0.15.0 on, which can checkpoint. Checkpoints go
// to the address that is given in code, not to INNGEST_API_BASE_URL.
func newHandler(s settings) (http.Handler, connector, error) {
	client, err := inngestgo.NewClient(inngestgo.ClientOpts{
		AppID: appID, SigningKey: s.key, SigningKeyFallback: s.fallback, Dev: s.dev,
		APIBaseURL: s.api, EventAPIBaseURL: s.events,
	})
	if err != nil {
		return nil, nil, err
	}
	for _, f := range functions(client) {
		options := inngestgo.FunctionOpts{ID: f.id, Name: f.id, Retries: retries()}
		if f.checkpoints {
			options.Checkpoint = checkpoint.ConfigSafe
		}
		_, err := inngestgo.CreateFunction(client, options, inngestgo.EventTrigger(appID+"/"+f.id, nil), f.run)
		if err != nil {
			return nil, nil, err
		}
	}
	return client.Serve(), connecting(client), nil
}
