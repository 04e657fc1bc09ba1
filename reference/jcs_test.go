package reference_test

import (
	"fmt"
	"strings"
	"sync"

	"github.com/gowebpki/jcs"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/countersign-dev/countersign/reference"
)

// The independent library is github.com/gowebpki/jcs v1.0.2. The two differ in
// one point only, which has a test of its own.
var _ = Describe("The canonical form and jcs", func() {
	const shards, perShard = 4, 26_000

	It("agree on more than 100 000 generated documents, and on a quarter as many corrupted ones", func() {
		var shardsDone sync.WaitGroup
		counts := make([]agreement, shards)
		for shard := range shards {
			shardsDone.Go(func() { counts[shard] = compare(uint64(shard), perShard) })
		}
		shardsDone.Wait()
		var sum agreement
		for _, c := range counts {
			Expect(c.differs).To(BeEmpty())
			sum.accepted, sum.refused = sum.accepted+c.accepted, sum.refused+c.refused
		}
		Expect(sum.accepted).To(BeNumerically(">=", 100_000))
		Expect(sum.refused).To(BeNumerically(">=", 15_000), "too few of the corrupted documents are invalid")
	})

	for _, i := range invalid {
		It("agree that there is none "+i.why, func() {
			_, err := jcs.Transform([]byte(i.text))
			Expect(err).To(HaveOccurred())
		})
	}

	DescribeTable("differ in the nesting that they allow: 1000 levels here, 10 000 in jcs",
		func(depth int, ours, theirs bool) {
			_, err := reference.Canonicalise([]byte(nested(depth)))
			Expect(err == nil).To(Equal(ours))
			_, err = jcs.Transform([]byte(nested(depth)))
			Expect(err == nil).To(Equal(theirs))
		},
		Entry("1000", 1000, true, true),
		Entry("1001", 1001, false, true),
		Entry("10 000", 10_000, false, true),
		Entry("10 001", 10_001, false, false),
	)
})

// agreement is the result of comparing many documents.
type agreement struct {
	accepted, refused int
	differs           string // the first difference
}

func compare(seed uint64, documents int) (a agreement) {
	g := newGenerator(seed)
	for i := range documents {
		texts := [][]byte{g.document()}
		if i%4 == 0 {
			texts = append(texts, g.corrupt(texts[0]))
		}
		for _, text := range texts {
			ours, err := reference.Canonicalise(text)
			theirs, theirErr := jcs.Transform(text)
			switch {
			case (err == nil) != (theirErr == nil) || string(ours) != string(theirs):
				a.differs = fmt.Sprintf("%q: ours %q, %v; theirs %q, %v", text, ours, err, theirs, theirErr)
				return a
			case err == nil:
				a.accepted++
			default:
				a.refused++
			}
		}
	}
	return a
}

// invalid lists texts without a canonical form, and why they have none.
var invalid = []struct{ why, text string }{
	{"for an empty text", ""},
	{"for white space", " \n"},
	{"for a duplicate name", `{"a":1,"a":1}`},
	{"for a duplicate name, escaped differently", `{"a":1,"\u0061":2}`},
	{"for a duplicate name in a nested object", `[{"x":{"a":1,"b":2,"a":3}}]`},
	{"for a duplicate empty name", `{"":1,"":2}`},
	{"for a lone high surrogate", `"\ud800"`},
	{"for a lone low surrogate", `"\udc00"`},
	{"for two high surrogates", `"\ud800\ud800"`},
	{"for a low surrogate before a high one", `"\udc00\ud800"`},
	{"for a high surrogate before a letter", `"\ud800a"`},
	{"for a lone surrogate in a name", `{"\ud800":1}`},
	{"for a byte that is not UTF-8", "\"\xff\""},
	{"for a truncated character", "\"\xe2\x82\""},
	{"for an overlong encoding", "\"\xc0\x80\""},
	{"for a surrogate in UTF-8", "\"\xed\xa0\x80\""},
	{"for a character beyond Unicode", "\"\xf4\x90\x80\x80\""},
	{"for a number that overflows a double", "1e309"},
	{"for a negative number that overflows a double", "[-1e309]"},
	{"for a number that just overflows a double", "1.7976931348623159e308"},
	{"for a number of 400 digits", strings.Repeat("9", 400)},
	{"for a second value", "{} {}"},
	{"for text after the value", "{}x"},
	{"for a NUL byte after the value", "{}\x00"},
	{"for a byte order mark", "\ufeff{}"},
	{"for a byte order mark after the value", "{}\ufeff"},
	{"for a form feed", "\f{}"},
	{"for a no-break space", "\u00a0{}"},
	{"for a leading zero", "01"},
	{"for a plus sign", "+1"},
	{"for a decimal point without digits before it", ".5"},
	{"for a decimal point without digits after it", "[5.]"},
	{"for an exponent without digits", "[5e]"},
	{"for a lone minus sign", "-"},
	{"for hexadecimal", "0x10"},
	{"for digit groups", "1_000"},
	{"for not a number", "NaN"},
	{"for infinity", "-Infinity"},
	{"for a capitalised literal", "True"},
	{"for a space in a literal", "tr ue"},
	{"for a trailing comma in an array", "[1,]"},
	{"for a trailing comma in an object", `{"a":1,}`},
	{"for a leading comma", "[,1]"},
	{"for a missing comma", "[1 2]"},
	{"for a missing colon", `{"a" 1}`},
	{"for a name without quotes", "{a:1}"},
	{"for a number as a name", "{1:1}"},
	{"for single quotes", "'a'"},
	{"for a comment", "1 // one"},
	{"for a raw newline in a string", "\"a\nb\""},
	{"for a raw NUL byte in a string", "\"a\x00b\""},
	{"for an unknown escape", `"\x41"`},
	{"for an escape with a capital U", `"\U0041"`},
	{"for an escape with a non-hexadecimal digit", `"\u00g0"`},
	{"for an escape with a sign", `"\u+041"`},
	{"for an unfinished string", `"a`},
	{"for an unfinished array", "[1"},
	{"for an unfinished object", `{"a":1`},
	{"for the wrong bracket", "[1}"},
}
