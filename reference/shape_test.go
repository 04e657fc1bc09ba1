package reference_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

// What an endpoint does with signed requests of unusual shape or content.
var _ = Describe("An endpoint", func() {
	DescribeTable("refuses a signature that is valid and belongs to another shape of request",
		func(method, target, body string) {
			f := newFixture(cloud())
			r := request{method: method, target: target, body: body, header: map[string]string{reference.HeaderSyncKind: "in_band"}}
			Expect(reference.Verify(signedBy(keyA)(r), []byte(body), reference.Keys{Primary: keyA}, now)).To(Equal(reference.Primary))
			refused(f, f.send(r, signedBy(keyA)))
		},
		Entry("a call without a body", post, call.target, ""),
		Entry("a probe without a body", post, probe.target, ""),
		Entry("an in-band sync without a body", put, syncIn.target, ""),
	)
	It("discloses no privileged field to an introspection with a body, although it is signed", func() {
		f := newFixture(cloud())
		r := inspection
		r.body = body
		rejected(f, f.send(r, signedBy(keyA)))
	})
	DescribeTable("runs a call with the signature of its bytes, although they have no canonical form",
		func(data string) {
			f := newFixture(cloud())
			r := call
			r.body = `{"ctx":{"attempt":0},"event":{"data":` + data + `,"name":"app/echo"}}`
			_, err := reference.Canonicalise([]byte(r.body))
			Expect(err).To(MatchError(reference.ErrNoCanonicalForm))
			runs(f, f.send(r, signedBy(keyA)))
			refused(newFixture(cloud()), newFixture(cloud()).send(r, signedBy(unknownKey)))
		},
		Entry("invalid UTF-8 in a step output", "{\"a\":\"\xff\xfe\"}"),
		Entry("deep nesting", nested(9000)),
		Entry("a lone surrogate", `"\ud800"`),
		Entry("a duplicate name", `{"a":1,"a":2}`),
		Entry("a number that overflows a double", `1e999`),
	)
	DescribeTable("refuses a call without a canonical form that has the signature of",
		func(signedBody string) {
			for _, data := range []string{`{"a":1,"a":2}`, "\"\xff\"", `"\ud800"`, `1e999`, nested(1001), `{"a":1}x`} {
				f := newFixture(cloud())
				r := call
				r.body = `{"ctx":{"attempt":0},"event":{"data":` + data + `,"name":"app/echo"}}`
				refused(f, f.send(r, func(request) string { return signed(keyA, signedBody, now) }))
			}
		},
		Entry("an empty body", ""),
		Entry("null", "null"),
		Entry("another call", body),
		Entry("its beginning", `{"ctx":{"attempt":0},"event":`),
	)
})
