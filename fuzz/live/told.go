package live

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/countersign-dev/countersign/suite"
)

// Sent is the request with tokens in the place of secrets.
func (m Message) Sent() suite.Request {
	r := suite.Request{Method: m.Method, Target: m.Target, Body: m.Body}
	for _, f := range m.Header {
		r.Header = append(r.Header, suite.Field{Name: f.Name, Value: f.Value})
	}
	return r
}

// Script sends the request with curl. A plain signature is made anew, for now,
// with the key in INNGEST_SIGNING_KEY; any other is beyond a script.
func (f Finding) Script(bodyFile string) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("#!/bin/sh")
	has := func(token string) bool {
		return slices.ContainsFunc(f.Request.Header, func(h HeaderField) bool { return strings.Contains(h.Value, token) })
	}
	switch {
	case f.Request.Signed:
		line("# INNGEST_SIGNING_KEY=... sh request.sh http://127.0.0.1:3000")
	case has(macToken):
		line("# To be read: its signature is not one that a script can make. `countersign replay` makes it anew.")
	default:
		line("# sh request.sh http://127.0.0.1:3000")
	}
	line("set -eu")
	line(`cd "$(dirname "$0")"`)
	line(`origin=${1:?"the origin of the endpoint, as http://127.0.0.1:3000"}`)
	if f.Request.Signed {
		line("secret=$(printf %%s \"${INNGEST_SIGNING_KEY:?}\" | sed 's/^signkey-[^-]*-//')")
		line("t=$(($(date +%%s) + %d))", f.Request.Ahead)
		line(`mac=$({ cat %s; printf %%s "$t"; } | openssl dgst -sha256 -mac HMAC -macopt "key:$secret" | sed 's/.*= *//')`, bodyFile)
	}
	fmt.Fprintf(&b, "curl --include --max-time 10 --path-as-is")
	if f.Request.Method == http.MethodHead {
		b.WriteString(" --head")
	} else {
		b.WriteString(" --request " + quoted(f.Request.Method))
	}
	named := map[string]bool{}
	for _, h := range f.Request.Header {
		named[strings.ToLower(h.Name)] = true
		switch {
		case h.Name == "Host" && !f.movesHost(): // it is the origin's
		case f.Request.Signed && strings.Contains(h.Value, macToken):
			b.WriteString(" \\\n  --header " + quoted(h.Name+": ") + `"t=$t&s=$mac"`)
		case h.Value == "":
			b.WriteString(" \\\n  --header " + quoted(h.Name+";"))
		default:
			b.WriteString(" \\\n  --header " + quoted(h.Name+": "+h.Value))
		}
	}
	for _, name := range []string{"Accept", "Content-Type", "User-Agent"} { // curl would add its own
		if !named[strings.ToLower(name)] {
			b.WriteString(" \\\n  --header " + quoted(name+":"))
		}
	}
	if len(f.Request.Body) > 0 {
		b.WriteString(" \\\n  --data-binary @" + bodyFile)
	}
	fmt.Fprintf(&b, " \\\n  \"$origin\"%s\n", quoted(f.Request.Target))
	return b.Bytes()
}

// movesHost: a step gave the request another Host.
func (f Finding) movesHost() bool {
	return slices.ContainsFunc(f.Exchange.Steps, func(s Step) bool { return strings.HasPrefix(strings.ToLower(fields[s.Form]), "host:") })
}

func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// Readme tells the finding.
func (f Finding) Readme() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s: %s\n\nTarget: %s. Level: %s.\n\n", f.Class, f.Exchange, f.Target, f.Level)
	fmt.Fprintf(&b, "Owed: %s.\nSeen: %s.\n\n", f.Why, f.What)
	if len(f.Kinds) > 0 {
		fmt.Fprintf(&b, "Also on: %s.\n\n", kindsOf(f.Kinds))
	}
	if len(f.Forms) > 0 {
		fmt.Fprintf(&b, "Also as: %s.\n\n", strings.Join(f.Forms, ", "))
	}
	fmt.Fprintf(&b, "The request without the deviation was answered %s, this one %s.\n\n", f.Honest.short(), f.Got.short())
	fmt.Fprintf(&b, "Drawn from seed %d, index %d, neighbour %d; shrunk since. See it again with `countersign replay FOLDER`.\n", f.Seed, f.Index, f.Neighbour)
	return b.Bytes()
}

func kindsOf(kinds []Kind) string {
	var words []string
	for _, k := range kinds {
		words = append(words, string(k))
	}
	return strings.Join(words, ", ")
}

func (r Response) short() string {
	switch {
	case r.NoAnswer != "":
		return "not at all"
	case r.Runs > 0:
		return fmt.Sprintf("with %d, and the function ran", r.Status)
	}
	return fmt.Sprintf("with %d", r.Status)
}
