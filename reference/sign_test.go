package reference_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var _ = Describe("Signing", func() {
	It("covers the canonical form, so that the encoding of the body makes no difference", func() {
		Expect(signed(keyA, post, ` { "b" : 1.0, "a" : "\u0026" } `, now)).To(Equal(signed(keyA, post, `{"a":"&","b":1}`, now)))
	})
	It("does not cover the method", func() {
		Expect(signed(keyA, put, `{}`, now)).To(Equal(signed(keyA, post, `{}`, now)))
	})
	It("drops the fraction of a second", func() {
		s, err := reference.Sign(keyA, get, nil, now.Add(time.Second-1))
		Expect(err).NotTo(HaveOccurred())
		Expect(s.String()).To(Equal(signed(keyA, get, "", now)))
		Expect(s.Time).To(Equal(now))
	})
	It("does not depend on the time zone", func() {
		Expect(signed(keyA, get, "", now.In(time.FixedZone("", 3600)))).To(Equal(signed(keyA, get, "", now)))
	})
	It("covers only t for an introspection", func() {
		s, err := reference.Sign(keyA, get, nil, now)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.MAC).To(Equal(keyA.MAC(nil, "1776340800")))
	})
	It("covers the raw bytes of a response", func() {
		s, err := reference.SignResponse(keyA, []byte(" not JSON "), now)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.MAC).To(Equal(keyA.MAC([]byte(" not JSON "), "1776340800")))
	})
	It("does not modify the body", func() {
		body := []byte(`{"b":1, "a":2}`)
		_, err := reference.Sign(keyA, post, body, now)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(body)).To(Equal(`{"b":1, "a":2}`))
	})

	DescribeTable("is refused",
		func(k reference.Key, method, body string, why error) {
			s, err := reference.Sign(k, method, []byte(body), now)
			Expect(err).To(MatchError(why))
			Expect(s).To(Equal(reference.Signature{}))
		},
		Entry("without a key", noKey, post, `{}`, reference.ErrNoKey),
		Entry("for a call without a body", keyA, post, "", reference.ErrNoMessage),
		Entry("for a sync without a body", keyA, put, "", reference.ErrNoMessage),
		Entry("for an introspection with a body", keyA, get, `{}`, reference.ErrNoMessage),
		Entry("for a method that is never signed", keyA, "DELETE", "", reference.ErrNoMessage),
		Entry("for a method in lower case", keyA, "post", `{}`, reference.ErrNoMessage),
		Entry("for a body without a canonical form", keyA, post, `{"a":1,"a":2}`, reference.ErrNoCanonicalForm),
	)
	It("is refused for a response without a key", func() {
		_, err := reference.SignResponse(noKey, nil, now)
		Expect(err).To(MatchError(reference.ErrNoKey))
	})
})
