package reference_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

// This is the table of what an SDK owes each request, in both modes.
var _ = Describe("An endpoint", func() {
	owes := func(env func() map[string]string, r request, sign signature, then outcome) {
		h := newHouse(env())
		then(h, h.ask(r, sign))
	}

	DescribeTable("in cloud mode", owes,
		Entry("runs a call signed with the primary key", cloud, call, by(keyA), runs),
		Entry("runs a call signed with the fallback key", cloud, call, by(keyB), runs),
		Entry("refuses an unsigned call", cloud, call, unsigned, refused),
		Entry("refuses a call signed by a stranger", cloud, call, by(stranger), refused),
		Entry("refuses a call signed too long ago", cloud, call, late, refused),
		Entry("refuses a call signed with the empty key", cloud, call, byTheEmptyKey, refused),

		Entry("answers a signed probe", cloud, probe, by(keyA), probed),
		Entry("refuses an unsigned probe", cloud, probe, unsigned, refused),
		Entry("refuses a probe signed by a stranger", cloud, probe, by(stranger), refused),
		Entry("refuses a probe signed with the empty key", cloud, probe, byTheEmptyKey, refused),

		Entry("tells everything to a signed inspection", cloud, inspection, by(keyA), privileged),
		Entry("tells everything to an inspection signed with the fallback", cloud, inspection, by(keyB), privileged),
		Entry("tells little to an unsigned inspection", cloud, inspection, unsigned, unprivileged),
		Entry("tells little to a stranger's inspection", cloud, inspection, by(stranger), rejected),
		Entry("tells little to an inspection signed too long ago", cloud, inspection, late, rejected),
		Entry("tells little to the empty key", cloud, inspection, byTheEmptyKey, rejected),

		Entry("registers at a signed ping", cloud, syncOut, by(keyA), registered),
		Entry("registers at an unsigned ping", cloud, syncOut, unsigned, registered),
		Entry("refuses a stranger's ping", cloud, syncOut, by(stranger), refused),

		Entry("lists its functions in a signed in-band sync", cloud, syncIn, by(keyA), listed),
		Entry("refuses an unsigned in-band sync", cloud, syncIn, unsigned, refused),
		Entry("refuses a stranger's in-band sync", cloud, syncIn, by(stranger), refused),
		Entry("refuses an in-band sync signed with the empty key", cloud, syncIn, byTheEmptyKey, refused),
	)

	DescribeTable("in cloud mode without a key", owes,
		Entry("refuses an unsigned call", cloudKeyless, call, unsigned, refused),
		Entry("refuses a call signed with the empty key", cloudKeyless, call, byTheEmptyKey, refused),
		Entry("refuses a call signed by a stranger", cloudKeyless, call, by(stranger), refused),
		Entry("refuses a probe signed with the empty key", cloudKeyless, probe, byTheEmptyKey, refused),
		Entry("refuses an in-band sync signed with the empty key", cloudKeyless, syncIn, byTheEmptyKey, refused),
		Entry("refuses an unsigned ping: it could not sign in", cloudKeyless, syncOut, unsigned, refused),
		Entry("refuses a ping signed with the empty key", cloudKeyless, syncOut, byTheEmptyKey, refused),
		Entry("tells little to anyone", cloudKeyless, inspection, unsigned, unprivileged),
		Entry("tells little to the empty key", cloudKeyless, inspection, byTheEmptyKey, rejected),
	)

	DescribeTable("in cloud mode with only a fallback key", owes,
		Entry("runs a call signed with it", cloudFallback, call, by(keyB), runs),
		Entry("refuses a call signed with the empty key", cloudFallback, call, byTheEmptyKey, refused),
		Entry("refuses an unsigned call", cloudFallback, call, unsigned, refused),
		Entry("tells little to the empty key", cloudFallback, inspection, byTheEmptyKey, rejected),
		Entry("registers with it", cloudFallback, syncOut, unsigned, registered),
	)

	DescribeTable("in dev mode with keys", owes,
		Entry("runs an unsigned call", dev, call, unsigned, runs),
		Entry("runs a signed call", dev, call, by(keyA), runs),
		Entry("refuses a call whose signature is wrong", dev, call, by(stranger), refused),
		Entry("answers an unsigned probe", dev, probe, unsigned, probed),
		Entry("refuses a probe whose signature is wrong", dev, probe, by(stranger), refused),
		Entry("tells little to an unsigned inspection", dev, inspection, unsigned, unprivileged),
		Entry("tells little to a stranger's inspection", dev, inspection, by(stranger), rejected),
		Entry("registers at an unsigned ping", dev, syncOut, unsigned, registered),
		Entry("lists its functions in an unsigned in-band sync", dev, syncIn, unsigned, listed),
		Entry("refuses an in-band sync whose signature is wrong", dev, syncIn, by(stranger), refused),
	)

	DescribeTable("in dev mode without a key", owes,
		Entry("runs an unsigned call", devKeyless, call, unsigned, runs),
		Entry("runs a call whatever its signature", devKeyless, call, by(stranger), runs),
		Entry("answers an unsigned probe", devKeyless, probe, unsigned, probed),
		Entry("tells little to an unsigned inspection", devKeyless, inspection, unsigned, unprivileged),
		Entry("registers at an unsigned ping", devKeyless, syncOut, unsigned, registered),
		Entry("lists its functions in an unsigned in-band sync", devKeyless, syncIn, unsigned, listed),
	)

	DescribeTable("answers 405 to any other method, signed or not, and does nothing",
		func(method string) {
			for _, env := range []func() map[string]string{cloud, dev} {
				h := newHouse(env())
				r := syncIn // the kind of a sync makes it none
				r.method, r.target = method, call.target
				for _, s := range []signature{unsigned, func(request) string { return signed(keyA, put, syncIn.body, now) }} {
					answer := h.ask(r, s)
					Expect(answer).To(HaveHTTPStatus(405))
					Expect(answer).To(HaveHTTPHeaderWithValue("Allow", "GET, POST, PUT"))
					Expect(h.runs).To(BeEmpty())
					Expect(h.api.requests).To(BeEmpty())
					leaksNothing(h, answer)
				}
			}
		},
		Entry(nil, "HEAD"), Entry(nil, "OPTIONS"), Entry(nil, "DELETE"), Entry(nil, "PATCH"), Entry(nil, "BREW"),
	)

	DescribeTable("stays in cloud mode, whatever a request says",
		func(name, value string) {
			r := call
			r.header = map[string]string{name: value}
			h := newHouse(cloud())
			refused(h, h.ask(r, unsigned))
		},
		Entry("of its server", reference.HeaderServerKind, "dev"),
		Entry("of the server it expects", reference.HeaderExpectedServerKind, "dev"),
		Entry("of its mode", "X-Inngest-Dev", "1"),
	)

	It("reads its environment on every request: keys may change under it", func() {
		h := newHouse(inEnv("0", keyA, noKey))
		runs(h, h.ask(call, by(keyA)))
		h.env[reference.EnvSigningKey], h.runs = keyB.Text(), nil
		refused(h, h.ask(call, by(keyA)))
		runs(h, h.ask(call, by(keyB)))
	})
	It("refuses two signature headers, even where they are equal", func() {
		h := newHouse(cloud())
		asked := httptest.NewRequest(call.method, call.target, strings.NewReader(call.body))
		asked.Header[reference.HeaderSignature] = []string{by(keyA)(call), by(keyA)(call)}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, asked)
		refused(h, answer)
	})
	It("looks at a signature header that came without a value", func() {
		h := newHouse(cloud())
		asked := httptest.NewRequest(syncOut.method, syncOut.target, strings.NewReader(syncOut.body))
		asked.Header[reference.HeaderSignature] = []string{""}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, asked)
		refused(h, answer)
	})
	It("takes a key that is malformed for no key", func() {
		h := newHouse(cloud())
		h.env[reference.EnvSigningKey] = "signkey-prod-this is none"
		refused(h, h.ask(call, byTheEmptyKey))
		runs(h, h.ask(call, by(keyB)))
	})
	DescribeTable("refuses every call that differs from the signed one",
		func(sent string) {
			h := newHouse(cloud())
			r := call
			r.body = sent
			refused(h, h.ask(r, func(request) string { return by(keyA)(call) }))
		},
		Entry("another value", otherBody),
		Entry("no body", ""),
		Entry("half a body", body[:len(body)/2]),
		Entry("a body and more", body+"{}"),
		Entry("a name twice", body[:len(body)-1]+`,"ctx":{}}`),
	)
	It("runs a call that is spelled in another way than the signed one", func() {
		h := newHouse(cloud())
		r := call
		r.body = " " + strings.ReplaceAll(body, `"ctx"`, `"\u0063tx"`) + "\n"
		runs(h, h.ask(r, func(request) string { return by(keyA)(call) }))
	})
})

