//go:build ignore

package main

import (
	"net/http"
	"net/url"

	"github.com/inngest/inngestgo"
)

// newHandler is for versions before 0.8.0: a handler beside the client, keys in
// the handler's options, and no mode in code. These versions find a function by
// the id that it was given, without the app's, and cannot connect.
func newHandler(s settings) (http.Handler, connector, error) {
	options := inngestgo.HandlerOpts{
		SigningKey: s.key, SigningKeyFallback: s.fallback, RegisterURL: registerURL(s.api),
	}
	if s.serveOrigin != nil {
		served, err := url.Parse(*s.serveOrigin + path)
		if err != nil {
			return nil, nil, err
		}
		options.URL = served
	}
	handler := inngestgo.NewHandler(appID, options)
	client := inngestgo.NewClient(inngestgo.ClientOpts{EventURL: s.events})
	for _, f := range functions(client) {
		handler.Register(inngestgo.CreateFunction(
			inngestgo.FunctionOpts{ID: appID + "-" + f.id, Name: f.id, Retries: retries()},
			inngestgo.EventTrigger(appID+"/"+f.id, nil), f.run))
	}
	return handler, nil, nil
}
