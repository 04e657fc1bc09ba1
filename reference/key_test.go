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

var _ = Describe("Reading a key", func() {
	DescribeTable("takes the prefix off and leaves the rest as it is",
		func(text, whole, secret string) {
			k, err := reference.ParseKey(text)
			Expect(err).NotTo(HaveOccurred())
			Expect(k.IsZero()).To(BeFalse())
			Expect(k.Text()).To(Equal(whole))
			Expect(k.Secret()).To(Equal(secret))
		},
		Entry("of production", "signkey-prod-12345678", "signkey-prod-12345678", "12345678"),
		Entry("of a test environment", "signkey-test-ab", "signkey-test-ab", "ab"),
		Entry("of branch environments", "signkey-branch-00ff", "signkey-branch-00ff", "00ff"),
		Entry("of an environment with digits and underscores", "signkey-my_env_2-00ff", "signkey-my_env_2-00ff", "00ff"),
		Entry("without a prefix, as a self-hosted server has it", "00ff", "00ff", "00ff"),
		Entry("in capitals, which stay", "signkey-prod-ABCD", "signkey-prod-ABCD", "ABCD"),
		Entry("between blanks", " \tsignkey-prod-ab ", "signkey-prod-ab", "ab"),
		Entry("before a newline", "signkey-prod-ab\r\n", "signkey-prod-ab", "ab"),
	)

	DescribeTable("finds no key",
		func(text string) {
			k, err := reference.ParseKey(text)
			Expect(err).To(MatchError(reference.ErrNoKey))
			Expect(k).To(Equal(noKey))
			Expect(k.IsZero()).To(BeTrue())
		},
		Entry("in an empty text", ""),
		Entry("in a blank", " "),
		Entry("in white space of all kinds", "\n\t \r\u00a0"),
		Entry("in a prefix alone", "signkey-prod-"),
		Entry("in a prefix and white space", " signkey-branch- \n"),
	)

	DescribeTable("refuses what is no key",
		func(text string) {
			k, err := reference.ParseKey(text)
			Expect(err).To(MatchError(reference.ErrMalformedKey))
			Expect(err.Error()).NotTo(ContainSubstring(text), "the message shows the text")
			Expect(k).To(Equal(noKey))
		},
		Entry("half a prefix", "signkey-"),
		Entry("a prefix without its dash", "signkey-prod"),
		Entry("a prefix without an environment", "signkey--1234"),
		Entry("a prefix twice", "signkey-prod-signkey-prod-1234"),
		Entry("an environment with a blank", "signkey-pr od-1234"),
		Entry("an environment with a letter beyond ASCII", "signkey-prød-1234"),
		Entry("a prefix in capitals", "SIGNKEY-prod-1234"),
		Entry("digits that are not hexadecimal", "signkey-prod-12345g78"),
		Entry("an odd number of digits", "signkey-prod-123"),
		Entry("a blank inside", "signkey-prod-12 34"),
		Entry("quotes around", `"signkey-prod-1234"`),
	)
})

var _ = Describe("A bearer", func() {
	It("is the prefix and the hash of the decoded rest, as in the example of SPEC 4.1.4", func() {
		Expect(key("signkey-prod-12345678").Bearer()).
			To(Equal("signkey-prod-b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c"))
	})
	It("has no prefix when the key has none", func() {
		Expect(key("12345678").Bearer()).To(Equal("b2ed992186a5cb19f6668aade821f502c1d00970dfd0e35128d51bac4649916c"))
	})
	It("hashes the decoded bytes, so capitals make no difference", func() {
		Expect(key("signkey-prod-ABCDEF").Bearer()).To(Equal(key("signkey-prod-abcdef").Bearer()))
	})
	It("does not contain the key", func() {
		Expect(keyA.Bearer()).NotTo(ContainSubstring(keyA.Secret()))
	})
	It("does not exist without a key", func() {
		Expect(noKey.Bearer()).To(BeEmpty())
	})
})

var _ = Describe("Printing a key", func() {
	DescribeTable("shows its kind and nothing else",
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
	It("says that there is none", func() {
		Expect(noKey.String()).To(Equal("(no key)"))
	})
})

var _ = Describe("A MAC", func() {
	It("covers the message and then t, with nothing between them", func() {
		Expect(keyA.MAC([]byte(`{"n":1`), "0}")).To(Equal(keyA.MAC([]byte(`{"n":10`), "}")), "the place of the cut is not covered")
		Expect(keyA.MAC([]byte("ab"), "12")).NotTo(Equal(keyA.MAC([]byte("12"), "ab")), "the order is")
	})
	It("has the text of the key for its key: capitals count", func() {
		Expect(key("ABCD").MAC(nil, "1")).NotTo(Equal(key("abcd").MAC(nil, "1")))
	})
	It("does not depend on the prefix", func() {
		Expect(key("signkey-prod-abcd").MAC(nil, "1")).To(Equal(key("signkey-test-abcd").MAC(nil, "1")))
	})

	DescribeTable("is what OpenSSL computes",
		func(secret, message, t string) {
			openssl, err := exec.LookPath("openssl")
			if err != nil {
				Skip("NOT CHECKED: there is no openssl on this machine, so no one but us computed these MACs")
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
		Entry("over t alone", "12345678", "", "1776340800"),
		Entry("over text beyond ASCII", "abcdef", `{"name":"größe 😀"}`, "1"),
		Entry("with a key of 64 digits", strings.Repeat("0f", 32), `[]`, "0"),
		Entry("with a key longer than the hash's block", strings.Repeat("0f", 64), `[]`, "0"),
	)
})
