package live

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Script sends the request with curl. A plain signature is made anew, for now,
// with the key in INNGEST_SIGNING_KEY; a script cannot make any other.
func (f Finding) Script(bodyFile string) []byte {
	var b bytes.Buffer
	b.WriteString("#!/bin/sh\n" + f.usage() + "set -eu\n" + `cd "$(dirname "$0")"` + "\n")
	b.WriteString(`origin=${1:?"the origin of the endpoint, as http://127.0.0.1:3000"}` + "\n")
	if f.Request.Signed {
		b.WriteString(`secret=$(printf %s "${INNGEST_SIGNING_KEY:?}" | sed 's/^signkey-[^-]*-//')` + "\n")
		fmt.Fprintf(&b, "t=$(($(date +%%s) + %d))\n", f.Request.Ahead)
		fmt.Fprintf(&b, `mac=$({ cat %s; printf %%s "$t"; } | openssl dgst -sha256 -mac HMAC -macopt "key:$secret" | sed 's/.*= *//')`+"\n", bodyFile)
	}
	b.WriteString("curl --include --max-time 10 --path-as-is")
	if f.Request.Method == http.MethodHead {
		b.WriteString(" --head")
	} else {
		b.WriteString(" --request " + quoted(f.Request.Method))
	}
	for _, option := range f.headerOptions() {
		b.WriteString(" \\\n  --header " + option)
	}
	if len(f.Request.Body) > 0 {
		b.WriteString(" \\\n  --data-binary @" + bodyFile)
	}
	fmt.Fprintf(&b, " \\\n  \"$origin\"%s\n", quoted(f.Request.Target))
	return b.Bytes()
}

// usage is the comment at the head of the script.
func (f Finding) usage() string {
	hasMAC := slices.ContainsFunc(f.Request.Header, func(h HeaderField) bool { return strings.Contains(h.Value, anyMAC) })
	switch {
	case f.Input.inState():
		return "# To be read only: this is one request of a sequence. `countersign replay` sends all of it.\n"
	case f.Request.Signed:
		return "# INNGEST_SIGNING_KEY=... sh request.sh http://127.0.0.1:3000\n"
	case hasMAC:
		return "# To be read only: a script cannot make its signature. `countersign replay` makes it anew.\n"
	}
	return "# sh request.sh http://127.0.0.1:3000\n"
}

// headerOptions are the values of curl's option --header.
func (f Finding) headerOptions() (options []string) {
	named := map[string]bool{}
	for _, h := range f.Request.Header {
		named[strings.ToLower(h.Name)] = true
		switch {
		case h.Name == "Host" && !f.movesHost(): // it is the origin's
		case f.Request.Signed && strings.Contains(h.Value, anyMAC):
			options = append(options, quoted(h.Name+": ")+`"t=$t&s=$mac"`)
		case h.Value == "":
			options = append(options, quoted(h.Name+";"))
		default:
			options = append(options, quoted(h.Name+": "+h.Value))
		}
	}
	for _, name := range []string{"Accept", "Content-Type", "User-Agent"} { // curl would add its own
		if !named[strings.ToLower(name)] {
			options = append(options, quoted(name+":"))
		}
	}
	return options
}

// movesHost: a step gave the request another Host.
func (f Finding) movesHost() bool {
	carries := func(d suite.Fields) bool { return d.Host != "" }
	moves := func(s Step) bool {
		return s.Op == "field" && strings.HasPrefix(strings.ToLower(fields[s.Form]), "host:")
	}
	return slices.ContainsFunc(f.Input.Steps, moves) || slices.ContainsFunc(f.Input.deviations(), carries)
}

func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// Readme describes the finding.
func (f Finding) Readme() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s: %s\n\nTarget: %s. Level: %s.\n\n", f.Class, f.Input, f.Target, f.Level)
	fmt.Fprintf(&b, "Required: %s.\nObserved: %s.\n\n", f.Requirement, f.Observed)
	if len(f.AlsoOn) > 0 {
		fmt.Fprintf(&b, "Also on: %s.\n\n", joined(f.AlsoOn))
	}
	if len(f.AlsoAs) > 0 {
		fmt.Fprintf(&b, "Also as: %s.\n\n", joined(f.AlsoAs))
	}
	fmt.Fprintf(&b, "The control, which is the request without the steps, got %s; this request got %s.\n\n", f.Control.brief(), f.Response.brief())
	b.WriteString(f.sequenceText())
	fmt.Fprintf(&b, "Drawn from seed %d, index %d, neighbour %d, and shrunk. Reproduce it with `countersign replay FOLDER`.\n", f.Seed, f.Index, f.Neighbour)
	return b.Bytes()
}

// SequenceFile is the name of the file with the n-th request of the sequence.
func SequenceFile(n int) string { return fmt.Sprintf("sequence-%d.http", n+1) }

// sequenceText lists what is sent besides the request.
func (f Finding) sequenceText() string {
	if !f.Input.inState() {
		return ""
	}
	var b strings.Builder
	b.WriteString("What is sent to the target each time")
	if f.Input.Cold {
		b.WriteString(", which is started for it and has received nothing yet")
	}
	b.WriteString(":\n\n")
	for n, x := range f.Sequence {
		when := x.When
		if x.Times > 1 {
			when += fmt.Sprintf(", %d times", x.Times)
		}
		fmt.Fprintf(&b, "%d. %s: %s (`%s`), which got %s\n", n+1, when, x.Sent, SequenceFile(n), x.Response.brief())
	}
	fmt.Fprintf(&b, "%d. then: %s (`request.http`)\n\n", len(f.Sequence)+1, f.Input.last())
	if f.Input.Beside != suite.Nobody {
		fmt.Fprintf(&b, "The last one is sent %s.\n\n", strings.TrimPrefix(string(f.Input.Beside), "sent "))
	}
	return b.String()
}

func joined[T ~string](list []T) string {
	var words []string
	for _, word := range list {
		words = append(words, string(word))
	}
	return strings.Join(words, ", ")
}

func (r RecordedResponse) brief() string {
	switch {
	case r.NoResponse != "":
		return "no response"
	case r.Runs > 0:
		return fmt.Sprintf("%d, and the function ran", r.Status)
	}
	return fmt.Sprint(r.Status)
}
