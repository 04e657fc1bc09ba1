package reference_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

// sendRaw sends a call, or another request, with a header and body as given.
func (f *fixture) sendRaw(r request, body io.Reader, signatures ...string) *httptest.ResponseRecorder {
	sent := httptest.NewRequest(r.method, r.target, body)
	sent.Header[reference.HeaderSignature] = signatures
	response := httptest.NewRecorder()
	f.ServeHTTP(response, sent)
	return response
}

// These tables are the required behaviour of an SDK, for each kind of request in both modes.
var _ = Describe("An endpoint", func() {
	check := func(env func() map[string]string, r request, sign signature, then outcome) {
		f := newFixture(env())
		then(f, f.send(r, sign))
	}

	DescribeTable("in cloud mode", check,
		Entry("runs a call signed with the primary key", cloud, call, signedBy(keyA), runs),
		Entry("runs a call signed with the fallback key", cloud, call, signedBy(keyB), runs),
		Entry("refuses an unsigned call", cloud, call, unsigned, refused),
		Entry("refuses a call signed with an unknown key", cloud, call, signedBy(unknownKey), refused),
		Entry("refuses a call with an expired signature", cloud, call, expired, refused),
		Entry("refuses a call signed with the empty key", cloud, call, signedByEmptyKey, refused),

		Entry("accepts a signed probe", cloud, probe, signedBy(keyA), probed),
		Entry("refuses an unsigned probe", cloud, probe, unsigned, refused),
		Entry("refuses a probe signed with an unknown key", cloud, probe, signedBy(unknownKey), refused),
		Entry("refuses a probe signed with the empty key", cloud, probe, signedByEmptyKey, refused),

		Entry("discloses privileged fields to an introspection signed with the primary key", cloud, inspection, signedBy(keyA), privileged),
		Entry("discloses privileged fields to an introspection signed with the fallback key", cloud, inspection, signedBy(keyB), privileged),
		Entry("discloses no privileged field to an unsigned introspection", cloud, inspection, unsigned, unprivileged),
		Entry("discloses no privileged field to an introspection signed with an unknown key", cloud, inspection, signedBy(unknownKey), rejected),
		Entry("discloses no privileged field to an introspection with an expired signature", cloud, inspection, expired, rejected),
		Entry("discloses no privileged field to an introspection signed with the empty key", cloud, inspection, signedByEmptyKey, rejected),

		Entry("registers on a signed out-of-band sync", cloud, syncOut, signedBy(keyA), registered),
		Entry("registers on an unsigned out-of-band sync", cloud, syncOut, unsigned, registered),
		Entry("refuses an out-of-band sync signed with an unknown key", cloud, syncOut, signedBy(unknownKey), refused),

		Entry("lists its functions on a signed in-band sync", cloud, syncIn, signedBy(keyA), listed),
		Entry("refuses an unsigned in-band sync", cloud, syncIn, unsigned, refused),
		Entry("refuses an in-band sync signed with an unknown key", cloud, syncIn, signedBy(unknownKey), refused),
		Entry("refuses an in-band sync signed with the empty key", cloud, syncIn, signedByEmptyKey, refused),
	)

	DescribeTable("in cloud mode without a key", check,
		Entry("refuses an unsigned call", cloudKeyless, call, unsigned, refused),
		Entry("refuses a call signed with the empty key", cloudKeyless, call, signedByEmptyKey, refused),
		Entry("refuses a call signed with an unknown key", cloudKeyless, call, signedBy(unknownKey), refused),
		Entry("refuses a probe signed with the empty key", cloudKeyless, probe, signedByEmptyKey, refused),
		Entry("refuses an in-band sync signed with the empty key", cloudKeyless, syncIn, signedByEmptyKey, refused),
		Entry("refuses an unsigned out-of-band sync, as it has no bearer for the API", cloudKeyless, syncOut, unsigned, refused),
		Entry("refuses an out-of-band sync signed with the empty key", cloudKeyless, syncOut, signedByEmptyKey, refused),
		Entry("discloses no privileged field to an unsigned introspection", cloudKeyless, inspection, unsigned, unprivileged),
		Entry("discloses no privileged field to an introspection signed with the empty key", cloudKeyless, inspection, signedByEmptyKey, rejected),
	)

	DescribeTable("in cloud mode with only a fallback key", check,
		Entry("runs a call signed with it", cloudFallback, call, signedBy(keyB), runs),
		Entry("refuses a call signed with the empty key", cloudFallback, call, signedByEmptyKey, refused),
		Entry("refuses an unsigned call", cloudFallback, call, unsigned, refused),
		Entry("discloses no privileged field to an introspection signed with the empty key", cloudFallback, inspection, signedByEmptyKey, rejected),
		Entry("registers with it", cloudFallback, syncOut, unsigned, registered),
	)

	DescribeTable("in dev mode with keys", check,
		Entry("runs an unsigned call", dev, call, unsigned, runs),
		Entry("runs a signed call", dev, call, signedBy(keyA), runs),
		Entry("refuses a call with an invalid signature", dev, call, signedBy(unknownKey), refused),
		Entry("accepts an unsigned probe", dev, probe, unsigned, probed),
		Entry("refuses a probe with an invalid signature", dev, probe, signedBy(unknownKey), refused),
		Entry("discloses no privileged field to an unsigned introspection", dev, inspection, unsigned, unprivileged),
		Entry("discloses no privileged field to an introspection with an invalid signature", dev, inspection, signedBy(unknownKey), rejected),
		Entry("registers on an unsigned out-of-band sync", dev, syncOut, unsigned, registered),
		Entry("lists its functions on an unsigned in-band sync", dev, syncIn, unsigned, listed),
		Entry("refuses an in-band sync with an invalid signature", dev, syncIn, signedBy(unknownKey), refused),
	)

	DescribeTable("in dev mode without a key", check,
		Entry("runs an unsigned call", devKeyless, call, unsigned, runs),
		Entry("runs a call with any signature", devKeyless, call, signedBy(unknownKey), runs),
		Entry("accepts an unsigned probe", devKeyless, probe, unsigned, probed),
		Entry("discloses no privileged field to an unsigned introspection", devKeyless, inspection, unsigned, unprivileged),
		Entry("registers on an unsigned out-of-band sync", devKeyless, syncOut, unsigned, registered),
		Entry("lists its functions on an unsigned in-band sync", devKeyless, syncIn, unsigned, listed),
	)

	DescribeTable("responds with 405 to any other method, signed or not, and does nothing",
		func(method string) {
			for _, env := range []func() map[string]string{cloud, dev} {
				f := newFixture(env())
				r := syncIn // its sync-kind header has no effect on other methods
				r.method, r.target = method, call.target
				for _, s := range []signature{unsigned, func(request) string { return signed(keyA, syncIn.body, now) }} {
					response := f.send(r, s)
					Expect(response).To(HaveHTTPStatus(405))
					Expect(response).To(HaveHTTPHeaderWithValue("Allow", "GET, POST, PUT"))
					Expect(f.runs).To(BeEmpty())
					Expect(f.api.requests).To(BeEmpty())
					leaksNothing(f, response)
				}
			}
		},
		Entry(nil, "HEAD"), Entry(nil, "OPTIONS"), Entry(nil, "DELETE"), Entry(nil, "PATCH"), Entry(nil, "BREW"),
	)

	DescribeTable("stays in cloud mode whatever header a request has",
		func(name, value string) {
			r := call
			r.header = map[string]string{name: value}
			f := newFixture(cloud())
			refused(f, f.send(r, unsigned))
		},
		Entry("server kind", reference.HeaderServerKind, "dev"),
		Entry("expected server kind", reference.HeaderExpectedServerKind, "dev"),
		Entry("dev mode", "X-Inngest-Dev", "1"),
	)

	It("reads its environment on every request, so that keys can change", func() {
		f := newFixture(inEnv("0", keyA, noKey))
		runs(f, f.send(call, signedBy(keyA)))
		f.env[reference.EnvSigningKey], f.runs = keyB.Text(), nil
		refused(f, f.send(call, signedBy(keyA)))
		runs(f, f.send(call, signedBy(keyB)))
	})
	It("refuses two signature headers, even where they are equal", func() {
		f := newFixture(cloud())
		valid := signedBy(keyA)(call)
		refused(f, f.sendRaw(call, strings.NewReader(call.body), valid, valid))
	})
	It("verifies a signature header without a value", func() {
		f := newFixture(cloud())
		refused(f, f.sendRaw(syncOut, strings.NewReader(syncOut.body), ""))
	})
	It("treats a malformed key as no key", func() {
		f := newFixture(cloud())
		f.env[reference.EnvSigningKey] = "signkey-prod-this is none"
		refused(f, f.send(call, signedByEmptyKey))
		runs(f, f.send(call, signedBy(keyB)))
	})
	DescribeTable("refuses a call whose body differs from the signed one",
		func(sent string) {
			f := newFixture(cloud())
			r := call
			r.body = sent
			refused(f, f.send(r, func(request) string { return signedBy(keyA)(call) }))
		},
		Entry("another value", otherBody),
		Entry("no body", ""),
		Entry("half of the body", body[:len(body)/2]),
		Entry("data after the body", body+"{}"),
		Entry("a duplicate name", body[:len(body)-1]+`,"ctx":{}}`),
	)
	It("runs a call with another encoding of the signed body", func() {
		f := newFixture(cloud())
		r := call
		r.body = " " + strings.ReplaceAll(body, `"ctx"`, `"\u0063tx"`) + "\n"
		runs(f, f.send(r, func(request) string { return signedBy(keyA)(call) }))
	})
})

