package reference_test

import (
	"iter"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var _ = Describe("Signing", func() {
	DescribeTable("covers the bytes of the body, whatever they are, and t",
		func(body string) {
			s, err := reference.Sign(keyA, []byte(body), now)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.MAC).To(Equal(keyA.MAC([]byte(body), "1776340800")))
		},
		Entry("a call", body),
		Entry("nothing, as for an introspection", ""),
		Entry("JSON that is not canonical", `{ "b": 1.0, "a": "\u0026" }`),
		Entry("not JSON", "a=1&b=2"),
		Entry("not UTF-8", "\xff\x00"),
	)
	It("drops the fraction of a second", func() {
		s, err := reference.Sign(keyA, nil, now.Add(time.Second-1))
		Expect(err).NotTo(HaveOccurred())
		Expect(s.String()).To(Equal(signed(keyA, "", now)))
		Expect(s.Time).To(Equal(now))
	})
	It("does not depend on the time zone", func() {
		Expect(signed(keyA, "", now.In(time.FixedZone("", 3600)))).To(Equal(signed(keyA, "", now)))
	})
	It("does not modify the body", func() {
		body := []byte(`{"b":1, "a":2}`)
		_, err := reference.Sign(keyA, body, now)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(body)).To(Equal(`{"b":1, "a":2}`))
	})
	It("is refused without a key", func() {
		s, err := reference.Sign(noKey, []byte(body), now)
		Expect(err).To(MatchError(reference.ErrNoKey))
		Expect(s).To(Equal(reference.Signature{}))
	})
})

var _ = Describe("The messages that a MAC may cover", func() {
	DescribeTable("are the body and its canonical form",
		func(body string, more ...string) {
			var messages []string
			for message := range reference.Messages([]byte(body)) {
				messages = append(messages, string(message))
			}
			Expect(messages).To(Equal(append([]string{body}, more...)))
		},
		Entry("of a body that is not canonical", `{"b":1, "a":"\u0026"}`, `{"a":"&","b":1}`),
		Entry("only once where they are equal", `{"a":"&","b":1}`),
		Entry("only the body where it has no canonical form", `{"a":1,"a":1}`),
		Entry("only the body where it is not JSON", "a=1&b=2"),
		Entry("only the body where it is empty", ""),
		Entry("only the body where it is nested too deeply", nested(reference.MaxDepth+1)),
	)
	It("end with the first one that the caller accepts", func() {
		next, stop := iter.Pull(reference.Messages([]byte(` {}`)))
		first, _ := next()
		Expect(string(first)).To(Equal(` {}`))
		stop()
		Expect(slices.Collect(reference.Messages([]byte(` {}`)))).To(HaveLen(2))
	})
})
