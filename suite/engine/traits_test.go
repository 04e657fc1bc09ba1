package engine

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-1": 0, "3": 3 * time.Second, "86400": time.Minute,
		"Fri, 02 Jan 2026 03:04:07 GMT": 3 * time.Second, "Fri, 02 Jan 2026 03:00:00 GMT": 0, "Fri, 02 Jan 2026 05:04:05 GMT": time.Minute,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestPace(t *testing.T) {
	var p pace
	p.widen(0)
	if p.gap != 0 {
		t.Errorf("after one attempt the gap is %s", p.gap)
	}
	p.widen(3)
	wide := p.gap
	p.widen(20)
	if wide <= 0 || p.gap != slowestGap {
		t.Errorf("after four attempts the gap is %s, at last %s", wide, p.gap)
	}
	for range 200 {
		p.faster()
	}
	if p.gap != 0 {
		t.Errorf("after 200 responses the gap is %s", p.gap)
	}
}

func TestPatience(t *testing.T) {
	var traits Traits
	if got := traits.patience(); got != limits.Exchange {
		t.Errorf("at first a response is waited for for %s", got)
	}
	for range 30 {
		traits.responded(time.Millisecond, true)
	}
	if got := traits.patience(); got != time.Second {
		t.Errorf("of a fast endpoint a response is waited for for %s", got)
	}
	traits.responded(10*time.Second, true)
	if got := traits.patience(); got != limits.Exchange {
		t.Errorf("of a slow endpoint a response is waited for for %s", got)
	}
}

func TestCodings(t *testing.T) {
	packed := func(writer func(io.Writer) io.WriteCloser, text string) string {
		var b bytes.Buffer
		w := writer(&b)
		_, _ = io.WriteString(w, text)
		_ = w.Close()
		return b.String()
	}
	asGzip := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	asZlib := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	asFlate := func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 1); return f }
	const text = `{"a":1}`
	for _, test := range []struct{ coding, body, want string }{
		{"", text, text}, {"identity", text, text}, {"gzip", packed(asGzip, text), text}, {"X-GZIP", packed(asGzip, text), text},
		{"deflate", packed(asZlib, text), text}, {"deflate", packed(asFlate, text), text},
		{"deflate, gzip", packed(asGzip, packed(asZlib, text)), text}, {"br", text, text}, {"gzip", text, text},
	} {
		a := suite.Response{Header: http.Header{"Content-Encoding": {test.coding}}, Body: []byte(test.body)}
		if got, _ := plainBody(a); string(got) != test.want {
			t.Errorf("%s: %q", test.coding, got)
		}
	}
}
