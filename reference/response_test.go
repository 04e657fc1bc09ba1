package reference_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var _ = Describe("The signature of a response", func() {
	DescribeTable("covers the raw bytes and is made with the key that verified the request",
		func(r request, k reference.Key) {
			response := newFixture(cloud()).send(r, signedBy(k))
			s, err := reference.ParseSignature(response.Header().Get(reference.HeaderSignature))
			Expect(err).NotTo(HaveOccurred())
			Expect(s.Time.Equal(now)).To(BeTrue())
			Expect(s.MAC).To(Equal(k.MAC(response.Body.Bytes(), s.T())))
		},
		Entry("a call, primary", call, keyA),
		Entry("a call, fallback", call, keyB),
		Entry("a probe", probe, keyA),
		Entry("an introspection", inspection, keyB),
		Entry("an out-of-band sync", syncOut, keyA),
		Entry("an in-band sync", syncIn, keyA),
	)
	DescribeTable("is absent where the request was not verified",
		func(env func() map[string]string, r request, sign signature) {
			Expect(newFixture(env()).send(r, sign).Header()).NotTo(HaveKey(reference.HeaderSignature))
		},
		Entry("a refused call", cloud, call, signature(unsigned)),
		Entry("an unsigned introspection", cloud, inspection, signature(unsigned)),
		Entry("an introspection signed with an unknown key", cloud, inspection, signedBy(unknownKey)),
		Entry("an unsigned out-of-band sync", cloud, syncOut, signature(unsigned)),
		Entry("an unsigned call in dev mode", dev, call, signature(unsigned)),
		Entry("a call in dev mode without a key", devKeyless, call, signedBy(unknownKey)),
	)
})