var _ = Describe("The body limit", func() {
	sized := func(size int) request {
		return request{method: post, target: probe.target, body: `"` + strings.Repeat("x", size-2) + `"`}
	}

	It("allows 4 MiB", func() {
		f := newFixture(cloud())
		probed(f, f.send(sized(4<<20), signedBy(keyA)))
	})
	It("refuses one byte more, although it is signed", func() {
		f := newFixture(cloud())
		refused(f, f.send(sized(4<<20+1), signedBy(keyA)))
	})
	It("applies in dev mode", func() {
		f := newFixture(devKeyless())
		refused(f, f.send(sized(4<<20+1), unsigned))
	})
	It("is the reason given to Refuse", func() {
		_, err := newFixture(cloud()).ReadBody(httptest.NewRequest(post, "/", strings.NewReader(sized(4<<20+1).body)))
		Expect(err).To(MatchError(ContainSubstring("too large")))
	})
	It("does not admit a body whose sender disconnects", func() {
		f := newFixture(cloud())
		refused(f, f.sendRaw(call, disconnected{}, signedBy(keyA)(call)))
	})
})

// disconnected is the body of a request whose sender disconnects.
type disconnected struct{}

func (disconnected) Read([]byte) (int, error) {
	return 0, errors.New("canary: the sender disconnected")
}

var _ = Describe("The verification policy", func() {
	inBand := http.Header{reference.HeaderSyncKind: {"in_band"}}
	DescribeTable("depends on method, sync kind and mode",
		func(method string, header http.Header, inCloud, inDev reference.VerificationPolicy) {
			r := httptest.NewRequest(method, "/", nil)
			r.Header = header
			Expect(reference.PolicyFor(r, reference.Mode{})).To(Equal(inCloud))
			Expect(reference.PolicyFor(r, reference.Mode{Dev: true})).To(Equal(inDev))
		},
		Entry("POST", post, nil, reference.Required, reference.IfPresent),
		Entry("POST with a sync kind", post, inBand, reference.Required, reference.IfPresent),
		Entry("PUT", put, nil, reference.IfPresent, reference.IfPresent),
		Entry("PUT in-band", put, inBand, reference.Required, reference.IfPresent),
		Entry("PUT with an unknown sync kind", put, http.Header{reference.HeaderSyncKind: {"in-band"}}, reference.IfPresent, reference.IfPresent),
		Entry("GET", get, nil, reference.Advisory, reference.Advisory),
		Entry("HEAD", "HEAD", nil, reference.Ignored, reference.Ignored),
	)
})
