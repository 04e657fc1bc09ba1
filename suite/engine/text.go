package engine

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/countersign-dev/countersign/suite"
)

// Text formats the result for the output of a test: what was required, sent,
// expected and observed, and the exchange. If the case could not be judged, the
// exchanges of its controls are shown, too. reproduce is the command that runs the
// case again.
func (r Result) Text(reproduce string) string {
	judged := r.Verdict != Inconclusive && r.Verdict != Error && r.Verdict != Blocked
	impact := ""
	if judged {
		impact = r.Why()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s  %s, %s\n", strings.ToUpper(string(r.Verdict)), r.Case.ID, r.Case.Level, cmp.Or(r.Risk, r.Case.Risk))
	for _, paragraph := range [][2]string{
		{"requirement", r.Case.Title},
		{"clause", r.Case.Clause.String() + ": " + r.Case.Clause.Text()},
		{"set-up", r.Case.Given.String()},
		{"sent", cmp.Or(r.Sent, suite.Describe(r.Case.When))},
		{"expected", r.Expected},
		{"observed", r.Observed},
		{"note", r.Note},
		{"impact", impact},
		{"reproduce", reproduce},
	} {
		if paragraph[1] != "" {
			fmt.Fprintf(&b, "    %-12s %s\n", paragraph[0], indented(paragraph[1], 17))
		}
	}
	for _, step := range r.Steps {
		if !judged || step.Part == theRequest {
			fmt.Fprintf(&b, "    %s:\n        %s\n", step.Part, indented(step.Exchange.Text(), 8))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// Why explains the effect of a failure, see [suite.Case.Why].
func (r Result) Why() string {
	c := r.Case
	c.Risk = cmp.Or(r.Risk, c.Risk)
	return c.Why()
}

// indented indents every line of a text but the first.
func indented(text string, spaces int) string {
	return strings.ReplaceAll(strings.TrimSpace(printable(text)), "\n", "\n"+strings.Repeat(" ", spaces))
}

// Text is the request, the requests to the API meanwhile, and the response, in
// lines that begin with >, | and <. Long bodies are truncated.
func (x *Exchange) Text() string {
	var b strings.Builder
	sent := x.Sent()
	fmt.Fprintf(&b, "> %s %s\n", sent.Method, sent.Target)
	for _, field := range sent.Header {
		fmt.Fprintf(&b, "> %s: %s\n", field.Name, field.Value)
	}
	writeBody(&b, "> ", sent.Body)
	for _, a := range x.APIRequests {
		fmt.Fprintf(&b, "| the API received %s %s with the bearer %q and responded with %d\n", a.Method, a.Path, a.Bearer, a.Status)
	}
	if x.NoResponse != "" {
		fmt.Fprintf(&b, "< no response: %s\n", x.NoResponse)
		return b.String()
	}
	fmt.Fprintf(&b, "< %d %s\n", x.Response.Status, http.StatusText(x.Response.Status))
	for _, name := range slices.Sorted(maps.Keys(x.Response.Header)) {
		for _, value := range x.Response.Header[name] {
			fmt.Fprintf(&b, "< %s: %s\n", name, value)
		}
	}
	writeBody(&b, "< ", x.Response.Body)
	return b.String()
}

func writeBody(b *strings.Builder, mark string, body []byte) {
	if len(body) == 0 {
		return
	}
	const shown = 1 << 10
	text, cut := string(body), ""
	if len(text) > shown {
		text, cut = strings.ToValidUTF8(text[:shown], ""), fmt.Sprintf(" … (%d bytes)", len(body))
	}
	if !utf8.ValidString(text) {
		text = strconv.Quote(text)
	}
	b.WriteString(mark + "\n")
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n")+cut, "\n") {
		b.WriteString(mark + line + "\n")
	}
}

// printable escapes characters that are not printable.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
	}
	return b.String()
}
