package reference_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

// api is a stand-in for Inngest's API: a round tripper that records requests and
// responds as a test says.
type api struct {
	requests []*http.Request
	bodies   []string
	respond  func(*http.Request) (status int, body string)
}

func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a.requests, a.bodies = append(a.requests, r), append(a.bodies, string(sent))
	status, body := a.respond(r)
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (a *api) bearers() (all []string) {
	for _, r := range a.requests {
		all = append(all, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
	return all
}

// accepts responds with 200 and a body to one key, and with a status to any other.
func accepts(k reference.Key, body string, otherwise int) func(*http.Request) (int, string) {
	return func(r *http.Request) (int, string) {
		if r.Header.Get("Authorization") == "Bearer "+k.Bearer() {
			return http.StatusOK, body
		}
		return otherwise, "Authentication failed"
	}
}

// always responds the same to every request.
func always(status int, body string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, body }
}

const registerURL = "http://api.test/fn/register?deployId=1"

var _ = Describe("A client", func() {
	var inngest *api
	both := reference.Keys{Primary: keyA, Fallback: keyB}

	BeforeEach(func() { inngest = &api{respond: accepts(keyA, "fine", 401)} })

	client := func(keys reference.Keys) *reference.Client {
		c := reference.NewClient(keys, "feature/x")
		c.Do = inngest.RoundTrip
		return c
	}
	send := func(keys reference.Keys) (reference.APIResponse, error) {
		header := http.Header{"Content-Type": {"application/json"}}
		return client(keys).Call(context.Background(), post, registerURL, header, []byte(`{"n":1}`))
	}

	It("authenticates with the hashed key and sends the SDK and environment headers", func() {
		Expect(send(both)).To(Equal(reference.APIResponse{Status: 200, Body: []byte("fine")}))
		Expect(inngest.bearers()).To(Equal([]string{keyA.Bearer()}))
		request := inngest.requests[0]
		Expect(request.Header.Get(reference.HeaderSDK)).To(Equal(reference.SDK))
		Expect(request.Header.Get(reference.HeaderRequestVersion)).To(Equal("2"), "SPEC 4.1.4: the headers of responses")
		Expect(request.Header.Get(reference.HeaderEnv)).To(Equal("feature/x"))
		Expect(request.Header.Get("Content-Type")).To(Equal("application/json"))
	})
	It("sends no environment header where none is configured", func() {
		c := client(both)
		c.Env = ""
		_, err := c.Call(context.Background(), get, registerURL, nil, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(inngest.requests[0].Header).NotTo(HaveKey(reference.HeaderEnv))
	})
	It("never sends the raw key", func() {
		inngest.respond = always(401, "")
		_, _ = send(both)
		for _, r := range inngest.requests {
			Expect(r.Header.Get("Authorization")).NotTo(Or(ContainSubstring(keyA.Secret()), ContainSubstring(keyB.Secret())))
		}
	})

	DescribeTable("repeats the request once with the fallback key when the API refuses the primary key",
		func(status int) {
			inngest.respond = accepts(keyB, "fine", status)
			Expect(send(both)).To(Equal(reference.APIResponse{Status: 200, Body: []byte("fine")}))
			Expect(inngest.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer()}))
			first, second := inngest.requests[0], inngest.requests[1]
			Expect(second.Method).To(Equal(first.Method))
			Expect(second.URL).To(Equal(first.URL))
			Expect(inngest.bodies).To(Equal([]string{`{"n":1}`, `{"n":1}`}))
			first.Header.Del("Authorization")
			second.Header.Del("Authorization")
			Expect(second.Header).To(Equal(first.Header))
		},
		Entry("with 401", 401),
		Entry("with 403", 403),
	)
	DescribeTable("does not switch keys for any other status",
		func(status int) {
			inngest.respond = always(status, "no")
			Expect(send(both)).To(Equal(reference.APIResponse{Status: status, Body: []byte("no")}))
			Expect(inngest.bearers()).To(Equal([]string{keyA.Bearer()}))
		},
		Entry("200", 200), Entry("307", 307), Entry("400", 400), Entry("404", 404),
		Entry("407", 407), Entry("429", 429), Entry("500", 500), Entry("503", 503),
	)
	It("does not switch keys when the API cannot be reached", func() {
		inngest.respond = always(0, "")
		_, err := send(both)
		Expect(err).To(MatchError(ContainSubstring("connection refused")))
		Expect(err).NotTo(MatchError(reference.ErrRefused))
		Expect(inngest.bearers()).To(HaveLen(1))
	})
	It("returns ErrRefused, without a key in it, when every key is refused", func() {
		inngest.respond = always(401, "")
		response, err := send(both)
		Expect(err).To(MatchError(reference.ErrRefused))
		Expect(response).To(Equal(reference.APIResponse{}))
		Expect(inngest.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer()}))
		for _, secret := range secretsOf(keyA, keyB) {
			Expect(err.Error()).NotTo(ContainSubstring(secret))
		}
	})
	It("tries the primary key first on every call", func() {
		inngest.respond = accepts(keyB, "", 401)
		c := client(both)
		for range 2 {
			_, err := c.Call(context.Background(), get, registerURL, nil, nil)
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(inngest.bearers()).To(Equal([]string{keyA.Bearer(), keyB.Bearer(), keyA.Bearer(), keyB.Bearer()}))
	})

	DescribeTable("tries the configured keys",
		func(keys reference.Keys, want ...string) {
			inngest.respond = always(401, "")
			_, _ = send(keys)
			Expect(inngest.bearers()).To(Equal(want))
		},
		Entry("only a primary key", reference.Keys{Primary: keyA}, keyA.Bearer()),
		Entry("only a fallback key", reference.Keys{Fallback: keyB}, keyB.Bearer()),
		Entry("none, so that the request has no bearer", reference.Keys{}, ""),
	)
	It("sends no Authorization header without a key", func() {
		_, _ = send(reference.Keys{})
		Expect(inngest.requests[0].Header).NotTo(HaveKey("Authorization"))
	})
	It("does not modify the caller's header", func() {
		header := http.Header{"Content-Type": {"text/plain"}}
		_, err := client(both).Call(context.Background(), post, registerURL, header, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(header).To(Equal(http.Header{"Content-Type": {"text/plain"}}))
	})
	It("returns an error for an invalid URL", func() {
		_, err := client(both).Call(context.Background(), post, "http://a b/", nil, nil)
		Expect(err).To(MatchError(ContainSubstring("preparing POST to the API")))
		Expect(inngest.requests).To(BeEmpty())
	})
	It("stops when its context is cancelled", func() {
		cancelled, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := reference.NewClient(both, "").Call(cancelled, get, "http://127.0.0.1:1/", nil, nil)
		Expect(err).To(MatchError(context.Canceled))
	})
})

