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

// Headers that an SDK sends to Inngest and answers with (SPEC 4.1.1).
const (
	HeaderSDK                = "X-Inngest-Sdk"
	HeaderEnv                = "X-Inngest-Env"
	HeaderSyncKind           = "X-Inngest-Sync-Kind"
	HeaderServerKind         = "X-Inngest-Server-Kind"
	HeaderExpectedServerKind = "X-Inngest-Expected-Server-Kind"
	HeaderRequestVersion     = "X-Inngest-Req-Version"
)

// SDK is the name under which the reference introduces itself.
const SDK = "countersign-reference:v1.0.0"

// ErrRefused says that Inngest's API refused every key that there was.
var ErrRefused = errors.New("the API refused every signing key")

// Client makes requests to Inngest's API (SPEC 4.1.4). Its function fields have
// correct defaults from [NewClient].
type Client struct {
	Keys Keys
	Env  string // INNGEST_ENV; sent as X-Inngest-Env when set

	// Do sends one request and gives the answer as it came: no redirect is
	// followed, so no bearer travels to another origin.
	Do func(*http.Request) (*http.Response, error)
	// Bearer makes the token of a key.
	Bearer func(Key) string
	// Refuses says that an answer's status refuses the key (SPEC 3.1).
	Refuses func(status int) bool
	// Attempts is the keys to present, in order.
	Attempts func(Keys) []Key
}

// NewClient is a client with correct defaults: 30 seconds for an exchange.
func NewClient(keys Keys, env string) *Client {
	plain := &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Client{Keys: keys, Env: env, Do: plain.Do, Bearer: Key.Bearer, Refuses: RefusesKey, Attempts: AttemptKeys}
}

// RefusesKey holds for 401 and 403, and for no other status.
func RefusesKey(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// AttemptKeys is the primary key, then the fallback; keys that are not there
// are left out.
func AttemptKeys(keys Keys) []Key {
	var there []Key
	for _, key := range []Key{keys.Primary, keys.Fallback} {
		if !key.IsZero() {
			there = append(there, key)
		}
	}
	return there
}

// Reply is what the API answered.
type Reply struct {
	Status int
	Body   []byte
}

// Call sends method, url, header and body with the primary key's bearer and, if
// that key is refused, the very same request once more with the fallback's
// (KEYS 10). Other statuses and failures to connect change no key. The error
// wraps [ErrRefused] when no key was taken; without a key the request goes out
// without a bearer, as a dev server expects it.
func (c *Client) Call(ctx context.Context, method, url string, header http.Header, body []byte) (Reply, error) {
	keys := c.Attempts(c.Keys)
	if len(keys) == 0 {
		return c.once(ctx, method, url, header, body, Key{})
	}
	for _, key := range keys {
		reply, err := c.once(ctx, method, url, header, body, key)
		if err != nil || !c.Refuses(reply.Status) {
			return reply, err
		}
	}
	return Reply{}, fmt.Errorf("sending %s to the API: %w", method, ErrRefused)
}

func (c *Client) once(ctx context.Context, method, url string, header http.Header, body []byte, key Key) (Reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Reply{}, fmt.Errorf("preparing %s to the API: %w", method, err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set(HeaderSDK, SDK)
	request.Header.Set(HeaderRequestVersion, "2") // requests carry the headers of answers (SPEC 4.1.4)
	if c.Env != "" {
		request.Header.Set(HeaderEnv, c.Env)
	}
	if !key.IsZero() {
		request.Header.Set("Authorization", "Bearer "+c.Bearer(key))
	}
	response, err := c.Do(request)
	if err != nil {
		return Reply{}, fmt.Errorf("sending %s to the API: %w", method, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, MaxBody))
	if err != nil {
		return Reply{}, fmt.Errorf("reading the API's answer to %s: %w", method, err)
	}
	return Reply{response.StatusCode, answer}, nil
}

// Event is what a function is triggered by (SPEC 1.3.4).
type Event struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Data json.RawMessage `json:"data"`
	TS   int64           `json:"ts,omitempty"` // milliseconds since the epoch
}

// SendEvents posts events to `<event api>/e/<event key>`. No signing key and no
// hash of one goes along (reading R23).
func (c *Client) SendEvents(ctx context.Context, eventsAPI, eventKey string, events ...Event) error {
	body, err := json.Marshal(events)
	if err != nil {
		return fmt.Errorf("encoding %d events: %w", len(events), err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	reply, err := c.once(ctx, http.MethodPost, eventsAPI+"/e/"+url.PathEscape(eventKey), header, body, Key{})
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return fmt.Errorf("sending %d events: the event API answered %d", len(events), reply.Status)
	}
	return nil
}
