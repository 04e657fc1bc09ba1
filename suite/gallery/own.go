package gallery

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// ownDoing: endpoints that send requests to the API by themselves.
func ownDoing() []Endpoint {
	return []Endpoint{
		{
			Name: "registers-at-start", Part: OwnDoing,
			Peculiar: "it registers its functions by itself when it starts",
			Change:   func(e *reference.Endpoint) { go register(e) },
		},
		{
			Name: "registers-soon", Part: OwnDoing,
			Peculiar: "it registers its functions by itself, 30 ms after its start",
			Change:   func(e *reference.Endpoint) { time.AfterFunc(30*time.Millisecond, func() { register(e) }) },
		},
		{
			Name: "registers-again-and-again", Part: OwnDoing,
			Peculiar: "it registers its functions by itself every 50 ms",
			Change:   func(e *reference.Endpoint) { every(50*time.Millisecond, func() bool { return register(e) }) },
		},
		{
			Name: "heartbeat", Part: OwnDoing,
			Peculiar: "every 20 ms it reports to the API that it is running",
			Change: func(e *reference.Endpoint) {
				every(20*time.Millisecond, func() bool { return request(e, http.MethodGet, "/v0/heartbeat", nil) })
			},
		},
		{
			Name: "slow-heartbeat", Part: OwnDoing,
			Peculiar: "every 400 ms it reports to the API that it is running",
			Change: func(e *reference.Endpoint) {
				every(400*time.Millisecond, func() bool { return request(e, http.MethodPost, "/v1/heartbeat", []byte(`{"alive":true}`)) })
			},
		},
		{
			Name: "sends-events", Part: OwnDoing,
			Peculiar: "every 30 ms it sends an event of its own",
			Change: func(e *reference.Endpoint) {
				every(30*time.Millisecond, func() bool {
					c := configured(e)
					event := reference.Event{Name: "countersign/tick", Data: json.RawMessage(`{}`)}
					return c.Client(c).SendEvents(context.Background(), c.Mode.EventsAPI, e.Getenv(reference.EnvEventKey), event) == nil
				})
			},
		},
		{
			Name: "looks-at-its-environment", Part: OwnDoing,
			Peculiar: "with each authentic call it reads something from the API that no clause speaks of",
			Change: func(e *reference.Endpoint) {
				run := e.Run
				e.Run = func(c *reference.Context) reference.Response {
					request(e, http.MethodGet, "/v1/apps", nil)
					return run(c)
				}
			},
		},
	}
}

// every does something again and again, until it failed many times in a row.
func every(pause time.Duration, do func() bool) {
	go func() {
		for failed := 0; failed < 20; {
			time.Sleep(pause)
			if failed++; do() {
				failed = 0
			}
		}
	}()
}

func configured(e *reference.Endpoint) *reference.Context {
	request, err := http.NewRequest(http.MethodPut, "http://app.invalid/api/inngest", nil)
	if err != nil {
		panic("a fixed URL is valid: " + err.Error())
	}
	return e.Context(request)
}

// register registers the functions, as an out-of-band sync does.
func register(e *reference.Endpoint) bool {
	return e.SyncOut(configured(e)).Status == http.StatusOK
}

// request sends a request to the API with the bearer of the key.
func request(e *reference.Endpoint, method, path string, body []byte) bool {
	c := configured(e)
	_, err := c.Client(c).Call(context.Background(), method, c.APIOrigin(c)+path, http.Header{}, bytes.Clone(body))
	return err == nil
}
