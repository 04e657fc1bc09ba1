//go:build ignore

// The inngest-go target: an app that runs with every inngestgo from 0.7.2 on.
//
// ../README.md describes what it does. The build constraint keeps these files
// out of the module that they are stored in; setup.go removes it from main.go, from
// worker.go and from the files that fit a version, and builds them.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/inngest/inngestgo"
	"github.com/inngest/inngestgo/step"
)

const (
	appID = "countersign"
	path  = "/api/inngest"
)

// settings are what the app passes to the SDK in code. Everything else the SDK
// reads from INNGEST_* by itself.
type settings struct {
	key, fallback *string // nil: not given in code
	dev           *bool

	// Addresses that some or all versions take in code only.
	api, events, serveOrigin *string
}

func readSettings() settings {
	s := settings{
		key:         variable("COUNTERSIGN_CODE_SIGNING_KEY"),
		fallback:    variable("COUNTERSIGN_CODE_SIGNING_KEY_FALLBACK"),
		api:         variable("INNGEST_API_BASE_URL"),
		events:      variable("INNGEST_EVENT_API_BASE_URL"),
		serveOrigin: variable("INNGEST_SERVE_ORIGIN"),
	}
	if text := variable("COUNTERSIGN_CODE_DEV"); text != nil {
		dev := *text == "1" || *text == "true"
		s.dev = &dev
	}
	return s
}

// registerURL is where an API takes registrations; nil where there is no API.
func registerURL(api *string) *string {
	if api == nil {
		return nil
	}
	address := *api + "/fn/register"
	return &address
}

// variable is the value of an environment variable; nil if it is not set.
func variable(name string) *string {
	if value, set := os.LookupEnv(name); set {
		return &value
	}
	return nil
}

// function is one function of the app. Its trigger is countersign/<id>.
type function struct {
	id          string
	checkpoints bool
	run         func(context.Context, input) (any, error)
}

// sender sends an event; every version's client is one.
type sender interface {
	Send(ctx context.Context, event any) (string, error)
}

// functions are the functions of the app. Each reports to the beacon before it
// does anything else.
func functions(client sender) []function {
	echo := func(_ context.Context, in input) (any, error) {
		return result(in), nil
	}
	oneStep := func(ctx context.Context, in input) (any, error) {
		return step.Run(ctx, "work", func(context.Context) (map[string]any, error) { return result(in), nil })
	}
	send := func(ctx context.Context, in input) (any, error) {
		_, err := client.Send(ctx, map[string]any{"name": "countersign/sent", "data": result(in)})
		return result(in), err
	}
	return []function{
		{id: "echo", run: reporting(echo)},
		{id: "step", run: reporting(oneStep), checkpoints: true},
		{id: "send", run: reporting(send)},
	}
}

func result(in input) map[string]any { return map[string]any{"nonce": in.Event.Data["nonce"]} }

// reporting makes a function report to the beacon first.
func reporting(run func(context.Context, input) (any, error)) func(context.Context, input) (any, error) {
	return func(ctx context.Context, in input) (any, error) {
		report(in.Event.Data["nonce"])
		return run(ctx, in)
	}
}

// beacon opens a connection for every report, so that none is lost to a
// kept-alive connection that has just been closed.
var beacon = http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// report notifies the beacon that a function runs. A beacon that cannot be reached
// must not fail the function.
func report(nonce any) {
	address := os.Getenv("COUNTERSIGN_BEACON")
	if address == "" {
		return
	}
	text, isText := nonce.(string)
	if !isText || text == "" {
		text = "-"
	}
	request, err := http.NewRequest(http.MethodPost, address+"/"+url.PathEscape(text), nil)
	if err != nil {
		log.Printf("reporting to the beacon: %v", err)
		return
	}
	request.Header.Set("Cache-Control", "no-store")
	response, err := beacon.Do(request)
	if err != nil {
		log.Printf("reporting to the beacon: %v", err)
		return
	}
	response.Body.Close()
}

func retries() *int { return new(int) } // none: the response to a call is the function's own

func main() {
	handler, connect, err := newHandler(readSettings())
	if err != nil {
		log.Fatalf("making the handler: %v", err)
	}
	mux := http.NewServeMux()
	mux.Handle(path, handler)
	if os.Getenv("COUNTERSIGN_CONNECT") == "1" && connect != nil {
		mux.Handle("POST /connect", serveWorker(connect))
	}
	address := net.JoinHostPort("127.0.0.1", os.Getenv("PORT"))
	log.Printf("inngestgo %s at http://%s%s", inngestgo.SDKVersion, address, path)
	log.Fatal(http.ListenAndServe(address, mux))
}
