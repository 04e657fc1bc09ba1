package reference_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

var (
	hex64 = strings.Repeat("0123456789abcdef", 4)
	good  = "t=1776340800&s=" + hex64
)

var _ = Describe("The signature header", func() {
	It("is written t, then s, as in SPEC 4.1.1", func() {
		Expect(reference.Signature{Time: now}.String()).To(Equal("t=1776340800&s=" + strings.Repeat("0", 64)))
	})
	It("round-trips", func() {
		s, err := reference.ParseSignature(good)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Time.Equal(now)).To(BeTrue())
		Expect(s.MAC[:8]).To(Equal([]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}))
		Expect(s.String()).To(Equal(good))
		Expect(s.T()).To(Equal("1776340800"))
	})
	It("may have s before t", func() {
		s, err := reference.ParseSignature("s=" + hex64 + "&t=1776340800")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.String()).To(Equal(good))
	})
	DescribeTable("has a first and a last time",
		func(t string, at time.Time) {
			s, err := reference.ParseSignature("t=" + t + "&s=" + hex64)
			Expect(err).NotTo(HaveOccurred())
			Expect(s.Time.Equal(at)).To(BeTrue())
			Expect(s.T()).To(Equal(t))
		},
		Entry("the first second", "0", time.Unix(0, 0)),
		Entry("the last second of the year 9999", "253402300799", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)),
	)

	DescribeTable("is refused with the rule that it breaks",
		func(value string, rule reference.Rule) {
			s, err := reference.ParseSignature(value)
			Expect(err).To(Equal(&reference.HeaderError{rule}))
			Expect(err).To(MatchError(And(ContainSubstring(reference.HeaderSignature), ContainSubstring(string(rule)))))
			Expect(err.Error()).NotTo(ContainSubstring("1776340800"), "the message contains the value")
			Expect(s).To(Equal(reference.Signature{}))
		},
		Entry("an empty value", "", reference.RuleEmpty),

		Entry("another parameter", good+"&v=1", reference.RuleParameter),
		Entry("a parameter without a name", "&"+good, reference.RuleParameter),
		Entry("a trailing ampersand", good+"&", reference.RuleParameter),
		Entry("a question mark", "?"+good, reference.RuleParameter),
		Entry("a leading space", " "+good, reference.RuleParameter),
		Entry("T in upper case", strings.Replace(good, "t=", "T=", 1), reference.RuleParameter),
		Entry("a percent-encoded name", strings.Replace(good, "t=", "%74=", 1), reference.RuleParameter),
		Entry("a space before the equals sign", strings.Replace(good, "t=", "t =", 1), reference.RuleParameter),

		Entry("t twice", good+"&t=1776340800", reference.RuleDuplicate),
		Entry("s twice", good+"&s="+hex64, reference.RuleDuplicate),
		Entry("an empty t before the real one", "t=&"+good, reference.RuleDuplicate),
		Entry("two headers joined with a comma", good+", "+good, reference.RuleDuplicate),
		Entry("two headers joined with an ampersand", good+"&"+good, reference.RuleDuplicate),

		Entry("no t", "s="+hex64, reference.RuleTMissing),
		Entry("an empty t", "t=&s="+hex64, reference.RuleTMissing),
		Entry("t without a value", "t&s="+hex64, reference.RuleTMissing),

		Entry("a plus sign", "t=+1776340800&s="+hex64, reference.RuleTDecimal),
		Entry("a minus sign", "t=-1776340800&s="+hex64, reference.RuleTDecimal),
		Entry("a leading zero", "t=01776340800&s="+hex64, reference.RuleTDecimal),
		Entry("zero twice", "t=00&s="+hex64, reference.RuleTDecimal),
		Entry("a fraction", "t=1776340800.0&s="+hex64, reference.RuleTDecimal),
		Entry("an exponent", "t=17763408e2&s="+hex64, reference.RuleTDecimal),
		Entry("hexadecimal", "t=0x69e0d040&s="+hex64, reference.RuleTDecimal),
		Entry("digit groups", "t=1_776_340_800&s="+hex64, reference.RuleTDecimal),
		Entry("a space after the number", "t=1776340800 &s="+hex64, reference.RuleTDecimal),
		Entry("text after the number", "t=1776340800abc&s="+hex64, reference.RuleTDecimal),
		Entry("a percent-encoded digit", "t=%31776340800&s="+hex64, reference.RuleTDecimal),
		Entry("digits of another script", "t=١٧٧٦٣٤٠٨٠٠&s="+hex64, reference.RuleTDecimal),
		Entry("two equals signs", "t==1776340800&s="+hex64, reference.RuleTDecimal),
		Entry("a semicolon for the ampersand", "t=1776340800;s="+hex64, reference.RuleTDecimal),
		Entry("a comma for the ampersand", "t=1776340800,s="+hex64, reference.RuleTDecimal),

		Entry("the year 10000", "t=253402300800&s="+hex64, reference.RuleTRange),
		Entry("milliseconds", "t=1776340800000&s="+hex64, reference.RuleTRange),
		Entry("a number of more than 64 bits", "t=18446744073709551616&s="+hex64, reference.RuleTRange),

		Entry("no s", "t=1776340800", reference.RuleSMissing),
		Entry("an empty s", "t=1776340800&s=", reference.RuleSMissing),
		Entry("s without a value", "t=1776340800&s", reference.RuleSMissing),

		Entry("upper case", "t=1776340800&s="+strings.ToUpper(hex64), reference.RuleSHex),
		Entry("one upper-case digit", "t=1776340800&s="+strings.Replace(hex64, "a", "A", 1), reference.RuleSHex),
		Entry("63 digits", "t=1776340800&s="+hex64[1:], reference.RuleSHex),
		Entry("65 digits", "t=1776340800&s=0"+hex64, reference.RuleSHex),
		Entry("66 digits", "t=1776340800&s=00"+hex64, reference.RuleSHex),
		Entry("a letter that is not a digit", "t=1776340800&s=g"+hex64[1:], reference.RuleSHex),
		Entry("a 0x prefix", "t=1776340800&s=0x"+hex64[2:], reference.RuleSHex),
		Entry("a trailing space", "t=1776340800&s="+hex64[1:]+" ", reference.RuleSHex),
		Entry("64 bytes that are fewer characters", "t=1776340800&s="+strings.Repeat("é", 32), reference.RuleSHex),
	)

	It("must appear once: two are refused even where they are equal", func() {
		_, _, err := reference.ParseHeaders([]string{good, good})
		Expect(err).To(Equal(&reference.HeaderError{reference.RuleOnce}))
	})
	It("is required", func() {
		_, _, err := reference.ParseHeaders(nil)
		Expect(err).To(MatchError(reference.ErrUnsigned))
	})
	It("may not be empty", func() {
		_, _, err := reference.ParseHeaders([]string{""})
		Expect(err).To(Equal(&reference.HeaderError{reference.RuleEmpty}))
	})
	It("is parsed together with the text of t that the MAC covers", func() {
		s, t, err := reference.ParseHeaders([]string{good})
		Expect(err).NotTo(HaveOccurred())
		Expect(t).To(Equal("1776340800"))
		Expect(s.String()).To(Equal(good))
	})
})