var _ = Describe("A redirect of the API", func() {
	It("is not followed with the bearer, even to another port of the same host", func() {
		var elsewhere []*http.Request
		other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere = append(elsewhere, r) }))
		defer other.Close()
		var bearers []string
		first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bearers = append(bearers, r.Header.Get("Authorization"))
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		}))
		defer first.Close()
		Expect(hostname(first.URL)).To(Equal(hostname(other.URL)))

		response, err := reference.NewClient(reference.Keys{Primary: keyA}, "").Call(context.Background(), post, first.URL, nil, []byte("{}"))
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Status).To(Equal(http.StatusTemporaryRedirect))
		Expect(bearers).To(Equal([]string{"Bearer " + keyA.Bearer()}))
		Expect(elsewhere).To(BeEmpty())
	})
})

var _ = Describe("Sending events", func() {
	It("posts them under the event key, without a bearer", func() {
		inngest := &api{respond: always(200, `{"ids":["1"],"status":200}`)}
		c := reference.NewClient(reference.Keys{Primary: keyA, Fallback: keyB}, "prod")
		c.Do = inngest.RoundTrip
		event := reference.Event{Name: "app/echo", Data: json.RawMessage(`{"n":1}`)}
		Expect(c.SendEvents(context.Background(), "http://events.test", "a/key", event)).To(Succeed())
		Expect(inngest.requests[0].URL.String()).To(Equal("http://events.test/e/a%2Fkey"))
		Expect(inngest.bodies[0]).To(MatchJSON(`[{"name":"app/echo","data":{"n":1}}]`))
		Expect(inngest.requests[0].Header).NotTo(HaveKey("Authorization"))
		Expect(inngest.requests[0].Header.Get(reference.HeaderEnv)).To(Equal("prod"))
	})
	It("returns an error when the API refuses them", func() {
		inngest := &api{respond: always(401, "")}
		c := reference.NewClient(reference.Keys{Primary: keyA, Fallback: keyB}, "")
		c.Do = inngest.RoundTrip
		Expect(c.SendEvents(context.Background(), "http://events.test", "key")).To(MatchError(ContainSubstring("401")))
		Expect(inngest.requests).To(HaveLen(1))
	})
})

func hostname(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return u.Hostname()
}

// secretsOf returns every text that reveals a key: its digits and its bearer,
// with and without the prefix.
func secretsOf(keys ...reference.Key) (all []string) {
	for _, k := range keys {
		all = append(all, k.Secret(), k.Bearer(), strings.TrimPrefix(k.Bearer(), "signkey-test-"))
	}
	return all
}