var _ = Describe("The body limit", func() {
	sized := func(size int) request {
		r := call
		r.body = `"` + strings.Repeat("x", size-2) + `"`
		return r
	}
	asProbe := func(r request) request { r.target = probe.target; return r }

	It("lets 4 MiB through", func() {
		h := newHouse(cloud())
		probed(h, h.ask(asProbe(sized(4<<20)), by(keyA)))
	})
	It("refuses a byte more, though it is signed", func() {
		h := newHouse(cloud())
		refused(h, h.ask(asProbe(sized(4<<20+1)), by(keyA)))
	})
	It("holds in dev mode", func() {
		h := newHouse(devKeyless())
		refused(h, h.ask(asProbe(sized(4<<20+1)), unsigned))
	})
	It("has a name", func() {
		_, err := newHouse(cloud()).ReadBody(httptest.NewRequest(post, "/", strings.NewReader(sized(4<<20+1).body)))
		Expect(err).To(MatchError(ContainSubstring("too large")))
	})
	It("refuses a body that breaks off", func() {
		h := newHouse(cloud())
		asked := httptest.NewRequest(call.method, call.target, brokenOff{})
		asked.Header.Set(reference.HeaderSignature, by(keyA)(call))
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, asked)
		refused(h, answer)
	})
})

// brokenOff is a body whose sender went away.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, errors.New("canary: the sender went away") }

var _ = Describe("What a request demands", func() {
	inBand := http.Header{reference.HeaderSyncKind: {"in_band"}}
	DescribeTable("depends on method, sync kind and mode",
		func(method string, header http.Header, inCloud, inDev reference.VerificationPolicy) {
			r := httptest.NewRequest(method, "/", nil)
			r.Header = header
			Expect(reference.PolicyFor(r, reference.Mode{})).To(Equal(inCloud))
			Expect(reference.PolicyFor(r, reference.Mode{Dev: true})).To(Equal(inDev))
		},
		Entry("POST", post, nil, reference.Required, reference.IfPresent),
		Entry("POST that says it is a sync", post, inBand, reference.Required, reference.IfPresent),
		Entry("PUT", put, nil, reference.IfPresent, reference.IfPresent),
		Entry("PUT in-band", put, inBand, reference.Required, reference.IfPresent),
		Entry("PUT of a kind that no one sends", put, http.Header{reference.HeaderSyncKind: {"in-band"}}, reference.IfPresent, reference.IfPresent),
		Entry("GET", get, nil, reference.Advisory, reference.Advisory),
		Entry("HEAD", "HEAD", nil, reference.Ignored, reference.Ignored),
	)
})
