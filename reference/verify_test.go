package reference_test

import (
	"strings"
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
			Expect(reference.Verify(signed(signer, body, now), []byte(body), keys, now)).To(Equal(want))
		},
		Entry("the only key, a primary", reference.Keys{keyA, noKey}, keyA, reference.Primary),
		Entry("the primary of two", reference.Keys{keyA, keyB}, keyA, reference.Primary),
		Entry("the fallback of two", reference.Keys{keyA, keyB}, keyB, reference.Fallback),
		Entry("the only key, a fallback", reference.Keys{noKey, keyB}, keyB, reference.Fallback),
		Entry("the primary where both are the same", reference.Keys{keyA, keyA}, keyA, reference.Primary),
		Entry("a key without its prefix", reference.Keys{key(keyA.Secret()), noKey}, keyA, reference.Primary),
	)

	DescribeTable("accepts the signature of",
		func(sent, message string) {
			Expect(reference.Verify(signed(keyA, message, now), []byte(sent), reference.Keys{Primary: keyA}, now)).To(Equal(reference.Primary))
		},
		Entry("a canonical body", body, body),
		Entry("an empty body", "", ""),
		Entry("a sync, as Go's JSON encoder writes it", `{"url":"https://example.com/?a\u0026b"}`, `{"url":"https://example.com/?a&b"}`),
		Entry("the canonical form of another encoding", " {\n}\n", "{}"),
		Entry("the bytes of a body that is not canonical", " {\n}\n", " {\n}\n"),
		Entry("the bytes of a body without a canonical form", `{"a":1,"a":1}`, `{"a":1,"a":1}`),
		Entry("the bytes of a body with invalid UTF-8", "{\"a\":\"\xff\"}", "{\"a\":\"\xff\"}"),
		Entry("the bytes of a body that is nested as deeply as the server allows", nested(10_002), nested(10_002)),
		Entry("the bytes of a form", "a=1&b=2", "a=1&b=2"),
	)

	DescribeTable("refuses, with the reason,",
		func(header, body string, keys reference.Keys, why error) {
			matched, err := reference.Verify(header, []byte(body), keys, now)
			Expect(err).To(MatchError(why))
			Expect(matched).To(Equal(reference.NoKey))
			for _, k := range []reference.Key{keyA, keyB} {
				Expect(err.Error()).NotTo(ContainSubstring(k.Secret()))
			}
		},
		Entry("no header", "", body, reference.Keys{keyA, keyB}, reference.ErrUnsigned),
		Entry("an unknown key", signed(unknownKey, body, now), body, reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("another body", signed(keyA, body, now), otherBody, reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("the signature of a body for none", signed(keyA, body, now), "", reference.Keys{keyA, keyB}, reference.ErrMismatch),
		Entry("no key", signed(keyA, body, now), body, reference.Keys{}, reference.ErrNoKey),
	)

	// A canonicaliser that fails must not leave an empty message behind, which is the
	// message of an introspection.
	DescribeTable("refuses the signature of another message for a body",
		func(sent string) {
			for _, message := range []string{"", "{}", "null", body, sent[:len(sent)/2], sent + sent, strings.ToValidUTF8(sent, "\ufffd") + " "} {
				_, err := reference.Verify(signed(keyA, message, now), []byte(sent), reference.Keys{Primary: keyA}, now)
				Expect(err).To(MatchError(reference.ErrMismatch), "signed: %.40q", message)
			}
		},
		otherMessages(),
	)

	It("refuses a header that breaks a rule", func() {
		_, err := reference.Verify("?"+signed(keyA, body, now), []byte(body), reference.Keys{Primary: keyA}, now)
		Expect(err).To(Equal(&reference.HeaderError{reference.RuleParameter}))
	})

	DescribeTable("checks in the order that reveals the least",
		func(header string, keys reference.Keys, why error) {
			_, err := reference.Verify(header, []byte(body), keys, now)
			Expect(err).To(MatchError(why))
		},
		Entry("a missing header before a missing key", "", reference.Keys{}, reference.ErrUnsigned),
		Entry("the header before a missing key", "t=1", reference.Keys{}, &reference.HeaderError{reference.RuleSMissing}),
		Entry("a missing key before the window", signed(keyA, body, now.Add(-time.Hour)), reference.Keys{}, reference.ErrNoKey),
		Entry("the window before the MAC", signed(unknownKey, body, now.Add(-time.Hour)), reference.Keys{Primary: keyA}, reference.ErrExpired),
	)
})

// otherMessages are bodies of every class without a canonical form, and one with.
func otherMessages() (entries []TableEntry) {
	for _, i := range invalid {
		if i.text != "" {
			entries = append(entries, Entry("without a canonical form "+i.why, i.text))
		}
	}
	return append(entries, Entry("that is nested too deeply", nested(1001)), Entry("that is canonical", otherBody))
}

var _ = Describe("The window", func() {
	DescribeTable("is five minutes back and one minute ahead, both inclusive",
		func(age time.Duration, why error) {
			_, err := reference.Verify(signed(keyA, body, now.Add(-age)), []byte(body), reference.Keys{Primary: keyA}, now)
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
			for _, body := range []string{body, ""} {
				_, err := reference.Verify(emptyKeySigned(body, now), []byte(body), keys, now)
				Expect(err).To(MatchError(why), body)
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
		matched := reference.Choose(reference.Keys{keyA, keyB}, func(k reference.Key) bool { tried = append(tried, k); return true })
		Expect(matched).To(Equal(reference.Primary))
		Expect(tried).To(Equal([]reference.Key{keyA}))
	})
	It("gives results that have names", func() {
		Expect([]string{reference.Primary.String(), reference.Fallback.String(), reference.NoKey.String(), reference.MatchedKey(7).String()}).
			To(Equal([]string{"primary", "fallback", "none", "MatchedKey(7)"}))
	})
})
