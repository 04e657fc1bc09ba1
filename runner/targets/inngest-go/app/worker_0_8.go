//go:build ignore

package main

import (
	"context"

	"github.com/inngest/inngestgo"
)

// connecting is for versions from 0.8.0 on, which can connect.
func connecting(client inngestgo.Client) connector {
	return func(ctx context.Context) (worker, error) {
		return inngestgo.Connect(ctx, inngestgo.ConnectOpts{Apps: []inngestgo.Client{client}})
	}
}
