package reference

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Headers of requests to Inngest's API and of responses (SPEC 4.1.1).
const (
	HeaderSDK                = "X-Inngest-Sdk"
	HeaderEnv                = "X-Inngest-Env"
	HeaderSyncKind           = "X-Inngest-Sync-Kind"
	HeaderServerKind         = "X-Inngest-Server-Kind"
	HeaderExpectedServerKind = "X-Inngest-Expected-Server-Kind"
	HeaderRequestVersion     = "X-Inngest-Req-Version"
)

// SDK is the reference's value of [HeaderSDK].
const SDK = "countersign-reference:v1.0.0"

// ErrRefused is returned where Inngest's API refused every configured key.
var ErrRefused = errors.New("the API refused every signing key")

// Client sends requests to Inngest's API (SPEC 4.1.4). Its function fields have
// correct defaults from [NewClient].
type Client struct {
	Keys Keys
	Env  string // INNGEST_ENV; sent as X-Inngest-Env where it is set

	// Do sends one request. It follows no redirect, so that no bearer is sent to
	// another origin.
	Do func(*http.Request) (*http.Response, error)
	// Bearer returns the token of a key.
	Bearer func(Key) string
	// Refuses reports whether a status means that the API refused the key (SPEC 3.1).
	Refuses func(status int) bool
	// Attempts returns the keys to try, in order.
	Attempts func(Keys) []Key
}

// NewClient returns a client with correct defaults. A request may take 30 seconds.
func NewClient(keys Keys, env string) *Client {
	plain := &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Client{Keys: keys, Env: env, Do: plain.Do, Bearer: Key.Bearer, Refuses: RefusesKey, Attempts: AttemptKeys}
}

// RefusesKey reports whether the status is 401 or 403.
func RefusesKey(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// AttemptKeys returns the primary key and the fallback, without zero keys.
func AttemptKeys(keys Keys) []Key {
	var set []Key
	for _, key := range []Key{keys.Primary, keys.Fallback} {
		if !key.IsZero() {
			set = append(set, key)
		}
	}
	return set
}

// APIResponse is a response of Inngest's API.
type APIResponse struct {
	Status int
	Body   []byte
}

// Call sends a request with the primary key's bearer and, if the API refuses
// that key, the same request once more with the fallback's (KEYS 10). Other
// statuses and connection errors do not switch keys. The error wraps
// [ErrRefused] where every key was refused. Without a key the request has no
// bearer, as a dev server expects it.
func (c *Client) Call(ctx context.Context, method, url string, header http.Header, body []byte) (APIResponse, error) {
	keys := c.Attempts(c.Keys)
	if len(keys) == 0 {
		return c.once(ctx, method, url, header, body, Key{})
	}
	for _, key := range keys {
		response, err := c.once(ctx, method, url, header, body, key)
		if err != nil || !c.Refuses(response.Status) {
			return response, err
		}
	}
	return APIResponse{}, fmt.Errorf("sending %s to the API: %w", method, ErrRefused)
}

func (c *Client) once(ctx context.Context, method, url string, header http.Header, body []byte, key Key) (APIResponse, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return APIResponse{}, fmt.Errorf("preparing %s to the API: %w", method, err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set(HeaderSDK, SDK)
	request.Header.Set(HeaderRequestVersion, "2") // requests have the headers of responses (SPEC 4.1.4)
	if c.Env != "" {
		request.Header.Set(HeaderEnv, c.Env)
	}
	if !key.IsZero() {
		request.Header.Set("Authorization", "Bearer "+c.Bearer(key))
	}
	response, err := c.Do(request)
	if err != nil {
		return APIResponse{}, fmt.Errorf("sending %s to the API: %w", method, err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, MaxBody))
	if err != nil {
		return APIResponse{}, fmt.Errorf("reading the API's response to %s: %w", method, err)
	}
	return APIResponse{response.StatusCode, content}, nil
}

// Event triggers a function (SPEC 1.3.4).
type Event struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Data json.RawMessage `json:"data"`
	TS   int64           `json:"ts,omitempty"` // milliseconds since the epoch
}

// SendEvents posts events to `<event api>/e/<event key>`. The request has no
// bearer (R23).
func (c *Client) SendEvents(ctx context.Context, eventsAPI, eventKey string, events ...Event) error {
	body, err := json.Marshal(events)
	if err != nil {
		return fmt.Errorf("encoding %d events: %w", len(events), err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	response, err := c.once(ctx, http.MethodPost, eventsAPI+"/e/"+url.PathEscape(eventKey), header, body, Key{})
	if err != nil {
		return err
	}
	if response.Status != http.StatusOK {
		return fmt.Errorf("sending %d events: the event API responded with %d", len(events), response.Status)
	}
	return nil
}
