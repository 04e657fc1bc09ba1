package engine_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/engine"
	"github.com/countersign-dev/countersign/suite/limits"
	"github.com/countersign-dev/countersign/suite/longtest"
)

// lavish is a target that responds with what the test says.
type lavish struct {
	*scripted
	response suite.Response
}

func (l *lavish) Start(context.Context, suite.Setup) (engine.Target, error)   { return l, nil }
func (l *lavish) Send(context.Context, suite.Request) (suite.Response, error) { return l.response, nil }
func (l *lavish) session(t *testing.T) *engine.Session {
	t.Helper()
	session, err := engine.OpenSession(t.Context(), l, suite.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// A run keeps so much of what its target sends, and no more; what is forgotten makes
// room.
func TestOnlySoMuchIsKept(t *testing.T) {
	longtest.Skip(t)
	l := &lavish{newScripted(), suite.Response{Status: 401, Body: bytes.Repeat([]byte("x"), limits.Body)}}
	session := l.session(t)
	send := func(n int) (held, cut int) {
		for range n {
			x := session.Send(t.Context(), message(suite.KindProbe, fmt.Sprint(n, held, cut)))
			held += len(x.Response.Body)
			if x.Cut != "" {
				cut++
			}
		}
		return held, cut
	}
	const fit = limits.Kept / limits.Body
	if held, cut := send(fit); held != fit*limits.Body || cut != 0 {
		t.Errorf("%d bytes are held, %d responses are cut; want %d and none", held, cut, fit*limits.Body)
	}
	if held, cut := send(20); held > 20*4096 || cut != 20 {
		t.Errorf("beyond the limit %d bytes are held, and %d of 20 responses are marked as cut", held, cut)
	}
	session.Forget(0)
	if held, cut := send(fit); held != fit*limits.Body || cut != 0 {
		t.Errorf("after what was kept is forgotten %d bytes are held, %d responses are cut", held, cut)
	}
}

// Bombs: a response is decoded up to a limit, and marked as cut.
func TestBombs(t *testing.T) {
	longtest.Skip(t)
	keys := suite.NewKeyring(rand.New(rand.NewPCG(1, 2)))
	secret := []byte(keys.Primary.Secret())
	asGzip := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	asBrotli := func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }
	packed := func(body []byte, by ...func(io.Writer) io.WriteCloser) []byte {
		for _, writer := range by {
			var b bytes.Buffer
			w := writer(&b)
			_, _ = w.Write(body)
			_ = w.Close()
			body = b.Bytes()
		}
		return body
	}
	zeros := make([]byte, 64<<20)
	for name, test := range map[string]struct {
		coding string
		body   []byte
		cut    bool
		leaks  bool
	}{
		"gzip":                         {"gzip", packed(zeros, asGzip), true, false},
		"brotli":                       {"br", packed(zeros, asBrotli), true, false},
		"nested":                       {"gzip, gzip", packed(zeros, asGzip, asGzip), true, false},
		"a secret before the bomb":     {"br", packed(append(bytes.Clone(secret), zeros...), asBrotli), true, true},
		"a secret in brotli":           {"br", packed(secret, asBrotli), false, true},
		"a secret in brotli and gzip":  {"br, gzip", packed(secret, asBrotli, asGzip), false, true},
		"too many codings":             {"gzip, gzip, gzip, gzip, gzip, gzip", packed(secret, asGzip, asGzip, asGzip, asGzip, asGzip, asGzip), true, false},
		"an unknown coding":            {"zstd", []byte("?"), true, false},
		"an unknown coding of nothing": {"zstd", nil, false, false},
		"a coding that is not there":   {"br", secret, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := &lavish{newScripted(), suite.Response{Status: 401, Header: http.Header{"Content-Encoding": {test.coding}}, Body: test.body}}
			x := l.session(t).Send(t.Context(), message(suite.KindProbe, "N"))
			if len(x.Response.Body) > limits.Body || (x.Cut != "") != test.cut || (len(x.Leaked()) > 0) != test.leaks {
				t.Errorf("%d bytes are held, cut %q, leaked %v", len(x.Response.Body), x.Cut, x.Leaked())
			}
		})
	}
}

// A flood of requests to the stand-in API is cut, and the exchange says so.
func TestFloods(t *testing.T) {
	longtest.Skip(t)
	for name, test := range map[string]struct {
		requests int
		body     string
		cut      string
	}{
		"few":           {limits.APIRequestsEach, "", ""},
		"many":          {limits.APIRequestsEach + 1, "", "meanwhile"},
		"very many":     {10_000, "", "meanwhile"},
		"large":         {20, strings.Repeat("x", limits.APIBody-100), "at a time"},
		"one too large": {1, strings.Repeat("x", limits.APIBody+1), "a body of more than"},
	} {
		t.Run(name, func(t *testing.T) {
			lab := newScripted()
			lab.during["/N"] = func() {
				for range test.requests {
					lab.standIn.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/fn/register?deployId=N", strings.NewReader(test.body)))
				}
			}
			m := message(suite.KindSync, "N")
			m.Request.Target = "/N"
			x := lab.session(t).Send(t.Context(), m)
			if len(x.APIRequests) > limits.APIRequestsEach || (x.Cut == "") != (test.cut == "") || !strings.Contains(x.Cut, test.cut) {
				t.Errorf("%d requests are kept, cut %q; want %q", len(x.APIRequests), x.Cut, test.cut)
			}
		})
	}
}
