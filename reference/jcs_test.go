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

// The independent library is github.com/gowebpki/jcs v1.0.2. Where the two
// differ is said by a test of its own; there is one such place.
var _ = Describe("The canonical form and jcs", func() {
	const shards, perShard = 4, 26_000

	It("agree on more than 100 000 generated documents, and on a quarter as many spoiled ones", func() {
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
		Expect(sum.refused).To(BeNumerically(">=", 15_000), "too few of the spoiled documents were spoiled")
	})

	for _, i := range invalid {
		It("agree that there is none "+i.why, func() {
			_, err := jcs.Transform([]byte(i.text))
			Expect(err).To(HaveOccurred())
		})
	}

	DescribeTable("differ on nesting: jcs goes to 10 000, we stop at 1000",
		func(depth int, ours, theirs bool) {
			_, err := reference.Canonicalise([]byte(nested(depth)))
			Expect(err == nil).To(Equal(ours))
			_, err = jcs.Transform([]byte(nested(depth)))
			Expect(err == nil).To(Equal(theirs))
		},
		Entry("our limit", 1000, true, true),
		Entry("one deeper than our limit", 1001, false, true),
		Entry("their limit", 10_000, false, true),
		Entry("one deeper than their limit", 10_001, false, false),
	)
})

// agreement is what comparing many documents came to.
type agreement struct {
	accepted, refused int
	differs           string // the first difference
}

func compare(seed uint64, documents int) (a agreement) {
	g := newGenerator(seed)
	for i := range documents {
		texts := [][]byte{g.document()}
		if i%4 == 0 {
			texts = append(texts, g.spoil(texts[0]))
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

// invalid are texts without a canonical form, and why.
var invalid = []struct{ why, text string }{
	{"for nothing", ""},
	{"for white space", " \n"},
	{"for a name twice", `{"a":1,"a":1}`},
	{"for a name twice in two spellings", `{"a":1,"\u0061":2}`},
	{"for a name twice, deep inside", `[{"x":{"a":1,"b":2,"a":3}}]`},
	{"for the empty name twice", `{"":1,"":2}`},
	{"for a lone high surrogate", `"\ud800"`},
	{"for a lone low surrogate", `"\udc00"`},
	{"for two high surrogates", `"\ud800\ud800"`},
	{"for surrogates the wrong way round", `"\udc00\ud800"`},
	{"for a high surrogate before a letter", `"\ud800a"`},
	{"for a lone surrogate in a name", `{"\ud800":1}`},
	{"for a byte that is no UTF-8", "\"\xff\""},
	{"for a truncated character", "\"\xe2\x82\""},
	{"for an overlong character", "\"\xc0\x80\""},
	{"for a surrogate in UTF-8", "\"\xed\xa0\x80\""},
	{"for a character beyond Unicode", "\"\xf4\x90\x80\x80\""},
	{"for a number beyond double", "1e309"},
	{"for a negative number beyond double", "[-1e309]"},
	{"for a number just beyond double", "1.7976931348623159e308"},
	{"for a number of 400 digits", strings.Repeat("9", 400)},
	{"for a second value", "{} {}"},
	{"for text behind the value", "{}x"},
	{"for a zero byte behind the value", "{}\x00"},
	{"for a byte order mark", "\ufeff{}"},
	{"for a byte order mark behind", "{}\ufeff"},
	{"for a form feed", "\f{}"},
	{"for a no-break space", "\u00a0{}"},
	{"for a leading zero", "01"},
	{"for a plus sign", "+1"},
	{"for a point without digits before", ".5"},
	{"for a point without digits behind", "[5.]"},
	{"for an exponent without digits", "[5e]"},
	{"for a lone minus sign", "-"},
	{"for hexadecimal", "0x10"},
	{"for digit groups", "1_000"},
	{"for not a number", "NaN"},
	{"for infinity", "-Infinity"},
	{"for a literal in capitals", "True"},
	{"for a blank in a literal", "tr ue"},
	{"for a comma at the end of an array", "[1,]"},
	{"for a comma at the end of an object", `{"a":1,}`},
	{"for a comma at the start", "[,1]"},
	{"for a missing comma", "[1 2]"},
	{"for a missing colon", `{"a" 1}`},
	{"for a name without quotes", "{a:1}"},
	{"for a number as a name", "{1:1}"},
	{"for single quotes", "'a'"},
	{"for a comment", "1 // one"},
	{"for a raw newline in a string", "\"a\nb\""},
	{"for a raw zero byte in a string", "\"a\x00b\""},
	{"for an unknown escape", `"\x41"`},
	{"for an escape in capitals", `"\U0041"`},
	{"for an escape with a letter that is no digit", `"\u00g0"`},
	{"for an escape with a sign", `"\u+041"`},
	{"for an unfinished string", `"a`},
	{"for an unfinished array", "[1"},
	{"for an unfinished object", `{"a":1`},
	{"for the wrong bracket", "[1}"},
}
