package reference_test

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/gowebpki/jcs"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

func canonical(text string) string {
	GinkgoHelper()
	bytes, err := reference.Canonicalise([]byte(text))
	Expect(err).NotTo(HaveOccurred(), "canonicalising %.80q", text)
	return string(bytes)
}

var _ = Describe("The canonical form", func() {
	It("is right for the example in RFC 8785, section 3.2.2", func() {
		const written = `{
		  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
		  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
		  "literals": [null, true, false]
		}`
		const want = `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
			`"string":"€$\u000f\nA'B\"\\\\\"/"}`
		Expect(canonical(written)).To(Equal(want))
	})

	It("sorts names by their UTF-16 code units, as in RFC 8785, section 3.2.3", func() {
		const written = `{"\u20ac":5, "\r":1, "\ufb33":7, "1":2, "\ud83d\ude00":6, "\u0080":3, "\u00f6":4}`
		Expect(canonical(written)).To(Equal("{\"\\r\":1,\"1\":2,\"\u0080\":3,\"ö\":4,\"€\":5,\"😀\":6,\"\ufb33\":7}"))
	})

	DescribeTable("of other texts",
		func(written, want string) { Expect(canonical(written)).To(Equal(want)) },
		Entry("drops white space", " \t\r\n{ \"a\" : [ 1 , 2 ] } \n", `{"a":[1,2]}`),
		Entry("sorts at every depth", `[{"b":{"d":1,"c":2},"a":3}]`, `[{"a":3,"b":{"c":2,"d":1}}]`),
		Entry("keeps the order of arrays", `[3,1,2]`, `[3,1,2]`),
		Entry("sorts a prefix before longer names, and the empty name first", `{"ab":1,"a":2,"":3}`, `{"":3,"a":2,"ab":1}`),
		Entry("does not escape for HTML", `"\u003c\u003e\u0026\u2028"`, "\"<>&\u2028\""),
		Entry("escapes only control characters", `"\u0000\u0008\u0009\u000a\u000b\u000c\u000d\u001F\u007f\/"`, `"\u0000\b\t\n\u000b\f\r\u001f`+"\x7f"+`/"`),
		Entry("does not normalise Unicode", `"e\u0301"`, "\"e\u0301\""),
		Entry("accepts a top-level scalar", " 1.0 ", "1"),
		Entry("rounds an integer that a double cannot represent", "9007199254740993", "9007199254740992"),
		Entry("writes every zero as 0", "[-0,0.0,-0e5,0e999]", "[0,0,0,0]"),
		Entry("rounds underflow to zero", "[1e-400,-2e-324]", "[0,0]"),
	)

	DescribeTable("does not exist",
		func(text string) {
			_, err := reference.Canonicalise([]byte(text))
			Expect(err).To(MatchError(reference.ErrNoCanonicalForm))
		},
		noForm(Entry),
	)

	It("is its own canonical form, and the argument is not modified", func() {
		argument := []byte(`{"b":1, "a":2}`)
		first, err := reference.Canonicalise(argument)
		Expect(err).NotTo(HaveOccurred())
		Expect(canonical(string(first))).To(Equal(string(first)))
		Expect(string(argument)).To(Equal(`{"b":1, "a":2}`))
	})

	It("exists for nesting up to the limit", func() {
		Expect(canonical(nested(reference.MaxDepth))).To(Equal(nested(reference.MaxDepth)))
		_, err := reference.Canonicalise([]byte(nested(reference.MaxDepth + 1)))
		Expect(err).To(MatchError(reference.ErrNoCanonicalForm))
		_, err = reference.Canonicalise([]byte(strings.Repeat(`{"a":`, reference.MaxDepth+1) + "1" + strings.Repeat("}", reference.MaxDepth+1)))
		Expect(err).To(MatchError(reference.ErrNoCanonicalForm))
	})
})

func noForm(entry func(any, ...any) TableEntry) (entries []TableEntry) {
	for _, i := range invalid {
		entries = append(entries, entry(i.why, i.text))
	}
	return entries
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// numbers is the table in RFC 8785, appendix B: the bits of a double and its
// canonical form.
var numbers = []struct {
	bits uint64
	want string
}{
	{0x0000000000000000, "0"},
	{0x8000000000000000, "0"},
	{0x0000000000000001, "5e-324"},
	{0x8000000000000001, "-5e-324"},
	{0x7fefffffffffffff, "1.7976931348623157e+308"},
	{0xffefffffffffffff, "-1.7976931348623157e+308"},
	{0x4340000000000000, "9007199254740992"},
	{0xc340000000000000, "-9007199254740992"},
	{0x4430000000000000, "295147905179352830000"},
	{0x44b52d02c7e14af5, "9.999999999999997e+22"},
	{0x44b52d02c7e14af6, "1e+23"},
	{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
	{0x444b1ae4d6e2ef4e, "999999999999999700000"},
	{0x444b1ae4d6e2ef4f, "999999999999999900000"},
	{0x444b1ae4d6e2ef50, "1e+21"},
	{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
	{0x3eb0c6f7a0b5ed8d, "0.000001"},
	{0x41b3de4355555553, "333333333.3333332"},
	{0x41b3de4355555554, "333333333.33333325"},
	{0x41b3de4355555555, "333333333.3333333"},
	{0x41b3de4355555556, "333333333.3333334"},
	{0x41b3de4355555557, "333333333.33333343"},
	{0xbecbf647612f3696, "-0.0000033333333333333333"},
	{0x43143ff3c1cb0959, "1424953923781206.2"},
}

var _ = Describe("A number", func() {
	for _, n := range numbers {
		value := math.Float64frombits(n.bits)
		It(fmt.Sprintf("with the bits %016x is %s in every notation", n.bits, n.want), func() {
			spellings := []string{
				n.want,
				strconv.FormatFloat(value, 'e', 800, 64), // every digit of the double
				strconv.FormatFloat(value, 'f', 1100, 64),                // the same without an exponent
				strings.ToUpper(strconv.FormatFloat(value, 'e', -1, 64)), // the shortest, with a capital E
				new(big.Float).SetFloat64(value).Text('g', 17),           // 17 digits, which are enough
				strconv.FormatFloat(value, 'e', 17, 64),                  // 18 digits
			}
			for _, spelling := range spellings {
				Expect(canonical(spelling)).To(Equal(n.want), spelling)
			}
		})
		It(fmt.Sprintf("%s parses to the bits %016x", n.want, n.bits), func() {
			back, err := strconv.ParseFloat(n.want, 64)
			Expect(err).NotTo(HaveOccurred())
			Expect(math.Float64bits(back) &^ signOfZero(back)).To(Equal(n.bits &^ signOfZero(back)))
		})
		It(fmt.Sprintf("%s is the same in jcs", n.want), func() {
			Expect(jcs.NumberToJSON(value)).To(Equal(n.want))
		})
	}
	It("that is NaN or infinite has no canonical form", func() {
		for _, bits := range []uint64{0x7fffffffffffffff, 0x7ff0000000000000, 0xfff0000000000000} {
			_, err := reference.Canonicalise([]byte(strconv.FormatFloat(math.Float64frombits(bits), 'g', -1, 64)))
			Expect(err).To(MatchError(reference.ErrNoCanonicalForm))
		}
	})
})

// signOfZero is the sign bit where value is zero, whose sign JCS drops.
func signOfZero(value float64) uint64 {
	if value == 0 {
		return 1 << 63
	}
	return 0
}
