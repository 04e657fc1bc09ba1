package endpoint

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/countersign-dev/countersign/reference"
)

// A request has no effect and reveals nothing unless Verify accepts it or the
// environment selects development; a valid request is never rejected; no response
// contains a key; and the API receives only bearers, at its own address.
func FuzzEndpoint(f *testing.F) {
	for i, a := range requests() {
		f.Add(a.method, a.target, a.headers, a.body, a.now, uint8(i%8), texts()[i%len(texts())])
		f.Add(a.method, a.target, a.headers, a.body, a.now, uint8(0), "")
	}
	f.Fuzz(func(t *testing.T, method, target, headers string, body []byte, now int64, bits uint8, dev string) {
		a := arriving{method, target, headers, body, now}
		examine(t, a, bits, dev)
		examine(t, a.signed(bits), bits, dev)
	})
}

// signed replaces the signature with a valid one: the third bit selects the key,
// the fourth whether the canonical form is signed.
func (a arriving) signed(bits uint8) arriving {
	key, _ := reference.ParseKey([]string{primary, fallback}[bits>>2&1])
	message := a.body
	if canonical, err := reference.Canonicalise(a.body); err == nil && bits>>3&1 == 1 {
		message = canonical
	}
	signature, err := reference.Sign(key, message, time.Unix(a.now, 0))
	if err != nil || a.now < 0 {
		return a
	}
	var kept []string
	for line := range strings.SplitSeq(a.headers, "\n") {
		if name, _, _ := strings.Cut(line, ":"); http.CanonicalHeaderKey(strings.TrimSpace(name)) != reference.HeaderSignature {
			kept = append(kept, line)
		}
	}
	a.headers = strings.Join(append(kept, reference.HeaderSignature+": "+signature.String()), "\n")
	return a
}

func examine(t *testing.T, a arriving, bits uint8, dev string) {
	r, w := a.request(), newWorld(bits, dev, a.now)
	if r == nil {
		return
	}
	authentic := authentic(a, r, w)
	w.ServeHTTP(w, r)
	opened, rejected := w.opened(r), strings.Contains(w.body.String(), `"Unauthorized"`)
	switch {
	case w.status < 200 || w.status > 599:
		t.Errorf("%+v: status %d", a, w.status)
	case w.header.Get(reference.HeaderSDK) == "":
		t.Errorf("%+v: the response does not name the SDK", a)
	case opened != "" && !authentic && !w.dev:
		t.Errorf("%+v, keys %d, mode %q: %s for anyone", a, bits, dev, opened)
	case rejected && authentic:
		t.Errorf("%+v, keys %d, mode %q: rejected, and authentic", a, bits, dev)
	case rejected && w.header.Get(reference.HeaderSignature) != "":
		t.Errorf("%+v, keys %d, mode %q: a signed rejection", a, bits, dev)
	}
	w.revealsNoSecret(t, a)
	w.contactsOnlyTheAPI(t, a)
}

// authentic reports whether the signature and the shape of the request are valid.
func authentic(a arriving, r *http.Request, w *world) bool {
	values := r.Header.Values(reference.HeaderSignature)
	if len(values) != 1 {
		return false
	}
	_, err := reference.Verify(values[0], a.body, w.keys, time.Unix(a.now, 0))
	return err == nil && reference.CheckShape(r, a.body) == nil
}

// opened says what a request did or got that only an authentic one may.
func (w *world) opened(r *http.Request) string {
	switch {
	case w.ran || strings.Contains(w.body.String(), output):
		return "the function ran"
	case w.header.Get(reference.HeaderSignature) != "":
		return "the response is signed"
	case strings.Contains(w.body.String(), canary):
		return "the response names the environment"
	case r.Method == http.MethodPost && w.status == http.StatusOK:
		return "the status is 200"
	}
	return ""
}

func (w *world) revealsNoSecret(t *testing.T, a arriving) {
	for _, text := range []string{primary, fallback} {
		key, _ := reference.ParseKey(text)
		for _, secret := range []string{key.Secret(), key.Bearer()} {
			if strings.Contains(w.body.String(), secret) && !strings.Contains(string(a.body)+a.target+a.headers, secret) {
				t.Errorf("%+v: the response contains a key or its bearer", a)
			}
		}
	}
}

func (w *world) contactsOnlyTheAPI(t *testing.T, a arriving) {
	for i, r := range w.requests {
		bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if bearer != "" && bearer != w.keys.Primary.Bearer() && bearer != w.keys.Fallback.Bearer() || i > 1 && bearer == "" {
			t.Errorf("%+v: the API received %q", a, bearer)
		}
		if !strings.HasPrefix(r.URL.String(), api+"/") {
			t.Errorf("%+v: contacted %s, which is not the API", a, r.URL)
		}
	}
}
