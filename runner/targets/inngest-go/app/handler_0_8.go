//go:build ignore

package main

import (
	"net/http"

	"github.com/inngest/inngestgo"
)

// newHandler is for versions from 0.8.0 up to, not including, 0.15.0: keys, mode
// and addresses belong to the client, and the client serves its functions. Some
// of these versions ignore APIBaseURL when they register, so RegisterURL is set, too.
func newHandler(s settings) (http.Handler, connector, error) {
	client, err := inngestgo.NewClient(inngestgo.ClientOpts{
		AppID: appID, SigningKey: s.key, SigningKeyFallback: s.fallback, Dev: s.dev,
		APIBaseURL: s.api, RegisterURL: registerURL(s.api), EventURL: s.events,
	})
	if err != nil {
		return nil, nil, err
	}
	for _, f := range functions(client) {
		_, err := inngestgo.CreateFunction(client,
			inngestgo.FunctionOpts{ID: f.id, Name: f.id, Retries: retries()},
			inngestgo.EventTrigger(appID+"/"+f.id, nil), f.run)
		if err != nil {
			return nil, nil, err
		}
	}
	return client.ServeWithOpts(inngestgo.ServeOpts{Origin: s.serveOrigin}), connecting(client), nil
}
