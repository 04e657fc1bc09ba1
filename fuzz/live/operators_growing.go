package live

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/countersign-dev/countersign/reference"
	"github.com/countersign-dev/countersign/suite"
)

// growingOperators let one dimension grow; N is its size.
var growingOperators = map[string]operator{
	"grow": {
		forms: []string{"text", "depth", "members", "list", "number", "escapes", "parameters", "fields", "query"},
		signs: 5, size: drawSize, destructive: yes, apply: grow,
	},
}

func drawSize(random *rand.Rand, _ string) int64 {
	if random.IntN(8) == 0 {
		return 1 << (13 + random.IntN(5))
	}
	return 1 << random.IntN(13)
}

func grow(d *draft, s Step) {
	n := int(min(max(s.N, 1), 1<<20))
	value := map[string]func() string{
		"text": func() string { return `"` + strings.Repeat("0123456789abcdef", n/16+1) + `"` }, "number": func() string { return strings.Repeat("1", min(n, 300)) },
		"depth": func() string { return strings.Repeat("[", min(n, 500)) + strings.Repeat("]", min(n, 500)) },
		"members": func() string {
			return "{" + listed(n/8+1, func(i int) string { return fmt.Sprintf(`"m%d":%d`, i, i) }) + "}"
		},
		"list":    func() string { return "[" + listed(n/2+1, func(int) string { return "0" }) + "]" },
		"escapes": func() string { return `"` + strings.Repeat(`\u00e9`, n/6+1) + `"` },
	}[s.Form]
	switch {
	case value != nil:
		d.seal(s.Signed || d.method == http.MethodGet)
		d.valid = d.valid && s.Signed && (d.base == Call || d.base == Probe) && s.Form != "escapes"
		d.body = grown(d.body, value())
	case s.Form == "parameters":
		d.valid = false
		d.header.value += strings.Repeat("&a=1", min(n, 2000))
	case s.Form == "fields":
		d.valid = d.valid && n <= 32
		for i := range min(n, 90) {
			d.fields = append(d.fields, suite.Field{Name: fmt.Sprintf("X-Extra-%d", i), Value: "1"})
		}
	case s.Form == "query":
		d.valid = false
		d.query = strings.Trim(d.query+"&x="+strings.Repeat("x", min(n, 8000)), "&")
	}
}

func listed(n int, item func(int) string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = item(i)
	}
	return strings.Join(items, ",")
}

// grown adds a member to the first object of a body, which stays canonical if it was.
func grown(body []byte, value string) []byte {
	text := string(body)
	switch {
	case strings.Contains(text, `"pad":"a"`):
		text = strings.Replace(text, `"pad":"a"`, `"pad":"a","padding":`+value, 1)
	case text == "{}":
		text = `{"padding":` + value + `}`
	case strings.HasSuffix(text, "}"):
		text = strings.TrimSuffix(text, "}") + `,"~":` + value + "}"
	}
	if d, err := reference.Canonicalise([]byte(text)); err == nil {
		return d
	}
	return []byte(text)
}
