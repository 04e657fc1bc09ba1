package reference_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

const (
	body      = `{"ctx":{"attempt":0},"event":{"data":{"n":1},"name":"app/echo"}}`
	otherBody = `{"ctx":{"attempt":0},"event":{"data":{"n":2},"name":"app/echo"}}`
)

var _ = Describe("Verifying", func() {
	DescribeTable("returns the key that matched",
		func(keys reference.Keys, signer reference.Key, want reference.MatchedKey) {
			Expect(reference.Verify(post, signed(signer, post, body, now), []byte(body), keys, now)).To(Equal(want))
		},
		Entry("the only key, a primary", reference.Keys{keyA, noKey}, keyA, reference.Primary),
		Entry("the primary of two", reference.Keys{keyA, keyB}, keyA, reference.Primary),
		Entry("the fallback of two", reference.Keys{keyA, keyB}, keyB, reference.Fallback),
		Entry("the only key, a fallback", reference.Keys{noKey, keyB}, keyB, reference.Fallback),
		Entry("the primary where both are the same", reference.Keys{keyA, keyA}, keyA, reference.Primary),
		Entry("a key without its prefix", reference.Keys{key(keyA.Secret()), noKey}, keyA, reference.Primary),
	)

	DescribeTable("accepts every kind of request that is signed",
		func(method, body string) {
			Expect(reference.Verify(method, signed(keyA, method, body, now), []byte(body), reference.Keys{Primary: keyA}, now)).To(Equal(reference.Primary))
		},
		Entry("a call", post, body),
		Entry("a trust probe", post, "{}"),
		Entry("a sync, as Go's JSON encoder writes it", put, `{"url":"https://example.com/?a\u0026b"}`),
		Entry("introspection", get, ""),
		Entry("a call with white space", post, " {\n}\n"),
	)

	DescribeTable("refuses, with the reason,",
		func(method, header, body string, keys reference.Keys, why error) {
			which, err := reference.Verify(method, header, []byte(body), keys, now)
			Expect(err).To(MatchError(why))
			Expect(which).To(Equal(reference.NoKey))
			for _, k := range []reference.Key{keyA, keyB} {
				Expect(err.Error()).NotTo(ContainSubstring(k.Secret()))
			}
		},
		Entry("no header", post, "", body, reference.Keys{keyA, keyB}, reference.ErrUnsigned),
		Entry("an unknown key", post, signed(unknownKey, post, body, now), body, reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("another body", post, signed(keyA, post, body, now), otherBody, reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("a call's signature on introspection", get, signed(keyA, post, body, now), "", reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("introspection's signature on a call", post, signed(keyA, get, "", now), body, reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("a call without a body", post, signed(keyA, get, "", now), "", reference.Keys{keyA, keyB}, reference.ErrNoMessage),
		Entry("introspection with a body", get, signed(keyA, post, body, now), body, reference.Keys{keyA, keyB}, reference.ErrNoMessage),
		Entry("a method that is never signed", "PATCH", signed(keyA, post, body, now), body, reference.Keys{keyA, keyB}, reference.ErrNoMessage),
		Entry("a body that is not JSON", post, signed(keyA, get, "", now), "{", reference.Keys{keyA, keyB}, reference.ErrNoCanonicalForm),
		Entry("a duplicate name", post, signed(keyA, post, `{"a":1}`, now), `{"a":1,"a":1}`, reference.Keys{keyA, keyB}, reference.ErrNoCanonicalForm),
		Entry("no key", post, signed(keyA, post, body, now), body, reference.Keys{}, reference.ErrNoKey),
	)

	It("refuses a header that breaks a rule", func() {
		_, err := reference.Verify(post, "?"+signed(keyA, post, body, now), []byte(body), reference.Keys{Primary: keyA}, now)
		Expect(err).To(Equal(&reference.HeaderError{reference.RuleParameter}))
	})

	DescribeTable("checks in the order that reveals the least",
		func(header, body string, keys reference.Keys, why error) {
			_, err := reference.Verify(post, header, []byte(body), keys, now)
			Expect(err).To(MatchError(why))
		},
		Entry("a missing header before a missing key", "", "{", reference.Keys{}, reference.ErrUnsigned),
		Entry("the header before a missing key", "t=1", "{", reference.Keys{}, &reference.HeaderError{reference.RuleSMissing}),
		Entry("a missing key before the window", signed(keyA, post, body, now.Add(-time.Hour)), "{", reference.Keys{}, reference.ErrNoKey),
		Entry("the window before the body", signed(keyA, post, body, now.Add(-time.Hour)), "{", reference.Keys{Primary: keyA}, reference.ErrExpired),
		Entry("the body before the MAC", signed(unknownKey, post, body, now), "{", reference.Keys{Primary: keyA}, reference.ErrNoCanonicalForm),
	)
})

var _ = Describe("The window", func() {
	DescribeTable("is five minutes back and one minute ahead, both inclusive",
		func(age time.Duration, why error) {
			_, err := reference.Verify(post, signed(keyA, post, body, now.Add(-age)), []byte(body), reference.Keys{Primary: keyA}, now)
			if why == nil {
				Expect(err).NotTo(HaveOccurred())
			} else {
				Expect(err).To(MatchError(why))
			}
		},
		Entry("made just now", time.Duration(0), nil),
		Entry("exactly five minutes old", 5*time.Minute, nil),
		Entry("five minutes and a second old", 5*time.Minute+time.Second, reference.ErrExpired),
		Entry("a day old", 24*time.Hour, reference.ErrExpired),
		Entry("from 1970", now.Sub(time.Unix(0, 0)), reference.ErrExpired),
		Entry("exactly sixty seconds ahead", -60*time.Second, nil),
		Entry("61 seconds ahead", -61*time.Second, reference.ErrFuture),
		Entry("a day ahead", -24*time.Hour, reference.ErrFuture),
	)
	DescribeTable("is exact to the nanosecond of the verifier's clock",
		func(age time.Duration, why error) {
			if err := reference.CheckWindow(now, now.Add(age)); why == nil {
				Expect(err).NotTo(HaveOccurred())
			} else {
				Expect(err).To(MatchError(why))
			}
		},
		Entry("five minutes", 5*time.Minute, nil),
		Entry("a nanosecond more", 5*time.Minute+1, reference.ErrExpired),
		Entry("a minute ahead", -time.Minute, nil),
		Entry("a nanosecond more ahead", -time.Minute-1, reference.ErrFuture),
	)
	// The difference between such times overflows a Duration.
	DescribeTable("excludes times that are centuries away",
		func(at time.Time, why error) { Expect(reference.CheckWindow(at, now)).To(MatchError(why)) },
		Entry("the year 9999", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), reference.ErrFuture),
		Entry("the year 2400", time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC), reference.ErrFuture),
		Entry("the year 1600", time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC), reference.ErrExpired),
	)
})

var _ = Describe("The empty key", func() {
	DescribeTable("never verifies anything",
		func(keys reference.Keys, why error) {
			for method, body := range map[string]string{post: body, put: body, get: ""} {
				_, err := reference.Verify(method, emptyKeySigned(method, body, now), []byte(body), keys, now)
				Expect(err).To(MatchError(why), method)
			}
		},
		Entry("with no key configured", reference.Keys{}, reference.ErrNoKey),
		Entry("with only a primary key", reference.Keys{Primary: keyA}, reference.ErrMismatch),
		Entry("with only a fallback key", reference.Keys{Fallback: keyB}, reference.ErrMismatch),
		Entry("with both", reference.Keys{keyA, keyB}, reference.ErrMismatch),
	)
	It("does not match even its own MAC", func() {
		Expect(reference.Match(noKey, []byte(body), "1", noKey.MAC([]byte(body), "1"))).To(BeFalse())
		Expect(reference.Match(keyA, []byte(body), "1", keyA.MAC([]byte(body), "1"))).To(BeTrue())
	})
})

var _ = Describe("Choosing a key", func() {
	It("tries the primary first and stops there", func() {
		var tried []reference.Key
		which := reference.Choose(reference.Keys{keyA, keyB}, func(k reference.Key) bool { tried = append(tried, k); return true })
		Expect(which).To(Equal(reference.Primary))
		Expect(tried).To(Equal([]reference.Key{keyA}))
	})
	It("gives results that have names", func() {
		Expect([]string{reference.Primary.String(), reference.Fallback.String(), reference.NoKey.String(), reference.MatchedKey(7).String()}).
			To(Equal([]string{"primary", "fallback", "none", "MatchedKey(7)"}))
	})
})
