package reference_test

import (
	"encoding/hex"
	"fmt"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var _ = Describe("Parsing a key", func() {
	DescribeTable("removes the prefix and leaves the rest unchanged",
		func(text, trimmed, secret string) {
			k, err := reference.ParseKey(text)
			Expect(err).NotTo(HaveOccurred())
			Expect(k.IsZero()).To(BeFalse())
			Expect(k.Text()).To(Equal(trimmed))
			Expect(k.Secret()).To(Equal(secret))
		},
		Entry("of production", "signkey-prod-12345678", "signkey-prod-12345678", "12345678"),
		Entry("of a test environment", "signkey-test-ab", "signkey-test-ab", "ab"),
		Entry("of branch environments", "signkey-branch-00ff", "signkey-branch-00ff", "00ff"),
		Entry("of an environment with digits and underscores", "signkey-my_env_2-00ff", "signkey-my_env_2-00ff", "00ff"),
		Entry("without a prefix, as for a self-hosted server", "00ff", "00ff", "00ff"),
		Entry("in upper case, which is kept", "signkey-prod-ABCD", "signkey-prod-ABCD", "ABCD"),
		Entry("with spaces around it", " \tsignkey-prod-ab ", "signkey-prod-ab", "ab"),
		Entry("with a newline after it", "signkey-prod-ab\r\n", "signkey-prod-ab", "ab"),
	)

	DescribeTable("returns ErrNoKey for",
		func(text string) {
			k, err := reference.ParseKey(text)
			Expect(err).To(MatchError(reference.ErrNoKey))
			Expect(k).To(Equal(noKey))
			Expect(k.IsZero()).To(BeTrue())
		},
		Entry("an empty text", ""),
		Entry("a space", " "),
		Entry("white space of all kinds", "\n\t \r\u00a0"),
		Entry("only a prefix", "signkey-prod-"),
		Entry("only a prefix and white space", " signkey-branch- \n"),
	)

	DescribeTable("returns ErrMalformedKey for",
		func(text string) {
			k, err := reference.ParseKey(text)
			Expect(err).To(MatchError(reference.ErrMalformedKey))
			Expect(err.Error()).NotTo(ContainSubstring(text), "the message contains the text")
			Expect(k).To(Equal(noKey))
		},
		Entry("half of a prefix", "signkey-"),
		Entry("a prefix without its second dash", "signkey-prod"),
		Entry("a prefix without an environment", "signkey--1234"),
		Entry("a repeated prefix", "signkey-prod-signkey-prod-1234"),
		Entry("an environment with a space", "signkey-pr od-1234"),
		Entry("an environment with a non-ASCII letter", "signkey-prød-1234"),
		Entry("a prefix in upper case", "SIGNKEY-prod-1234"),
		Entry("digits that are not hexadecimal", "signkey-prod-12345g78"),
		Entry("an odd number of digits", "signkey-prod-123"),
		Entry("a space inside", "signkey-prod-12 34"),
		Entry("quotes around it", `"signkey-prod-1234"`),
	)
})

var _ = Describe("A bearer", func() {
	It("is the prefix and the hash of the decoded rest, as in the example of SPEC 4.1.4", func() {
		Expect(key("signkey-prod-12345678").Bearer()).
			To(Equal("signkey-prod-b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c"))
	})
	It("has no prefix where the key has none", func() {
		Expect(key("12345678").Bearer()).To(Equal("b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c"))
	})
	It("hashes the decoded bytes, so that upper and lower case give the same bearer", func() {
		Expect(key("signkey-prod-ABCDEF").Bearer()).To(Equal(key("signkey-prod-abcdef").Bearer()))
	})
	It("does not contain the key", func() {
		Expect(keyA.Bearer()).NotTo(ContainSubstring(keyA.Secret()))
	})
	It("is empty without a key", func() {
		Expect(noKey.Bearer()).To(BeEmpty())
	})
})

var _ = Describe("Printing a key", func() {
	DescribeTable("shows its prefix and nothing else",
		func(verb string) {
			for _, holder := range []any{keyA, &keyA, reference.Keys{keyA, keyB}, []reference.Key{keyA}, map[string]reference.Key{"key": keyA}} {
				text := fmt.Sprintf(verb, holder)
				Expect(text).To(ContainSubstring("signkey-test-…"))
				Expect(text).NotTo(ContainSubstring("a1a1"))
				Expect(text).NotTo(ContainSubstring(hex.EncodeToString([]byte("a1a1"))))
			}
		},
		Entry(nil, "%v"), Entry(nil, "%+v"), Entry(nil, "%#v"), Entry(nil, "%s"),
		Entry(nil, "%q"), Entry(nil, "%x"), Entry(nil, "%X"), Entry(nil, "%d"),
	)
	It("shows that there is none", func() {
		Expect(noKey.String()).To(Equal("(no key)"))
	})
})

var _ = Describe("A MAC", func() {
	It("covers the message and then t, without a delimiter", func() {
		Expect(keyA.MAC([]byte(`{"n":1`), "0}")).To(Equal(keyA.MAC([]byte(`{"n":10`), "}")), "the boundary is not covered")
		Expect(keyA.MAC([]byte("ab"), "12")).NotTo(Equal(keyA.MAC([]byte("12"), "ab")), "the order is covered")
	})
	It("uses the text of the key, so that upper and lower case differ", func() {
		Expect(key("ABCD").MAC(nil, "1")).NotTo(Equal(key("abcd").MAC(nil, "1")))
	})
	It("does not depend on the prefix", func() {
		Expect(key("signkey-prod-abcd").MAC(nil, "1")).To(Equal(key("signkey-test-abcd").MAC(nil, "1")))
	})

	DescribeTable("is what OpenSSL computes",
		func(secret, message, t string) {
			openssl, err := exec.LookPath("openssl")
			if err != nil {
				Skip("NOT CHECKED: openssl is not installed, so these MACs were not computed independently")
			}
			run := exec.Command(openssl, "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:"+hex.EncodeToString([]byte(secret)), "-r")
			run.Stdin = strings.NewReader(message + t)
			out, err := run.Output()
			Expect(err).NotTo(HaveOccurred())
			want, _, _ := strings.Cut(string(out), " ")
			mac := key("signkey-prod-"+secret).MAC([]byte(message), t)
			Expect(hex.EncodeToString(mac[:])).To(Equal(want))
		},
		Entry("over a body", "12345678", `{"event":{"name":"app/echo"}}`, "1776340800"),
		Entry("over only t", "12345678", "", "1776340800"),
		Entry("over non-ASCII text", "abcdef", `{"name":"größe 😀"}`, "1"),
		Entry("with a key of 64 digits", strings.Repeat("0f", 32), `[]`, "0"),
		Entry("with a key longer than the hash's block", strings.Repeat("0f", 64), `[]`, "0"),
	)
})
