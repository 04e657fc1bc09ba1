package gallery

import (
	"context"
	"net/http"

	"github.com/countersign-dev/countersign/reference"
)

// workers: endpoints whose workers connect in a way of their own.
func workers() []Endpoint {
	return []Endpoint{
		{
			Name: "connects-twice", Part: OwnDoing,
			Peculiar: "its worker opens a connection to the gateway, closes it, and opens another one",
			Change: func(e *reference.Endpoint) {
				dial := e.Dial
				e.Dial = func(ctx context.Context, url string, header http.Header) (reference.Gateway, error) {
					if first, err := dial(ctx, url, header); err == nil {
						_ = first.Close("a first try") // it is closed in any case
					}
					return dial(ctx, url, header)
				}
			},
		},
		{
			Name: "says-little-to-the-gateway", Part: OwnDoing,
			Peculiar: "its worker's introduction has nothing but the connection id and the tokens, in another order",
			Change: func(e *reference.Endpoint) {
				e.Greet = func(_ *reference.Context, s reference.Started) []byte {
					field := func(tag byte, text string) string { return string([]byte{tag, byte(len(text))}) + text }
					tokens := field(2<<3|2, s.SyncToken) + field(1<<3|2, s.SessionToken)
					return []byte(field(3<<3|2, tokens) + field(1<<3|2, s.ConnectionID))
				}
			},
		},
		{
			Name: "connects-once", Part: OwnDoing,
			Peculiar: "its worker fails with the first error of the API that is no refusal",
			Change: func(e *reference.Endpoint) {
				connect := e.Connect
				e.Connect = func(ctx context.Context, c *reference.Context) (reference.Gateway, error) {
					ctx, cancel := context.WithCancel(ctx)
					defer cancel()
					own, copied := *c, *c.Endpoint
					own.Endpoint = &copied
					make := copied.Client
					copied.Client = func(c *reference.Context) *reference.Client {
						client := make(c)
						refuses := client.Refuses
						client.Refuses = func(status int) bool {
							if status >= 400 && !refuses(status) {
								cancel()
							}
							return refuses(status)
						}
						return client
					}
					return connect(ctx, &own)
				}
			},
		},
	}
}
